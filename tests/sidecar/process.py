"""The sidecar's real programs for tests: on a free port, asked over HTTP, ended by signal."""

from __future__ import annotations

import json
import re
import signal
import subprocess
import sys
import threading
import urllib.error
import urllib.request
from collections.abc import Sequence
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from tests.waiting import eventually

ROOT = Path(__file__).resolve().parents[2]


class ServingProcess:
    """Runs from `with` on; is ended with it if a test has not ended it before."""

    last_signal = signal.SIGKILL
    """What ends it then."""

    def __init__(self, module: str, *flags: str) -> None:
        self.log: list[str] = []
        """Lines of stderr so far."""
        self._process = subprocess.Popen(
            [sys.executable, "-m", module, *flags],
            cwd=ROOT,
            stderr=subprocess.PIPE,
            text=True,
        )
        self._reader = threading.Thread(target=self._read_log, daemon=True)
        self._reader.start()

    def __enter__(self) -> Self:
        line = eventually(self._serving_line, message="no line that says where it serves")
        port = re.search(r"\d+$", line or "")
        assert port is not None, line
        self.port = int(port[0])
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._process.poll() is None:
            self._process.send_signal(self.last_signal)
        self._process.wait(10)
        self._reader.join(10)
        assert self._process.stderr is not None
        self._process.stderr.close()

    @property
    def pid(self) -> int:
        return self._process.pid

    def get(self, path: str) -> tuple[int, str]:
        """Status and body."""
        url = f"http://127.0.0.1:{self.port}{path}"
        try:
            with urllib.request.urlopen(url, timeout=10) as answer:
                return answer.status, answer.read().decode()
        except urllib.error.HTTPError as error:
            with error:
                return error.code, error.read().decode()

    def signal(self, number: signal.Signals) -> None:
        """Send a signal."""
        self._process.send_signal(number)

    def wait(self) -> int:
        """The exit status, which must come within seconds."""
        return self._process.wait(10)

    def alive(self) -> bool:
        """Whether it still runs."""
        return self._process.poll() is None

    def _serving_line(self) -> str | None:
        if self._process.poll() is not None:
            raise AssertionError(f"ended with {self._process.returncode}: {self.log}")
        return next((line for line in self.log if "] serving " in line), None)

    def _read_log(self) -> None:
        assert self._process.stderr is not None
        for line in self._process.stderr:
            self.log.append(line.rstrip("\n"))


class SidecarProcess(ServingProcess):
    """`python -m sidecar`."""

    def __init__(self, *flags: str) -> None:
        super().__init__("sidecar", "--prometheus-addr=127.0.0.1", "--prometheus-port=0", *flags)

    def health(self, label: str) -> tuple[int, dict[str, Any]]:
        """Status and decoded body of a health check."""
        status, body = self.get(f"/healthcheck/{label}")
        return status, json.loads(body)


def run_to_end(flags: Sequence[str]) -> subprocess.CompletedProcess[str]:
    """Run `python -m sidecar` that is expected to end by itself."""
    return subprocess.run(
        [sys.executable, "-m", "sidecar", *flags],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=30,
        check=False,
    )
