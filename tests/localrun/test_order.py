"""Processes start one after the other, each when the one before is ready, and stop in reverse."""

from __future__ import annotations

import signal
from pathlib import Path

import pytest

from tests.localrun.processes import FakeRun
from tests.waiting import eventually

THREE = ["one:slow", "two:slow", "three"]


def test_each_process_starts_when_the_one_before_is_ready(tmp_path: Path) -> None:
    with FakeRun(tmp_path, THREE) as run:
        run.wait_until_ready()
        assert run.journal() == [
            "one started",
            "one ready",
            "two started",
            "two ready",
            "three started",
            "three ready",
        ]


def test_progress_has_one_line_per_step(tmp_path: Path) -> None:
    with FakeRun(tmp_path, ["one", "two"]) as run:
        run.wait_until_ready()
        run.press_ctrl_c()
        run.exit_status()
        lines = run.output().splitlines()
    assert [line.rpartition(" ... ")[0] for line in lines if " ... " in line] == [
        "[1/2] starting one",
        "[2/2] starting two",
        "stopping two",
        "stopping one",
    ]


@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_a_signal_stops_everything_in_reverse_order(tmp_path: Path, how: signal.Signals) -> None:
    with FakeRun(tmp_path, ["one", "two", "three"]) as run:
        run.wait_until_ready()
        run.process.send_signal(how)
        assert run.exit_status() == 0
        assert run.journal()[-3:] == [
            "three told-to-stop",
            "two told-to-stop",
            "one told-to-stop",
        ]
        run.assert_nothing_is_left()


def test_ctrl_c_does_not_reach_the_daemons_themselves(tmp_path: Path) -> None:
    with FakeRun(tmp_path, ["one", "two"]) as run:
        run.wait_until_ready()
        run.press_ctrl_c()
        assert run.exit_status() == 0
        # A fake daemon that gets SIGINT dies of it and writes no such line.
        assert run.journal()[-2:] == ["two told-to-stop", "one told-to-stop"]


def test_ctrl_c_while_starting_stops_what_has_been_started(tmp_path: Path) -> None:
    with FakeRun(tmp_path, ["one", "two:unready", "three"]) as run:
        eventually(lambda: "two started" in run.journal(), 20, run.output)
        run.press_ctrl_c()
        assert run.exit_status() == 0
        assert run.journal()[-2:] == ["two told-to-stop", "one told-to-stop"]
        assert "three started" not in run.journal()
        run.assert_nothing_is_left()
