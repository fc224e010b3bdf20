"""A process that dies, or never gets ready, is named with its log, and ends the run."""

from __future__ import annotations

import os
import signal
from pathlib import Path

from localrun.plan import HttpReady, ProcessSpec
from localrun.screen import Screen
from localrun.supervisor import supervise
from tests.localrun.processes import FakeRun
from tests.ports import free_port


def test_death_at_the_start_is_named_with_status_and_log(tmp_path: Path) -> None:
    with FakeRun(tmp_path, ["one", "two:die=7", "three"]) as run:
        assert run.exit_status() == 1
        output = run.output()
        assert "localrun: two died (exit status 7)" in output
        assert f"the end of {tmp_path}/two.log:" in output
        assert "    two cannot go on: the reason is here" in output
        assert run.journal()[-1] == "one told-to-stop"
        assert "three started" not in run.journal()
        run.assert_nothing_is_left()


def test_death_later_ends_the_run_and_stops_the_others(tmp_path: Path) -> None:
    with FakeRun(tmp_path, ["one", "two", "three"]) as run:
        run.wait_until_ready()
        os.kill(run.pid_of("two"), signal.SIGKILL)
        assert run.exit_status() == 1
        assert "localrun: two died (killed by SIGKILL)" in run.output()
        assert run.journal()[-2:] == ["three told-to-stop", "one told-to-stop"]
        run.assert_nothing_is_left()


def test_death_with_status_zero_is_a_failure_too(tmp_path: Path) -> None:
    with FakeRun(tmp_path, ["one:die=0"]) as run:
        assert run.exit_status() == 1
        assert "localrun: one died (exit status 0)" in run.output()


def test_a_process_that_never_gets_ready_ends_the_run(tmp_path: Path) -> None:
    with FakeRun(tmp_path, ["one", "two:unready"], ready_timeout_s=0.5) as run:
        assert run.exit_status() == 1
        assert "localrun: two is not ready after 0.5 s: " in run.output()
        assert "wrote nothing to" in run.output()
        run.assert_nothing_is_left()


def test_a_program_that_is_not_there_is_named(tmp_path: Path) -> None:
    ghost = ProcessSpec(
        name="ghost",
        argv=(str(tmp_path / "no-such-program"),),
        ports=(),
        ready=HttpReady(free_port(), "/"),
    )
    with (tmp_path / "output").open("w", encoding="utf-8") as output:
        status = supervise([ghost], screen=Screen(output), log_dir=tmp_path, when_ready="")
    assert status == 1
    text = (tmp_path / "output").read_text(encoding="utf-8")
    assert "localrun: ghost cannot be started: " in text
    assert "no-such-program" in text
