"""One run of a command: how it ended, what it wrote, and that it leaves nothing behind."""

from __future__ import annotations

import os
import signal
import threading
from pathlib import Path

import pytest

from sidecar.exechealthz.command import OUTPUT_MAX, Child, kill, run_command
from tests.waiting import eventually

LONG_S = 60.0
SHORT_S = 0.3


@pytest.mark.parametrize(
    ("command", "output", "error"),
    [
        ("echo healthz", "healthz\n", ""),
        ("true", "", ""),
        ("echo out; echo err >&2", "out\nerr\n", ""),
        ("echo '50% %s %d'", "50% %s %d\n", ""),
        ("printf 'a\\377b'", "a\N{REPLACEMENT CHARACTER}b", ""),
        ("echo x; exit 3", "x\n", "exit status 3"),
        ("kill -TERM $$", "", f"signal: {signal.strsignal(signal.SIGTERM)}"),
        ("cat", "", ""),  # there is no input to wait for
        ("exec >&- 2>&-; exit 4", "", "exit status 4"),
        ("echo a\0b", "", "cannot run it: embedded null byte"),
    ],
)
def test_ends(command: str, output: str, error: str) -> None:
    run = run_command(command, timeout_s=LONG_S)
    assert (run.output, run.error) == (output, error)


def test_a_command_that_is_not_there_is_told_by_the_shell() -> None:
    run = run_command("no-such-command-here", timeout_s=LONG_S)
    assert run.error == "exit status 127"
    assert "no-such-command-here" in run.output


def test_the_moment_is_that_of_the_end() -> None:
    ticks = iter(range(100, 200))
    run = run_command("true", timeout_s=LONG_S, clock=lambda: next(ticks))
    assert run.finished == next(ticks) - 1
    assert run.at.endswith("+00:00")


def test_output_without_end_is_cut_and_does_not_block() -> None:
    run = run_command("yes | head -c 3000000; echo end >&2; exit 1", timeout_s=LONG_S)
    assert run.error == "exit status 1"
    assert len(run.output) == OUTPUT_MAX


@pytest.mark.parametrize(
    "command",
    [
        "echo $$ >{file}; echo begun; sleep 600",
        "sleep 600 & echo $! >{file}; echo begun; wait",
        "sleep 600 & echo $! >{file}; echo begun",  # a child holds the output open
        "echo $$ >{file}; echo begun; exec >&- 2>&-; sleep 600",
        "trap '' TERM INT HUP; echo $$ >{file}; echo begun; while :; do sleep 600; done",
    ],
)
def test_what_takes_too_long_is_killed_with_all_it_has_started(
    tmp_path: Path, command: str
) -> None:
    file = tmp_path / "pid"
    run = run_command(command.format(file=file), timeout_s=SHORT_S)
    assert (run.output, run.error) == ("begun\n", f"killed after {SHORT_S:g} s")
    pid = int(file.read_text())
    eventually(lambda: not is_running(pid))


def test_a_run_can_be_ended_before_its_time(tmp_path: Path) -> None:
    children: list[Child] = []
    ended: list[str] = []

    def run() -> None:
        ended.append(run_command("sleep 600", timeout_s=LONG_S, started=children.append).error)

    thread = threading.Thread(target=run)
    thread.start()
    eventually(lambda: children)
    kill(children[0])
    thread.join(10)
    assert ended == [f"signal: {signal.strsignal(signal.SIGKILL)}"]
    kill(children[0])  # is no fault when there is nothing left


def is_running(pid: int) -> bool:
    """Whether a process lives; one that only waits for its parent does not."""
    try:
        os.kill(pid, 0)
        state = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0]
    except (ProcessLookupError, FileNotFoundError):
        return False
    return state != "Z"
