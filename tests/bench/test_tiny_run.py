"""A whole run as it is started by hand, as small as it can be made."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from bench.compiled import compiled
from tests.waiting import eventually

ROOT = Path(__file__).resolve().parents[2]
BENCH = [sys.executable, "-m", "bench", "--quick", "--only=warm"]

pytestmark = [pytest.mark.needs_dnsperf, pytest.mark.needs_cc]


def test_a_tiny_run_measures_the_floor_and_a_peer_of_ones_own(tmp_path: Path) -> None:
    responder = compiled("responder", tmp_path)
    done = subprocess.run(
        [*BENCH, "--seconds=200ms"],
        cwd=ROOT,
        env={
            **os.environ,
            "BENCH_PEERS": f"mine={responder} answer {{port}}; gone=no-such {{port}}",
        },
        capture_output=True,
        text=True,
        timeout=100,
        check=False,
    )
    said = done.stdout + done.stderr
    assert done.returncode == 0, said
    assert "gone is missing here (no program no-such): left out of the figures" in said
    for peer in ("front", "echo", "kubedns", "mine"):
        assert any(
            line.startswith(f"| warm | {peer} |") and line.endswith("| NOERROR 100 % |")
            for line in said.splitlines()
        ), said


def test_ctrl_c_leaves_no_process(tmp_path: Path) -> None:
    with (tmp_path / "said").open("w") as output:
        bench = subprocess.Popen(
            [*BENCH, "--seconds=30s"], cwd=ROOT, stdout=output, stderr=output, process_group=0
        )
    try:
        # The API is in the bench itself; its children are what stands behind, and dnsperf.
        eventually(lambda: "dnsperf" in _children(bench.pid).values(), timeout_s=60)
        children = _children(bench.pid)
        assert len(children) >= 4
        bench.send_signal(signal.SIGINT)
        assert bench.wait(30) == 1
    finally:
        if bench.poll() is None:
            os.killpg(bench.pid, signal.SIGKILL)
            bench.wait()
    eventually(lambda: not any(Path(f"/proc/{pid}").exists() for pid in children))


def _children(pid: int) -> dict[int, str]:
    """The names of the processes that a process started."""
    found = {}
    for task in Path(f"/proc/{pid}/task").iterdir():
        for child in (task / "children").read_text().split():
            try:
                found[int(child)] = Path(f"/proc/{child}/comm").read_text().strip()
            except OSError:
                continue
    return found
