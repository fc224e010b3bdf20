"""A real `python -m kubedns` on free loopback ports, and ways to ask it."""

from __future__ import annotations

import http.client
import os
import signal
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType

import dns.message
import dns.query
import dns.rcode
import dns.rdatatype

from tests.ports import HOST, free_port
from tests.waiting import eventually

ASK_TIMEOUT_S = 10.0


@dataclass(frozen=True, slots=True)
class Page:
    """An HTTP answer."""

    status: int
    text: str


def run_to_end(*flags: str, env: Mapping[str, str] | None = None) -> tuple[int, str, str]:
    """Exit code, stdout and stderr of a kubedns that is expected to end by itself."""
    done = subprocess.run(
        [sys.executable, "-m", "kubedns", *flags],
        capture_output=True,
        text=True,
        timeout=30,
        env={**os.environ, **(env or {})},
    )
    return done.returncode, done.stdout, done.stderr


class Kubedns:
    """Started by `with`; killed at its end if it is still there."""

    def __init__(self, *flags: str, api: str, metrics: bool = False) -> None:
        self.dns_port = free_port()
        self.http_port = free_port()
        self.metrics_port = free_port() if metrics else 0
        self._flags = (
            f"--dns-port={self.dns_port}",
            f"--dns-bind-address={HOST}",
            f"--healthz-port={self.http_port}",
            f"--kube-master-url={api}",
            *flags,
        )
        descriptor, path = tempfile.mkstemp(prefix="kubedns-", suffix=".log")
        os.close(descriptor)
        self._log = Path(path)
        self._process: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> Kubedns:
        env = dict(os.environ)
        if self.metrics_port:
            env["PROMETHEUS_PORT"] = str(self.metrics_port)
        with self._log.open("w") as stderr:
            self._process = subprocess.Popen(
                [sys.executable, "-m", "kubedns", *self._flags], stderr=stderr, env=env
            )
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self.running:
            self.process.kill()
        self.process.wait()
        if error is not None:
            sys.stderr.write(self.log)
        self._log.unlink()

    @property
    def process(self) -> subprocess.Popen[bytes]:
        assert self._process is not None
        return self._process

    @property
    def running(self) -> bool:
        return self.process.poll() is None

    @property
    def log(self) -> str:
        """What it has written to stderr so far."""
        return self._log.read_text()

    @property
    def resident_mib(self) -> float:
        """Resident memory."""
        pages = int(Path(f"/proc/{self.process.pid}/statm").read_text().split()[1])
        return pages * os.sysconf("SC_PAGE_SIZE") / 2**20

    def signal(self, number: signal.Signals) -> None:
        self.process.send_signal(number)

    def exit_code(self, timeout_s: float = 15.0) -> int:
        """Wait for its end."""
        return self.process.wait(timeout_s)

    def get(self, path: str, port: int = 0) -> Page:
        """A page of the status server, or of the one on `port`."""
        connection = http.client.HTTPConnection(HOST, port or self.http_port, timeout=10)
        try:
            connection.request("GET", path)
            response = connection.getresponse()
            return Page(response.status, response.read().decode())
        finally:
            connection.close()

    def readiness(self) -> int:
        """The status of /readiness, 0 while nobody listens there."""
        try:
            return self.get("/readiness").status
        except OSError:
            return 0

    def wait_listening(self) -> Kubedns:
        """Until its pages are there."""
        self._until(200, 503)
        return self

    def wait_ready(self) -> Kubedns:
        """Until /readiness is 200."""
        self._until(200)
        return self

    def _until(self, *statuses: int) -> None:
        def reached() -> bool:
            assert self.running, f"kubedns ended with {self.process.returncode}"
            return self.readiness() in statuses

        eventually(reached, 20.0, lambda: self.log)

    def ask(
        self,
        name: str,
        rdtype: str = "A",
        *,
        tcp: bool = False,
        edns: bool = True,
        timeout_s: float = ASK_TIMEOUT_S,
    ) -> dns.message.Message:
        """The response to a query. Raises dns.exception.Timeout or OSError when there is none."""
        query = dns.message.make_query(name, rdtype, use_edns=0 if edns else False)
        how = dns.query.tcp if tcp else dns.query.udp
        return how(query, HOST, timeout_s, self.dns_port)

    def answers(self, name: str, rdtype: str = "A", *, tcp: bool = False) -> list[str]:
        """The answer section as sorted text without TTLs: `name type data`; rcode if not NOERROR.

        Names end in dots, the order of records is not looked at.
        """
        response = self.ask(name, rdtype, tcp=tcp)
        lines = [
            f"{rrset.name} {dns.rdatatype.to_text(rrset.rdtype)} {rdata}"
            for rrset in response.answer
            for rdata in rrset
        ]
        if response.rcode() != dns.rcode.NOERROR:
            lines.append(dns.rcode.to_text(response.rcode()))
        return sorted(lines)
