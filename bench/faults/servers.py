"""The servers of a fault: those that are asked in the end, and the one that asks them."""

from __future__ import annotations

import multiprocessing
import os
import signal
import socket
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from multiprocessing.sharedctypes import Synchronized
from pathlib import Path

from bench.faults.client import HOST
from bench.peers import DNSMASQ, OURS
from bench.process import Process, free_port
from gates.tools import find_command

_RECORD = b"\xc0\x0c\x00\x01\x00\x01\x00\x00\x0e\x10\x00\x04\x0a\x01\x01\x01"


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
def serving(peer: str, *flags: str, cpu: str) -> Iterator[int]:
    """A forwarder with a cache of 10,000 records; its port."""
    port = free_port()
    every = [f"--listen-address={HOST}", f"--port={port}", "--no-resolv", "--cache-size=10000"]
    with tempfile.TemporaryDirectory() as folder:
        start = {
            OURS: [sys.executable, "-m", "dnsmasq_front", "-configDir=/nonexistent", "--"],
            DNSMASQ: [
                *(find_command(DNSMASQ) or DNSMASQ, "-k", "-C", "/dev/null", "--no-hosts"),
                *("--bind-interfaces", "--user=root", f"--pid-file={folder}/pid"),
            ],
        }
        process = Process([*start[peer], *every, *flags], cpu=cpu, log=Path(folder) / "log")
        try:
            process.wait_ready(HOST, port)
            yield port
        finally:
            process.stop()
