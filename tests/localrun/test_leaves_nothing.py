"""No way of ending the run leaves a process behind."""

from __future__ import annotations

from pathlib import Path

from localrun.screen import Screen
from tests.localrun.processes import FakeRun
from tests.waiting import eventually


def test_killing_the_supervisor_outright_ends_every_process(tmp_path: Path) -> None:
    with FakeRun(tmp_path, ["one", "two:stubborn", "three"]) as run:
        run.wait_until_ready()
        run.process.kill()
        run.exit_status()
        run.assert_nothing_is_left()


def test_a_process_that_ignores_sigterm_is_killed_after_the_grace(tmp_path: Path) -> None:
    with FakeRun(tmp_path, ["one", "two:stubborn"], grace_s=0.3) as run:
        run.wait_until_ready()
        run.press_ctrl_c()
        assert run.exit_status() == 0
        assert "stopping two ... killed by SIGKILL" in run.output()
        assert "stopping one ... exit status 0" in run.output()
        run.assert_nothing_is_left()


def test_a_second_ctrl_c_does_not_wait_for_the_grace(tmp_path: Path) -> None:
    with FakeRun(tmp_path, ["one", "two:stubborn"], grace_s=600) as run:
        run.wait_until_ready()
        run.press_ctrl_c()
        eventually(lambda: "two told-to-stop" in run.journal(), 10, run.output)
        run.press_ctrl_c()
        assert run.exit_status() == 0
        run.assert_nothing_is_left()


def test_children_of_a_process_go_with_it(tmp_path: Path) -> None:
    with FakeRun(tmp_path, ["one:brood", "two"]) as run:
        run.wait_until_ready()
        assert len(run.pids()) == 3
        run.press_ctrl_c()
        assert run.exit_status() == 0
        run.assert_nothing_is_left()


def test_a_reader_that_goes_away_does_not_stop_the_stopping(tmp_path: Path) -> None:
    with (tmp_path / "output").open("w", encoding="utf-8") as output:
        screen = Screen(output)
        screen.begin("stopping one")
    screen.end("exit status 0")
    screen.line("all stopped")
    assert (tmp_path / "output").read_text(encoding="utf-8") == "stopping one ... "
