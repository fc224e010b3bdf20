"""Asking at a fixed rate from one socket, and what became of it."""

from __future__ import annotations

import select
import socket
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field

from bench.latency import quantile
from dnscore.wire.names import from_text

HOST = "127.0.0.1"
WAIT_S = 6.0
"""When a question counts as lost."""
_HEADER = b"\x01\x00\x00\x01\x00\x00\x00\x00\x00\x00"
_A_IN = b"\x00\x01\x00\x01"
Tick = Callable[[], None]


@dataclass(slots=True)
class Answered:
    """What became of questions: when each was sent (seconds), how long it took, its name."""

    times: list[tuple[float, float, str]] = field(default_factory=list)
    failed: int = 0

    def between(self, since: float, until: float) -> list[float]:
        """The waits of those sent in a span of time, sorted."""
        return sorted(took for sent, took, _ in self.times if since <= sent < until)


def quantile_ms(sorted_waits: Sequence[float], share: float) -> float:
    """A quantile in milliseconds; 0 of nothing."""
    return quantile(sorted_waits, share) * 1000 if sorted_waits else 0.0


class Client:
    """Asks at a fixed rate from one socket, and notes what comes."""

    def __init__(self, port: int) -> None:
        self._sock = socket.socket(socket.AF_INET, socket.SOCK_DGRAM | socket.SOCK_NONBLOCK)
        self._sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1 << 22)
        self._sock.connect((HOST, port))
        self._sent: dict[int, tuple[float, str]] = {}
        self._number = 0
        self.answered = Answered()

    def ask(self, name: str) -> None:
        """Ask for an address; at most 65,536 may be on their way."""
        self._number = (self._number + 1) & 0xFFFF
        self._sent[self._number] = time.monotonic(), name
        self._sock.send(self._number.to_bytes(2, "big") + _HEADER + from_text(name) + _A_IN)

    def read(self, wait_s: float) -> None:
        """Take what comes within a time."""
        if not select.select([self._sock], [], [], max(0.0, wait_s))[0]:
            return
        now = time.monotonic()
        while True:
            try:
                wire = self._sock.recv(4096)
            except OSError:
                return
            sent, name = self._sent.pop(int.from_bytes(wire[:2], "big"), (0.0, ""))
            if sent:
                self.answered.times.append((sent, now - sent, name))
                self.answered.failed += wire[3] & 15 != 0

    @property
    def waiting(self) -> int:
        """Questions without an answer so far."""
        return len(self._sent)

    def run(self, names: Iterator[str], *, rate: float, seconds: float, each: Tick) -> None:
        """Ask for so long, then wait for the last answers; `each` is called between."""
        start = time.monotonic()
        for number in range(int(rate * seconds)):
            due = start + number / rate
            while (left := due - time.monotonic()) > 0:
                self.read(left)
            self.ask(next(names))
            self.read(0)
            each()
        self.settle()

    def settle(self) -> None:
        """Wait for the last answers; what does not come has failed."""
        deadline = time.monotonic() + WAIT_S
        while self._sent and time.monotonic() < deadline:
            self.read(0.1)
        self.answered.failed += len(self._sent)
        self._sent.clear()
