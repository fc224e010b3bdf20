"""`python -m bench.idle_streams` runs, on a small scale, and says both figures."""

from __future__ import annotations

import pytest

from bench import idle_streams
from gates.tools import find_command


@pytest.mark.skipif(
    not (find_command("taskset") and find_command("setpriv")), reason="no util-linux here"
)
def test_small_run(capsys: pytest.CaptureFixture[str]) -> None:
    assert idle_streams.run(["--connections=20", "--seconds=0.2s", "--rounds=1"]) == 0
    alone, crowded, reopened = capsys.readouterr().out.splitlines()
    assert alone.startswith("alone: ")
    assert crowded.startswith("20 idle, one dripping: ")
    assert reopened.startswith("0 connections")
