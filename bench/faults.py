"""`python -m bench.faults [--seconds=S] [--rate=N]`: what clients feel when servers fail.

Two faults, each with a real front and real sockets, towards servers that count as off the machine
(see bench.namespace). A stub server that never answers is asked so often that 2,000 questions to
it wait all the time: cached names must answer as fast as before, and nothing of other domains may
fail. One of three upstream servers dies under load, by silence and by a closed port: nobody may
see a failure. Exits 1 when a question failed.
"""

from __future__ import annotations

import multiprocessing
import os
import select
import signal
import socket
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from multiprocessing.sharedctypes import Synchronized
from pathlib import Path

from bench.namespace import outside_address
from bench.process import Process, free_port
from dnscore.flags import FlagSet
from dnscore.lifecycle import run_program

PROGRAM = "faults"
HOST = "127.0.0.1"
CROWD = 2000
"""Questions that wait for the silent server, if they may."""
_GIVEN_UP_S = 4.5
"""About how long each of them waits."""
WAIT_S = 6.0
"""When a question counts as lost."""
_WARM = 200
_HEADER = b"\x01\x00\x00\x01\x00\x00\x00\x00\x00\x00"
_A_IN = b"\x00\x01\x00\x01"
_RECORD = b"\xc0\x0c" + _A_IN + b"\x00\x00\x0e\x10\x00\x04\x0a\x01\x01\x01"
Tick = Callable[[], None]
_KILLS = {"silence": signal.SIGSTOP, "a closed port": signal.SIGKILL}


@dataclass(slots=True)
class Answered:
    """What became of questions: when each was sent (seconds) and how long it took."""

    times: list[tuple[float, float]] = field(default_factory=list)
    failed: int = 0

    def between(self, since: float, until: float) -> list[float]:
        """The waits of those sent in a span of time, sorted."""
        return sorted(took for sent, took in self.times if since <= sent < until)


def quantile(sorted_waits: Sequence[float], share: float) -> float:
    """A quantile in milliseconds; 0 of nothing."""
    if not sorted_waits:
        return 0.0
    return sorted_waits[min(len(sorted_waits) - 1, int(len(sorted_waits) * share))] * 1000


class Client:
    """Asks at a fixed rate from one socket, and notes what comes."""

    def __init__(self, port: int) -> None:
        self._sock = socket.socket(socket.AF_INET, socket.SOCK_DGRAM | socket.SOCK_NONBLOCK)
        self._sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1 << 22)
        self._sock.connect((HOST, port))
        self._sent: dict[int, float] = {}
        self._number = 0
        self.answered = Answered()

    def ask(self, name: str) -> None:
        """Ask for an address; at most 65,536 may be on their way."""
        self._number = (self._number + 1) & 0xFFFF
        self._sent[self._number] = time.monotonic()
        labels = b"".join(bytes((len(x),)) + x.encode() for x in name.split("."))
        self._sock.send(self._number.to_bytes(2, "big") + _HEADER + labels + b"\0" + _A_IN)

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
            sent = self._sent.pop(int.from_bytes(wire[:2], "big"), None)
            if sent is not None:
                self.answered.times.append((sent, now - sent))
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


class Upstream:
    """A server that knows every name, in a process of its own."""

    def __init__(self, host: str) -> None:
        self._sock = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._sock.bind((host, 0))
        self.flag = f"{host}#{self._sock.getsockname()[1]}"
        self.count: Synchronized[int] = multiprocessing.Value("L", 0)
        self._process = multiprocessing.Process(target=self._serve, daemon=True)
        self._process.start()
        self._sock.close()

    def _serve(self) -> None:
        while True:
            wire, peer = self._sock.recvfrom(4096)
            self.count.value += 1
            end = wire.index(0, 12) + 5
            answer = wire[:2] + b"\x81\x80\0\1\0\1\0\0\0\0" + wire[12:end] + _RECORD
            self._sock.sendto(answer, peer)

    def fail(self, number: signal.Signals) -> None:
        """Die, by a signal."""
        os.kill(self._process.pid or 0, number)

    def close(self) -> None:
        """End the process, whatever state it is in."""
        self._process.kill()
        self._process.join()


@contextmanager
def front(*flags: str) -> Iterator[int]:
    """A front with a cache of 10,000 records; its port."""
    port = free_port()
    argv = [sys.executable, "-m", "dnsmasq_front", f"--listen-address={HOST}", f"--port={port}"]
    every = ["--no-resolv", "-configDir=/nonexistent", "--cache-size=10000", *flags]
    with tempfile.TemporaryDirectory() as folder:
        cpus = f"0-{(os.cpu_count() or 1) - 1}"
        process = Process([*argv, *every], cpu=cpus, log=Path(folder) / "log")
        try:
            process.wait_ready(HOST, port)
            yield port
        finally:
            process.stop()


def silent_stub(host: str, *, rate: float, seconds: float, limit: int) -> int:
    """Cached names beside a crowd that nobody answers; how many questions failed."""
    upstream, silent = Upstream(host), socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    silent.bind((host, 0))
    stub = f"--server=/stub.test/{host}#{silent.getsockname()[1]}"
    flags = (stub, f"--server={upstream.flag}", f"--dns-forward-max={limit}")
    try:
        with front(*flags) as port:
            client = Client(port)
            client.run(_cached(), rate=rate, seconds=_WARM / rate, each=lambda: None)
            start = time.monotonic()
            client.run(_mixed(), rate=rate, seconds=seconds, each=lambda: None)
            with Crowd(port) as crowd:
                middle = time.monotonic()
                client.run(_mixed(), rate=rate, seconds=seconds, each=lambda: None)
            print(f"  before: {_waits(client.answered.between(start, middle))}")
            print(f"  beside: {_waits(client.answered.between(middle, float('inf')))}")
            print(f"  failed: {client.answered.failed}; {crowd.said}")
            return client.answered.failed
    finally:
        upstream.close()
        silent.close()


class Crowd:
    """Clients that ask the silent server, in a process of their own."""

    def __init__(self, port: int) -> None:
        self.said = ""
        self._ours, self._theirs = multiprocessing.Pipe()
        self._process = multiprocessing.Process(target=self._ask, args=(port,), daemon=True)

    def __enter__(self) -> Crowd:
        """From here on CROWD questions wait."""
        self._process.start()
        self._ours.recv()
        return self

    def __exit__(self, *_: object) -> None:
        self._ours.send(None)
        self.said = self._ours.recv()
        self._process.join()

    def _ask(self, port: int) -> None:
        client, number, began = Client(port), 0, time.monotonic()
        while not self._theirs.poll():
            # So many in the time that each waits; when they have come together, we are told.
            due = began + number * _GIVEN_UP_S / CROWD
            client.read(due - time.monotonic())
            if time.monotonic() >= due:
                number += 1
                client.ask(f"q{number}.stub.test")
                if number == CROWD:
                    self._theirs.send(client.waiting)
        waiting = client.waiting
        client.settle()
        waits = client.answered.between(0.0, float("inf"))
        self._theirs.send(
            f"the crowd: {waiting} waiting at the end, {client.answered.failed} of {number} "
            f"failed, the last after {quantile(waits, 1.0):.0f} ms"
        )


def dying_upstream(host: str, *, rate: float, seconds: float, by: signal.Signals) -> int:
    """One of three servers dies in the middle; how many questions failed."""
    upstreams = [Upstream(host) for _ in range(3)]
    try:
        with front(*(f"--server={upstream.flag}" for upstream in upstreams)) as port:
            client, died = Client(port), [0.0]
            begin = time.monotonic()

            def die() -> None:
                if not died[0] and time.monotonic() > begin + seconds / 2:
                    max(upstreams, key=lambda upstream: upstream.count.value).fail(by)
                    died[0] = time.monotonic()

            client.run(_new(), rate=rate, seconds=seconds, each=die)
            first_s = 0.5
            for when, since, until in (
                ("before", begin, died[0]),
                (f"first {first_s} s", died[0], died[0] + first_s),
                ("later", died[0] + first_s, float("inf")),
            ):
                print(f"  {when}: {_waits(client.answered.between(since, until))}")
            print(f"  failed: {client.answered.failed}")
            return client.answered.failed
    finally:
        for upstream in upstreams:
            upstream.close()


def _waits(waits: list[float]) -> str:
    p50, p99, worst = (quantile(waits, share) for share in (0.5, 0.99, 1.0))
    return f"{len(waits)} answers, p50 {p50:.2f} ms, p99 {p99:.2f} ms, longest {worst:.1f} ms"


def _cached() -> Iterator[str]:
    while True:
        yield from (f"name{number}.cached.test" for number in range(_WARM))


def _mixed() -> Iterator[str]:
    """Nine cached names, then one that another server is asked for."""
    cached, new = _cached(), _new()
    while True:
        for _ in range(9):
            yield next(cached)
        yield next(new)


def _new() -> Iterator[str]:
    number = time.monotonic_ns()
    while True:
        number += 1
        yield f"new{number}.test"


def run(argv: Sequence[str]) -> int:
    """Everything behind the command line. Raises UsageError."""
    flags = FlagSet(PROGRAM)
    flags.duration("seconds", 15.0, help="how long each part is measured")
    flags.integer("rate", 500, help="questions per second", minimum=10, maximum=5000)
    given = flags.parse(argv)
    if given.help_wanted:
        sys.stdout.write(flags.usage())
        return 0
    rate, seconds, failed = float(given["rate"]), given["seconds"], 0
    with outside_address() as host:
        for limit in (150, 5000):
            print(f"{CROWD} questions to a silent stub server, --dns-forward-max={limit}")
            failed += silent_stub(host, rate=rate, seconds=seconds, limit=limit)
        for name, by in _KILLS.items():
            print(f"one of three upstream servers dies by {name}")
            failed += dying_upstream(host, rate=rate, seconds=seconds, by=by)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(run_program(PROGRAM, run, sys.argv[1:]))
