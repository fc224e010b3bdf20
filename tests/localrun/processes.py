"""A supervised run of fake daemons under test, and questions about processes."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

from tests.ports import free_port
from tests.waiting import eventually


def is_running(pid: int) -> bool:
    """Whether the process is there and not merely waiting to be reaped."""
    try:
        stat = Path(f"/proc/{pid}/stat").read_text(encoding="ascii", errors="replace")
    except (FileNotFoundError, ProcessLookupError):
        return False
    return stat.rpartition(")")[2].split()[0] != "Z"


class FakeRun:
    """The driver with fake daemons; `with` ends it whatever the test did."""

    def __init__(
        self,
        run_dir: Path,
        daemons: Sequence[str],
        *,
        grace_s: float = 10.0,
        ready_timeout_s: float = 30.0,
    ) -> None:
        self.run_dir = run_dir
        self.output_path = run_dir / "output"
        words = [f"{name}:{free_port()}{rest and ':' + rest}" for name, _, rest in split(daemons)]
        with self.output_path.open("wb") as output:
            self.process = subprocess.Popen(
                [
                    *(sys.executable, "-m", "tests.localrun.driver", str(run_dir)),
                    *(str(grace_s), str(ready_timeout_s), *words),
                ],
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )

    def __enter__(self) -> FakeRun:
        return self

    def __exit__(self, *_error: object) -> None:
        self.process.kill()
        self.process.wait()

    def output(self) -> str:
        return self.output_path.read_text(encoding="utf-8")

    def journal(self) -> list[str]:
        """`name event` lines so far."""
        return [line.rpartition(" ")[0] for line in self._journal_lines()]

    def pids(self) -> set[int]:
        """Every process that a fake daemon reported: itself and its brood."""
        return {int(line.rpartition(" ")[2]) for line in self._journal_lines()}

    def pid_of(self, name: str) -> int:
        lines = [line for line in self._journal_lines() if line.startswith(f"{name} started ")]
        return int(lines[0].rpartition(" ")[2])

    def wait_until_ready(self) -> None:
        eventually(lambda: "ALL READY" in self.output(), 20, self.output)

    def press_ctrl_c(self) -> None:
        """SIGINT to the whole foreground process group, as a terminal sends it."""
        os.killpg(self.process.pid, signal.SIGINT)

    def exit_status(self) -> int:
        return self.process.wait(timeout=20)

    def assert_nothing_is_left(self) -> None:
        pids = self.pids()
        eventually(
            lambda: not any(is_running(pid) for pid in pids),
            10,
            lambda: f"still running: {[pid for pid in pids if is_running(pid)]}",
        )

    def _journal_lines(self) -> list[str]:
        path = self.run_dir / "journal"
        return path.read_text(encoding="utf-8").splitlines() if path.exists() else []


def split(daemons: Sequence[str]) -> list[tuple[str, str, str]]:
    """`name:behaviours` words in their parts."""
    return [daemon.partition(":") for daemon in daemons]
