"""A real `python -m dnsmasq_front` for tests: on a free port, asked over UDP and TCP."""

from __future__ import annotations

import signal
import subprocess
import sys
import threading
from collections.abc import Sequence
from pathlib import Path
from types import TracebackType

import dns.exception
import dns.message
import dns.query

from tests.dnsmasq_front.messages import Reply, query_wire, read_reply
from tests.ports import HOST, free_port
from tests.waiting import eventually

ROOT = Path(__file__).resolve().parents[2]


class FrontProcess:
    """Runs from `with` on; is killed at its end if a test has not ended it before."""

    def __init__(
        self,
        *flags: str,
        port: int | None = None,
        listen: Sequence[str] = (HOST,),
        log_file: Path | None = None,
    ) -> None:
        """With `log_file` the log is expected there, and not on stderr."""
        self.port = port or free_port()
        self._log_file = log_file
        self.log: list[str] = []
        """Lines of stderr so far."""
        place = [f"--port={self.port}", *(f"--listen-address={ip}" for ip in listen)]
        place += [] if log_file is None else [f"--log-facility={log_file}"]
        place += ["--no-hosts", "--conf-file="]  # This machine's files are no test's business.
        self._process = subprocess.Popen(
            [sys.executable, "-m", "dnsmasq_front", *place, *flags],
            cwd=ROOT,
            stderr=subprocess.PIPE,
            text=True,
        )
        self._reader = threading.Thread(target=self._read_log, daemon=True)
        self._reader.start()

    def __enter__(self) -> FrontProcess:
        eventually(self._serves, message=lambda: f"does not serve: {self.log}")
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self.alive():
            self._process.kill()
        self._process.wait(10)
        self._reader.join(10)
        assert self._process.stderr is not None
        self._process.stderr.close()

    def ask(
        self, question: str, *, stream: bool = False, edns: int | None = None, host: str = HOST
    ) -> Reply:
        """Ask over UDP, or TCP; fails when no answer comes."""
        query = dns.message.from_wire(query_wire(question, edns=edns))
        send = dns.query.tcp if stream else dns.query.udp
        return read_reply(send(query, host, port=self.port, timeout=10).to_wire(max_size=65535))

    def counter(self, name: str) -> int:
        """One of the `*.bind` counters."""
        (text,) = self.ask(f"{name}.bind. TXT CH").data
        return int(text.strip('"'))

    def addresses(self, name: str) -> list[str]:
        """The A records of a name; empty on any failure."""
        try:
            return self.ask(f"{name} A").data
        except (dns.exception.DNSException, OSError):
            return []

    def signal(self, number: signal.Signals) -> None:
        """Send a signal."""
        self._process.send_signal(number)

    @property
    def pid(self) -> int:
        """The process that was started; with workers, their parent."""
        return self._process.pid

    def wait(self) -> int:
        """The exit status, which must come within seconds."""
        return self._process.wait(15)

    def alive(self) -> bool:
        """Whether it still runs."""
        return self._process.poll() is None

    def logged(self, text: str) -> bool:
        """Whether a line with this text was written."""
        if self._log_file is not None and self._log_file.exists():
            return text in self._log_file.read_text()
        return any(text in line for line in self.log)

    def _serves(self) -> bool:
        if not self.alive():
            raise AssertionError(f"ended with {self._process.returncode}: {self.log}")
        return self.logged("using servers") or self.logged("no upstream servers configured")

    def _read_log(self) -> None:
        assert self._process.stderr is not None
        for line in self._process.stderr:
            self.log.append(line.rstrip("\n"))


def run_to_end(flags: Sequence[str]) -> subprocess.CompletedProcess[str]:
    """Run `python -m dnsmasq_front` that is expected to end by itself."""
    return subprocess.run(
        [sys.executable, "-m", "dnsmasq_front", *flags],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=30,
        check=False,
    )
