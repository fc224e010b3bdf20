"""Runs one shell command: bounded in time and in what is kept of its output."""

from __future__ import annotations

import os
import select
import signal
import subprocess
import time
from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime

from sidecar.exechealthz.verdict import Run

OUTPUT_MAX = 16_384
"""Octets of output that are kept; what is more is read and dropped."""
_READ = 65_536


Child = subprocess.Popen[bytes]


def run_command(
    command: str,
    *,
    timeout_s: float,
    started: Callable[[Child], object] = lambda child: None,
    clock: Callable[[], float] = time.monotonic,
) -> Run:
    """Run `sh -c command` and wait for its end, or for that of its time.

    It is a group of its own: at the time-out everything it has started is killed with it.
    `started` is given the process, for `kill` to end it before its time.
    """
    until = clock() + timeout_s
    try:
        child = subprocess.Popen(
            ["/bin/sh", "-c", command],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    except (OSError, ValueError) as error:  # ValueError: a NUL in the command
        return _ended(b"", f"cannot run it: {error}", clock)
    started(child)
    assert child.stdout is not None
    with child.stdout:
        output, is_late = _collect(child.stdout.fileno(), until, clock)
    try:
        # It may have closed its output and run on.
        child.wait(0 if is_late else max(0.0, until - clock()))
    except subprocess.TimeoutExpired:
        is_late = True
    if is_late:
        # Also when the shell has gone and one of its children holds the output open.
        kill(child)
        child.wait()
        return _ended(output, f"killed after {timeout_s:g} s", clock)
    return _ended(output, _error(child.returncode), clock)


def kill(child: Child) -> None:
    """Kill a command and everything in its group."""
    with suppress(ProcessLookupError, PermissionError):
        os.killpg(child.pid, signal.SIGKILL)


def _collect(fd: int, until: float, clock: Callable[[], float]) -> tuple[bytes, bool]:
    """The beginning of what is written, and whether the time ended before the writing did."""
    output = b""
    poll = select.poll()
    poll.register(fd, select.POLLIN)
    while (left_s := until - clock()) > 0:
        if not poll.poll(left_s * 1000):
            continue
        piece = os.read(fd, _READ)
        if not piece:
            return output, False
        output += piece[: OUTPUT_MAX - len(output)]
    return output, True


def _error(returncode: int) -> str:
    if returncode < 0:
        return f"signal: {signal.strsignal(-returncode) or -returncode}"
    return f"exit status {returncode}" if returncode else ""


def _ended(output: bytes, error: str, clock: Callable[[], float]) -> Run:
    at = datetime.now(UTC).isoformat(sep=" ", timespec="seconds")
    return Run(clock(), at, output.decode("utf-8", "replace"), error)
