"""Fuzzed queries to a real `python -m kubedns`, over UDP and TCP sockets of the loopback."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from bench.fuzz.answering import Found
from bench.fuzz.memory import resident_kib
from bench.fuzz.queries import queries
from bench.process import free_port
from devcluster.cluster import DevCluster, Settings
from dnscore.wire.errors import Ignored, WireError
from dnscore.wire.query import parse_query

HOST = "127.0.0.1"
_BATCH = 48
"""Queries on the way at a time: all of their answers fit a socket's buffer."""
_WAIT_S = 8.0
"""For an answer: longer than kubedns asks other servers."""
_SENTINEL = b"\xff\xff\1\0\0\1\0\0\0\0\0\0\x05local\0\0\1\0\1"


class Daemon:
    """A running kubedns on the sample cluster."""

    def __init__(self, process: subprocess.Popen[bytes], port: int, log: Path) -> None:
        self.process = process
        self.port = port
        self._log = log
        self.found = Found()

    @property
    def resident_kib(self) -> int:
        """Its resident memory."""
        return resident_kib(self.process.pid)

    def run(self, count: int, *, seed: int) -> None:
        """Ask so many queries in batches, every fifth batch over TCP."""
        source = queries(seed)
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
            sock.connect((HOST, self.port))
            for number in range(0, count, _BATCH):
                batch = _numbered([next(source) for _ in range(min(_BATCH, count - number))])
                try:
                    if number // _BATCH % 5 == 4:
                        self._stream(batch)
                    else:
                        self._datagrams(sock, batch)
                except OSError as error:
                    self.found.bad(f"{error!r} after {number} queries")
                    return

    def log_lines(self, word: str) -> list[str]:
        """What it has logged with a word in it."""
        return [line for line in self._log.read_text().splitlines() if word in line]

    def _datagrams(self, sock: socket.socket, batch: list[bytes]) -> None:
        missing = self._due(batch)
        for _ in range(2):  # A datagram may be lost; twice it is not.
            for wire in (*batch, _SENTINEL):
                sock.send(wire)
            until = time.monotonic() + _WAIT_S
            heard = False
            while (missing or not heard) and (left := until - time.monotonic()) > 0:
                sock.settimeout(left)
                try:
                    response = sock.recv(65535)
                except TimeoutError:
                    break
                heard = heard or response[:2] == _SENTINEL[:2]
                missing.pop(response[:2], None)
            if not missing:
                return
        self._lost(missing, "UDP")

    def _stream(self, batch: list[bytes]) -> None:
        missing = self._due(batch)
        with socket.create_connection((HOST, self.port), timeout=_WAIT_S) as sock:
            sock.sendall(b"".join(len(wire).to_bytes(2, "big") + wire for wire in batch))
            with sock.makefile("rb") as stream:
                try:
                    while missing and (head := stream.read(2)):
                        missing.pop(stream.read(int.from_bytes(head, "big"))[:2], None)
                except TimeoutError:
                    pass
        self._lost(missing, "TCP")

    def _due(self, batch: list[bytes]) -> dict[bytes, bytes]:
        """The queries that must be answered, by ID."""
        due = {}
        for wire in batch:
            try:
                parse_query(wire)
            except Ignored:
                self.found.answered["ignored"] += 1
                continue
            except WireError:
                self.found.answered["refused"] += 1
            else:
                self.found.answered["answered"] += 1
            due[wire[:2]] = wire
        return due

    def _lost(self, missing: dict[bytes, bytes], how: str) -> None:
        for wire in missing.values():
            self.found.bad(f"no answer over {how}: {wire.hex()}")


def _numbered(batch: list[bytes]) -> list[bytes]:
    """The same with an ID each, as far as they have one."""
    return [
        number.to_bytes(2, "big") + wire[2:] if len(wire) > 1 else wire
        for number, wire in enumerate(batch)
    ]


@contextmanager
def daemon() -> Iterator[Daemon]:
    """A ready kubedns, ended afterwards. Raises RuntimeError with its log when it is not."""
    port = free_port()
    with (
        tempfile.TemporaryDirectory(prefix="fuzz-") as folder,
        _outside() as outside,
        DevCluster(Settings(sample=True)) as cluster,
    ):
        log = Path(folder) / "log"
        with log.open("wb") as output:
            process = subprocess.Popen(
                [
                    *(sys.executable, "-m", "kubedns", f"--dns-port={port}"),
                    *(f"--dns-bind-address={HOST}", f"--healthz-port={free_port()}"),
                    *(f"--kube-master-url={cluster.url}", f"--nameservers={HOST}:{outside}"),
                    "--lameduck=0s",
                ],
                stderr=output,
                env={**os.environ, "PROMETHEUS_PORT": ""},
            )
        running = Daemon(process, port, log)
        try:
            _wait(running, log)
            yield running
        finally:
            process.terminate()
            process.wait(20)


def _wait(running: Daemon, log: Path) -> None:
    until = time.monotonic() + 30.0
    query = b"\0\1\1\0\0\1\0\0\0\0\0\0\x0adns-version\x07cluster\x05local\0\0\x10\0\1"
    query = query.replace(b"\x0adns", b"\x0bdns")
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
        sock.settimeout(0.1)
        while time.monotonic() < until and running.process.poll() is None:
            try:
                sock.sendto(query, (HOST, running.port))
                if sock.recv(4096)[3] & 15 == 0:
                    return
            except OSError:
                time.sleep(0.05)
    raise RuntimeError(f"kubedns does not answer; it said: {log.read_text()[-600:]}")


@contextmanager
def _outside() -> Iterator[int]:
    """A server that has no records, in a thread; its port."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
        sock.bind((HOST, 0))

        def answer() -> None:
            while True:
                try:
                    wire, peer = sock.recvfrom(4096)
                    if len(wire) < 12:
                        return
                    sock.sendto(wire[:2] + b"\x81\x80" + wire[4:], peer)
                except OSError:
                    return

        thread = threading.Thread(target=answer, daemon=True)
        thread.start()
        port: int = sock.getsockname()[1]
        try:
            yield port
        finally:
            sock.sendto(b"end", (HOST, port))
            thread.join()
