"""A log that nobody reads stops nobody: lines are lost and counted, queries are not."""

from __future__ import annotations

import fcntl
import os
import re
import signal
import socket
import subprocess
import sys
import threading

from tests.dnsmasq_front.messages import query_wire, read_reply
from tests.dnsmasq_front.process import ROOT
from tests.ports import HOST, free_port
from tests.waiting import eventually

PIPE_OCTETS = 4096
QUERIES = 12_000
"""Two lines each: more than the pipe and the queue hold."""


def test_queries_are_answered_while_nobody_reads_the_log_of_them() -> None:
    reader, writer = os.pipe()
    fcntl.fcntl(writer, fcntl.F_SETPIPE_SZ, PIPE_OCTETS)
    port = free_port()
    flags = ["--no-resolv", "--no-hosts", "--conf-file=", "--local=/d.test/", "--log-queries"]
    place = [f"--port={port}", f"--listen-address={HOST}", "-lameduck=0s"]
    command = [sys.executable, "-m", "dnsmasq_front", *place, *flags]
    with subprocess.Popen(command, cwd=ROOT, stderr=writer) as process:
        os.close(writer)
        try:
            with socket.socket(type=socket.SOCK_DGRAM) as client:
                client.connect((HOST, port))
                client.settimeout(10)
                eventually(lambda: _ask(client))
                for _ in range(QUERIES):
                    assert _ask(client)
            seen: list[str] = []
            threading.Thread(target=_read, args=(reader, seen), daemon=True).start()
            eventually(lambda: _lines(seen, "query[A] x.d.test from") + _dropped(seen) > QUERIES)
            assert _dropped(seen) > 0
            process.send_signal(signal.SIGTERM)
            assert process.wait(15) == 0
        finally:
            process.kill()


def _ask(client: socket.socket) -> bool:
    try:
        client.send(query_wire("x.d.test. A"))
        return read_reply(client.recv(512)).rcode == "NXDOMAIN"
    except ConnectionRefusedError:
        return False  # It has not begun yet.


def _read(fd: int, seen: list[str]) -> None:
    with os.fdopen(fd) as stream:
        seen.extend(stream)


def _lines(seen: list[str], text: str) -> int:
    return sum(text in line for line in list(seen))


def _dropped(seen: list[str]) -> int:
    found = [re.search(r"log lines dropped count=(\d+)", line) for line in list(seen)]
    return sum(int(match[1]) for match in found if match)
