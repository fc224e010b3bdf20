"""The real process: `python -m sidecar.exechealthz`, asked over HTTP, ended by a signal."""

from __future__ import annotations

import signal
from configparser import ConfigParser
from pathlib import Path

import pytest

from tests.ports import free_port
from tests.sidecar.process import ROOT, ServingProcess
from tests.sidecar.test_exec_command import is_running
from tests.waiting import eventually


class ExecProcess(ServingProcess):
    """`python -m sidecar.exechealthz`; SIGTERM ends what it runs as well."""

    last_signal = signal.SIGTERM

    def __init__(self, *flags: str) -> None:
        super().__init__("sidecar.exechealthz", f"-port={free_port()}", *flags)


def test_every_page_follows_its_own_command(tmp_path: Path) -> None:
    flag = tmp_path / "flag"
    flag.touch()
    words = [f"-cmd=ls {flag}", "-url=/a", "-cmd=echo 100%s; exit 1", "-url=/b", "-period=50ms"]
    with ExecProcess(*words, "-quiet") as running:
        eventually(lambda: running.get("/a") == (200, "ok"))
        eventually(lambda: "100%s" in running.get("/b")[1])
        status, text = running.get("/b")
        assert status == 503
        assert text.startswith("Healthz probe on /b error: Result of last exec: 100%s\n, at 20")
        flag.unlink()
        eventually(lambda: running.get("/a")[0] == 503)
        flag.touch()
        eventually(lambda: running.get("/a") == (200, "ok"))
        assert not any("checked" in line for line in running.log)


def test_before_the_first_result_a_page_is_not_good() -> None:
    with ExecProcess("-cmd=sleep 600", "-url=/slow", "-cmd=true", "-url=/quick") as running:
        assert running.get("/slow") == (503, "Healthz probe on /slow: waiting for first result")
        eventually(lambda: running.get("/quick") == (200, "ok"))  # one holds up no other


def test_a_command_that_hangs_is_killed_and_its_page_says_so() -> None:
    words = ["-cmd=echo begun; sleep 600", "-latency=200ms", "-period=50ms"]
    with ExecProcess(*words) as running:
        eventually(lambda: "error killed after 0.2 s" in running.get("/healthz")[1])
        assert running.get("/healthz")[0] == 503


def test_output_is_shown_when_asked_for() -> None:
    with ExecProcess("-cmd=echo '<b>50%</b>'", "-output") as running:
        eventually(lambda: running.get("/healthz") == (200, "<b>50%</b>\n"))
        eventually(lambda: any("checked" in line for line in running.log))


def test_other_paths_are_not_found_and_nobody_ends_it_by_asking() -> None:
    with ExecProcess() as running:
        assert running.get("/") == (200, "exechealthz\n/healthz\n")
        for path in ("/quit", "/debug/pprof/", "/healthz/x", "/" + "x" * 5000):
            assert running.get(path)[0] == 404
        assert running.alive()


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_ends_it_and_what_it_runs(tmp_path: Path, number: signal.Signals) -> None:
    file = tmp_path / "pid"
    with ExecProcess(f"-cmd=echo $$ >{file}; sleep 600; true") as running:
        pid = int(eventually(lambda: file.exists() and file.read_text().strip()))
        running.signal(number)
        assert running.wait() == 0
        eventually(lambda: not is_running(pid))
    assert not any("Traceback" in line for line in running.log)


def test_it_is_a_command() -> None:
    config = ConfigParser()
    config.read(ROOT / "setup.cfg")
    commands = config["options.entry_points"]["console_scripts"].split("\n")
    assert "exechealthz = sidecar.exechealthz.__main__:main" in commands
