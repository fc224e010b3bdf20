"""`python -m bench.idle_streams [--connections=N] [--seconds=S] [--rounds=N]`: TCP's cost to UDP.

One client asks a cached name over UDP at a steady pace, in turns with nobody else there, and with
idle TCP connections open and a client that sends its query an octet at a time. Prints the
quantiles of both; what counts is that the second is the first again.
"""

from __future__ import annotations

import socket
import sys
import tempfile
import time
from collections.abc import Sequence
from contextlib import ExitStack
from pathlib import Path

from bench.latency import quantile
from bench.load import HOST
from bench.process import Process, free_port
from bench.processors import here
from dnscore.flags import FlagSet
from dnscore.lifecycle import run_program

PROGRAM = "idle_streams"
PACE_S = 0.0005
DRIP_EVERY = 2
"""Queries of the measured client between two octets of the slow one."""
_QUESTION = b"\x01x\x01d\x04test\x00\x00\x01\x00\x01"
_QUERY = b"\x12\x34\x01\x00\x00\x01\x00\x00\x00\x00\x00\x00" + _QUESTION


class Crowd:
    """Idle connections, opened again when the server closes them, and one that drips octets."""

    def __init__(self, port: int, count: int) -> None:
        self._port = port
        self._idle = [self._open() for _ in range(count)]
        self._drip = self._open()
        self._octets = bytearray()
        self._turn = 0
        self.reopened = 0

    def _open(self) -> socket.socket:
        sock = socket.create_connection((HOST, self._port), timeout=5)
        sock.setblocking(False)
        return sock

    def step(self) -> None:
        """One octet of the slow client, and a look at one of the idle ones."""
        if not self._octets:
            self._octets += len(_QUERY).to_bytes(2, "big") + _QUERY
        self._drip = self._alive(self._drip)
        try:
            self._drip.send(self._octets[:1])
            del self._octets[:1]
        except OSError:
            self._octets.clear()
        if self._idle:
            self._turn = (self._turn + 1) % len(self._idle)
            self._idle[self._turn] = self._alive(self._idle[self._turn])

    def _alive(self, sock: socket.socket) -> socket.socket:
        try:
            if sock.recv(512):
                return sock
        except BlockingIOError:
            return sock
        except OSError:
            pass  # Closed in another way: it is opened again as well.
        sock.close()
        self.reopened += 1
        return self._open()

    def close(self) -> None:
        """End them all."""
        for sock in (*self._idle, self._drip):
            sock.close()


def ask_paced(port: int, seconds: float, crowd: Crowd | None) -> list[float]:
    """Answer times in microseconds, sorted."""
    times = []
    with socket.socket(type=socket.SOCK_DGRAM) as client:
        client.connect((HOST, port))
        client.settimeout(5)
        end = time.perf_counter() + seconds
        number = 0
        while (began := time.perf_counter()) < end:
            client.send(_QUERY)
            client.recv(512)
            done = time.perf_counter()
            times.append((done - began) * 1e6)
            number += 1
            if crowd is not None and number % DRIP_EVERY == 0:
                crowd.step()
            time.sleep(max(0.0, began + PACE_S - time.perf_counter()))
    return sorted(times)


def run(argv: Sequence[str]) -> int:
    """Everything behind the command line. Raises UsageError."""
    flags = FlagSet(PROGRAM)
    flags.integer("connections", 1000, help="idle TCP connections", minimum=0)
    flags.duration("seconds", 5.0, help="length of a turn")
    flags.integer("rounds", 3, help="turns of each kind", minimum=1)
    given = flags.parse(argv)
    if given.help_wanted:
        sys.stdout.write(flags.usage())
        return 0
    alone: list[float] = []
    crowded: list[float] = []
    with tempfile.TemporaryDirectory(prefix="bench-") as scratch, ExitStack() as stack:
        port, count = free_port(), given["connections"]
        server = Process(_command(port, count), cpu=here().workers, log=Path(scratch) / "log")
        stack.callback(server.stop)
        server.wait_ready(HOST, port)
        reopened = 0
        for _ in range(given["rounds"]):
            alone += ask_paced(port, given["seconds"], None)
            crowd = Crowd(port, count)
            crowded += ask_paced(port, given["seconds"], crowd)
            reopened += crowd.reopened
            crowd.close()
    for title, times in (("alone", alone), (f"{count} idle, one dripping", crowded)):
        print(f"{title}: {_quantiles(times)}")
    print(f"{reopened} connections were closed as idle, and opened again")
    return 0


def _command(port: int, count: int) -> list[str]:
    place = [f"--port={port}", f"--listen-address={HOST}", "--no-resolv", "--no-hosts"]
    flags = ["--local=/d.test/", f"--max-tcp-connections={count + 10}", "--conf-file="]
    return [sys.executable, "-m", "dnsmasq_front", *place, *flags]


def _quantiles(times: Sequence[float]) -> str:
    times = sorted(times)
    shown = [f"p{q * 100:g} {quantile(times, q):.0f} us" for q in (0.5, 0.99, 0.999)]
    return f"{len(times)} queries, " + ", ".join(shown)


if __name__ == "__main__":
    sys.exit(run_program(PROGRAM, run, sys.argv[1:]))
