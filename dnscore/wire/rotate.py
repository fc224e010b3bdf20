"""Responses whose addresses take turns at the first place, without being built again.

The address records of one answer have equal sizes and nothing points into them, so a turned
answer is a window on the block of records written twice. Clients that take the first address
then spread over all of them, as they expect of cluster DNS (RFC 1794 section 2).
"""

from __future__ import annotations


class Rotation:
    """A response (behind its ID) with a block of `count` equal-sized records that may turn.

    `shown` of the records are in the response, less than `count` where it is truncated.
    """

    __slots__ = ("_block", "_count", "_head", "_size", "_stride", "_tail", "_turn")

    def __init__(
        self, head: bytes, block: bytes, tail: bytes, *, count: int, shown: int, turn: int = 0
    ) -> None:
        """`turn` is the record that comes first in the first answer."""
        self._head = head
        self._block = block + block
        self._tail = tail
        self._count = count
        self._stride = len(block) // count
        self._size = self._stride * shown
        self._turn = turn

    @classmethod
    def still(cls, response: bytes) -> Rotation:
        """A response (behind its ID) that has nothing to turn."""
        return cls(response, b"", b"", count=1, shown=0)

    # HOT: once per answer with several addresses.
    def next(self) -> bytes:
        """The response with the next address first."""
        turn = self._turn
        self._turn = turn + 1 if turn + 1 < self._count else 0
        start = turn * self._stride
        return self._head + self._block[start : start + self._size] + self._tail

    @property
    def size(self) -> int:
        """Octets held, for whoever bounds memory."""
        return len(self._head) + len(self._block) + len(self._tail)
