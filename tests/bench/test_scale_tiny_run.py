"""The whole benchmark of a large cluster, on a small one."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
SIZE = ["--services=60", "--endpoints=240", "--per-slice=30"]


@pytest.mark.needs_dnsperf
@pytest.mark.needs_curl
def test_a_tiny_run_finds_every_answer_right(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "bench.scale", "--rounds=1", "--steady=500ms", "--changes=5"]
    done = subprocess.run(
        [*command, *SIZE, f"--results={tmp_path}"],
        cwd=ROOT,
        env=os.environ,
        capture_output=True,
        text=True,
        timeout=110,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    text = (tmp_path / "scale.md").read_text()
    assert "60 services, 240 endpoints in 8 slices" in text
    for name in ("relist: wrong or missing answers", "updates: wrong or missing answers after"):
        assert re.search(rf"\| {name} \| <= 0 \| 0 \| met \|", text), text
    assert "not measured" not in text
    compared = re.search(r"relist: answers compared \| - \| ([\d,]+) ", text)
    assert compared is not None
    assert int(compared[1].replace(",", "")) >= 120


@pytest.mark.parametrize(
    ("flag", "said"),
    [("--only=nothing", "no part 'nothing'"), ("--endpoints=5", "one full slice")],
)
def test_a_wrong_flag_is_told(flag: str, said: str) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "bench.scale", flag],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 2
    assert said in done.stderr
