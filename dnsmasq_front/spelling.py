"""Letter case as a secret: 0x20, so that a forger must guess the spelling of a question too.

Servers repeat the question octet by octet (RFC 1035 4.1.1 and common practice), so each letter
of the name adds a bit to the port and the ID (draft-vixie-dnsext-dns0x20). Pure.
"""

from __future__ import annotations

from collections.abc import Callable

RandomBytes = Callable[[int], bytes]
"""So many unpredictable octets."""

_CASE_BIT = bytes(0x20 if chr(c).isascii() and chr(c).isalpha() else 0 for c in range(256))
_BEFORE_QUESTION = 10  # Flags and counts: a query behind its ID.


class Spelling:
    """The spellings of one question in its query.

    Octets that give the length of a label are below 64 and so never letters.
    """

    __slots__ = (
        "_before",
        "_behind",
        "_letters",
        "_name",
        "_size",
        "_start_before",
        "_start_behind",
        "_type_class",
    )

    def __init__(self, query: bytes, question: bytes, plain_start: bytes) -> None:
        """`query` is behind its ID and has the question, as has the start of a plain answer."""
        name = question[:-4]
        self._size = len(name)
        self._name = int.from_bytes(name, "big")
        self._letters = int.from_bytes(name.translate(_CASE_BIT), "big")
        self._type_class = question[-4:]
        self._before = query[:_BEFORE_QUESTION]
        self._behind = query[_BEFORE_QUESTION + len(question) :]
        self._start_before, _, self._start_behind = plain_start.partition(question)

    # HOT: once per question to a server off this machine.
    def draw(self, random_bytes: RandomBytes) -> tuple[bytes, bytes, bytes]:
        """The question with the case of each letter of its name drawn by lot, its query, and the
        start of a plain answer to it (see plain_start)."""
        size = self._size
        drawn = int.from_bytes(random_bytes(size), "big") & self._letters
        question = (self._name ^ drawn).to_bytes(size, "big") + self._type_class
        return (
            question,
            self._before + question + self._behind,
            self._start_before + question + self._start_behind,
        )


def repeats(wire: bytes, question: bytes) -> bool:
    """Whether a response has the question octet by octet."""
    return wire[12 : 12 + len(question)] == question
