"""A real `python -m sidecar` for tests: on a free port, asked over HTTP, ended by signal."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
import threading
import urllib.error
import urllib.request
from collections.abc import Sequence
from pathlib import Path
from types import TracebackType
from typing import Any

from tests.waiting import eventually

ROOT = Path(__file__).resolve().parents[2]


class SidecarProcess:
    """Runs from `with` on; is killed at its end if a test has not ended it before."""

    def __init__(self, *flags: str) -> None:
        self.log: list[str] = []
        """Lines of stderr so far."""
        free_port = ["--prometheus-port=0"]
        self._process = subprocess.Popen(
            [sys.executable, "-m", "sidecar", "--prometheus-addr=127.0.0.1", *free_port, *flags],
            cwd=ROOT,
            stderr=subprocess.PIPE,
            text=True,
        )
        self._reader = threading.Thread(target=self._read_log, daemon=True)
        self._reader.start()

    def __enter__(self) -> SidecarProcess:
        line = eventually(self._serving_line, message="no line that says where it serves")
        self.port = int((line or "").rsplit(":", 1)[1])
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._process.poll() is None:
            self._process.kill()
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

    def health(self, label: str) -> tuple[int, dict[str, Any]]:
        """Status and decoded body of a health check."""
        status, body = self.get(f"/healthcheck/{label}")
        return status, json.loads(body)

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
