"""A server under test: started on its own processor, measured by the kernel's accounts, ended.

CPU time is what the scheduler counted for all its threads (/proc/PID/task/*/schedstat, in
nanoseconds; Linux Documentation/scheduler/sched-stats), memory is VmHWM and VmRSS.
"""

from __future__ import annotations

import contextlib
import socket
import subprocess
import time
from collections.abc import Callable, Sequence
from pathlib import Path

from dnscore.wire import names

_START_S = 15.0
_DRAIN_S = 0.1
_STOP_S = 8.0
_INTERNET_A = b"\0\x01\0\x01"
_CHAOS_TXT = b"\0\x10\0\x03"


class ServerError(Exception):
    """The server did not start or did not answer."""


def leashed(argv: Sequence[str], *, cpu: str) -> list[str]:
    """The command pinned to processors, and ended by the kernel should the bench be killed.

    prctl(2), PR_SET_PDEATHSIG; both tools are of Debian's util-linux and `exec` what they start.
    """
    return ["setpriv", "--pdeathsig", "TERM", "taskset", "-c", cpu, *argv]


class Process:
    """One running server, with the processes that it forked."""

    def __init__(self, argv: Sequence[str], *, cpu: str, log: Path) -> None:
        self._log = log
        with log.open("wb") as output:
            self._child = subprocess.Popen(
                leashed(argv, cpu=cpu),
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
            )

    @property
    def pid(self) -> int:
        """The process's ID; it has become the server by `exec`."""
        return self._child.pid

    def wait_ready(self, host: str, port: int) -> None:
        """Wait until the server answers anything at all. Raises ServerError with its log."""
        self.wait_for(host, port, name="version.bind", good=lambda response: True)

    def wait_synced(self, host: str, port: int, *, name: str) -> None:
        """Wait until `name` has an answer. Raises ServerError with its log."""
        self.wait_for(host, port, name=name, good=lambda response: response[6:8] != b"\0\0")

    def wait_told(self, host: str, port: int) -> None:
        """Wait until the front is told of changes. Raises ServerError with its log."""
        self.wait_for(
            host,
            port,
            name="told.bind",
            good=lambda response: response.endswith(b"\x011"),
            type_class=_CHAOS_TXT,
        )

    def wait_for(
        self,
        host: str,
        port: int,
        *,
        name: str,
        good: Callable[[bytes], bool],
        type_class: bytes = _INTERNET_A,
    ) -> None:
        """Ask for A of `name` until the response is good. Raises ServerError with its log."""
        query = b"\x12\x34\x01\x00\x00\x01\0\0\0\0\0\0" + names.from_text(name) + type_class
        deadline = time.monotonic() + _START_S
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
            sock.settimeout(0.1)
            while time.monotonic() < deadline and self._child.poll() is None:
                try:
                    sock.sendto(query, (host, port))
                    if good(sock.recvfrom(4096)[0]):
                        return
                except OSError:
                    pass
                time.sleep(0.02)
        said = self.last_log()
        raise ServerError(f"no good answer on {host}:{port} for {name}; it said: {said}")

    def last_log(self) -> str:
        """The end of what it printed, on one line."""
        return " ".join(self._log.read_text(errors="replace")[-600:].split()) or "nothing"

    def cpu_s(self) -> float:
        """CPU time so far of the process and its children, in seconds. Raises ServerError."""
        try:
            return sum(_cpu_ns(pid) for pid in _family(self.pid)) / 1e9
        except OSError:
            raise ServerError(f"it has ended; it said: {self.last_log()}") from None

    def memory_mb(self) -> tuple[float, float]:
        """Resident megabytes now and at most, added over the process and its children.

        Raises ServerError when it has ended.
        """
        now = peak = 0.0
        try:
            for pid in _family(self.pid):
                status = Path(f"/proc/{pid}/status").read_text()
                fields = dict(line.split(":", 1) for line in status.splitlines() if ":" in line)
                now += int(fields["VmRSS"].split()[0]) / 1024
                peak += int(fields["VmHWM"].split()[0]) / 1024
        except (OSError, KeyError):
            raise ServerError(f"it has ended; it said: {self.last_log()}") from None
        return now, peak

    def stop(self) -> None:
        """End it: asked twice, which is our daemons' word for "at once", then killed."""
        try:
            for patience_s in (_DRAIN_S, _STOP_S):
                self._child.terminate()
                with contextlib.suppress(subprocess.TimeoutExpired):
                    self._child.wait(patience_s)
                    return
        finally:
            if self._child.poll() is None:
                self._child.kill()
                self._child.wait()


def _family(pid: int) -> list[int]:
    found = [pid]
    for task in Path(f"/proc/{pid}/task").iterdir():
        children = (task / "children").read_text().split()
        for child in children:
            found += _family(int(child))
    return found


def _cpu_ns(pid: int) -> int:
    total = 0
    for task in Path(f"/proc/{pid}/task").iterdir():
        total += int((task / "schedstat").read_text().split()[0])
    return total


def free_port() -> int:
    """A port that is free for UDP and TCP now."""
    while True:
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as udp:
            udp.bind(("127.0.0.1", 0))
            port: int = udp.getsockname()[1]
            with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as tcp:
                try:
                    tcp.bind(("127.0.0.1", port))
                except OSError:
                    continue
                return port
