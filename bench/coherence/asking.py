"""The client: a process that asks at a fixed rate and notes every answer about changing names.

When an answer came is when this process had read it, so its own waits make answers look older
than they were given, never younger.
"""

from __future__ import annotations

import multiprocessing
import socket
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from multiprocessing.connection import Connection

from bench.coherence.stage import HOST
from bench.scale.ask import question

_HEADER = b"\x01\x00\x00\x01\x00\x00\x00\x00\x00\x00"
_PAUSE_S = 0.0005
_LATE_S = 1.0
"""An answer that has not come so long after the last question is lost."""


@dataclass(frozen=True, slots=True)
class Asked:
    """Names and how often a second each of them is asked for."""

    names: Sequence[str]
    rate: float


@dataclass(slots=True)
class Heard:
    """What the client has found."""

    changing: list[tuple[float, int, bytes]] = field(default_factory=list)
    """When an answer came, the number of its name, and its address; no address is no such name."""
    asked: int = 0
    untouched: int = 0
    """Questions for names that do not change."""
    answered: int = 0
    failed: int = 0
    """Answers that are neither addresses nor a denial, and for untouched names no addresses."""
    seconds: float = 0.0

    @property
    def lost(self) -> int:
        """Questions without an answer."""
        return self.asked - self.answered


class Client:
    """Asks from its start until `end`."""

    def __init__(self, port: int, changing: Asked, untouched: Asked) -> None:
        self._ours, theirs = multiprocessing.Pipe()
        self._process = multiprocessing.get_context("fork").Process(
            target=_run, args=(theirs, port, changing, untouched), daemon=True
        )
        self._process.start()

    def end(self) -> Heard:
        """Stop asking; what was heard."""
        self._ours.send(None)
        heard: Heard = self._ours.recv()
        self._process.join()
        return heard


def schedule(changing: Asked, untouched: Asked) -> list[tuple[float, int]]:
    """One second of asking, spread evenly: when, and the number of the name.

    The untouched names are numbered behind the changing ones.
    """
    found = []
    first = 0
    for asked in (changing, untouched):
        count = round(len(asked.names) * asked.rate)
        for number in range(count):
            found.append((number / count, first + number % len(asked.names)))
        first += len(asked.names)
    return sorted(found)


def _run(pipe: Connection, port: int, changing: Asked, untouched: Asked) -> None:
    plan = schedule(changing, untouched)
    packets = [_HEADER + question(name) for name in (*changing.names, *untouched.names)]
    last, heard = len(changing.names), Heard()
    by_id = [0] * 65_536
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1 << 22)
        sock.setblocking(False)
        sock.connect((HOST, port))
        began = now = time.monotonic()
        at = 0
        while not pipe.poll():
            now = time.monotonic()
            while True:
                second, place = divmod(at, len(plan))
                offset, number = plan[place]
                if began + second + offset > now:
                    break
                by_id[at & 0xFFFF] = number
                sock.send((at & 0xFFFF).to_bytes(2) + packets[number])
                heard.untouched += number >= last
                at += 1
            _read(sock, by_id, last, heard)
            time.sleep(_PAUSE_S)
        heard.asked, heard.seconds = at, now - began
        until = now + _LATE_S
        while heard.answered < at and time.monotonic() < until:
            _read(sock, by_id, last, heard)
    pipe.send(heard)


def _read(sock: socket.socket, by_id: list[int], last: int, heard: Heard) -> None:
    while True:
        try:
            wire = sock.recv(2048)
        except BlockingIOError:
            return
        now = time.monotonic()
        heard.answered += 1
        number, rcode = by_id[int.from_bytes(wire[:2])], wire[3] & 15
        # With an answer there is nothing behind its last address.
        address = wire[-4:] if wire[7] else b""
        if rcode not in (0, 3) or (number >= last and not address):
            heard.failed += 1
        elif number < last:
            heard.changing.append((now, number, address))
