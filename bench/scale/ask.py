"""Many questions to one server at once, and what it answers, record by record.

UDP with a window of questions under way; a question without an answer is asked again and counted,
one whose answer is truncated goes over TCP (RFC 7766 5).
RFC 1035 4.1 for the layout; names in record data are left as they are in the packet.
"""

from __future__ import annotations

import socket
import time
from collections.abc import Iterable
from dataclasses import dataclass, field
from struct import Struct, error

from dnscore.wire import names
from dnscore.wire.const import HEADER_SIZE, IN, NOERROR, RCODE_MASK, A

WINDOW = 32
"""Questions under way: their answers fit into the socket's buffer."""
TIMEOUT_S = 1.0
TRIES = 3
_HEADER = Struct("!HHHHHH")
_FIXED = Struct("!HHIH")
_WORD = Struct("!H")
# RFC 6891 6.1.2: room for 4,096 octets, so that 200 addresses fit.
_OPT = b"\x00\x00\x29\x10\x00\x00\x00\x00\x00\x00\x00"


@dataclass(frozen=True, slots=True)
class Answer:
    """What a response says."""

    rcode: int
    truncated: bool
    data: tuple[bytes, ...]
    """Record data of the answer section, in the order of the packet."""


@dataclass(slots=True)
class Found:
    """What came of many questions."""

    answers: dict[bytes, Answer] = field(default_factory=dict)
    """By question: name, type and class as in the packet."""
    lost: int = 0
    """Datagrams that were not answered in time."""


def question(name: str, rtype: int = A) -> bytes:
    """A question of class IN as it stands in a packet."""
    return names.from_text(name) + _WORD.pack(rtype) + _WORD.pack(IN)


def packet(number: int, asked: bytes) -> bytes:
    """A query with an ID."""
    return _HEADER.pack(number, 0x0100, 1, 0, 0, 1) + asked + _OPT


def read_answer(wire: bytes, asked: bytes) -> Answer:
    """A response to `asked`. Raises WireError, IndexError or struct.error when it is broken."""
    _, flags, _, count, _, _ = _HEADER.unpack_from(wire)
    at = HEADER_SIZE + len(asked)
    data = []
    for _ in range(count):
        at = names.skip(wire, at)
        *_, size = _FIXED.unpack_from(wire, at)
        at += _FIXED.size
        data.append(wire[at : at + size])
        at += size
    return Answer(flags & RCODE_MASK, bool(flags & 0x0200), tuple(data))


class Asker:
    """A client socket; a context manager."""

    def __init__(self, port: int, *, host: str = "127.0.0.1") -> None:
        self._socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1 << 20)
        self._socket.connect((host, port))
        self._stream: socket.socket | None = None
        self._number = 0

    def __enter__(self) -> Asker:
        return self

    def __exit__(self, *_error: object) -> None:
        self._socket.close()
        if self._stream is not None:
            self._stream.close()

    def ask(self, asked: bytes, *, timeout_s: float = TIMEOUT_S) -> Answer | None:
        """One question, once; None when nothing came."""
        number = self._next_number()
        deadline = time.monotonic() + timeout_s
        try:
            self._socket.send(packet(number, asked))
            while (left := deadline - time.monotonic()) > 0:
                self._socket.settimeout(left)
                wire = self._socket.recv(65535)
                if wire[:2] == _WORD.pack(number):
                    return read_answer(wire, asked)
        except OSError:
            pass
        return None

    def ask_all(self, questions: Iterable[bytes]) -> Found:
        """Every question until it is answered, TRIES times at most."""
        found = Found()
        waiting: dict[int, tuple[bytes, int]] = {}
        for asked in questions:
            while len(waiting) >= WINDOW:
                self._collect(waiting, found)
            self._send(asked, 1, waiting)
        while waiting:
            self._collect(waiting, found)
        for asked, answer in found.answers.items():
            if answer.truncated:
                self._ask_stream(asked, found)
        return found

    def _ask_stream(self, asked: bytes, found: Found) -> None:
        """Over one connection for all, opened anew when it has been closed."""
        for _ in range(TRIES):
            try:
                if self._stream is None:
                    self._stream = socket.create_connection(
                        self._socket.getpeername(), timeout=TIMEOUT_S
                    )
                query = packet(self._next_number(), asked)
                self._stream.sendall(_WORD.pack(len(query)) + query)
                with self._stream.makefile("rb") as stream:
                    size = _WORD.unpack(stream.read(2))[0]
                    found.answers[asked] = read_answer(stream.read(size), asked)
                return
            except (OSError, error):
                if self._stream is not None:
                    self._stream.close()
                self._stream = None
        found.lost += 1

    def _send(self, asked: bytes, tries: int, waiting: dict[int, tuple[bytes, int]]) -> None:
        number = self._next_number()
        waiting[number] = asked, tries
        self._socket.send(packet(number, asked))

    def _collect(self, waiting: dict[int, tuple[bytes, int]], found: Found) -> None:
        self._socket.settimeout(TIMEOUT_S)
        try:
            wire = self._socket.recv(65535)
        except TimeoutError:
            overdue = list(waiting.values())
            waiting.clear()
            found.lost += len(overdue)
            for asked, tries in overdue:
                if tries < TRIES:
                    self._send(asked, tries + 1, waiting)
            return
        asked, _ = waiting.pop(_WORD.unpack_from(wire)[0], (b"", 0))
        if asked:
            found.answers[asked] = read_answer(wire, asked)

    def _next_number(self) -> int:
        self._number = (self._number + 1) & 0xFFFF
        return self._number


def wrong(found: Found, expected: dict[bytes, frozenset[bytes]]) -> list[bytes]:
    """The questions whose answer is missing or has other addresses than expected."""
    return [
        asked
        for asked, addresses in expected.items()
        if (answer := found.answers.get(asked)) is None
        or answer.rcode != NOERROR
        or answer.truncated
        or frozenset(answer.data) != addresses
    ]
