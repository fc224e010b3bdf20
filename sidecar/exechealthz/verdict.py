"""From the last run of a command to what its page says; pure.

As exechealthz has it, but for its faults: before the first run has ended a page is 503 and not
200, and what a command wrote is repeated letter by letter.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple


@dataclass(frozen=True, slots=True)
class Run:
    """How one run of a command ended."""

    finished: float
    """Monotonic seconds."""
    at: str
    """The same moment, for people."""
    output: str
    """What it wrote, stdout and stderr in one."""
    error: str = ""
    """Empty after success: `exit status 1`, a signal, or the limit that it passed."""


class Verdict(NamedTuple):
    """What a page says."""

    good: bool
    text: str


def judge(path: str, last: Run | None, now: float, *, latency_s: float, show: bool) -> Verdict:
    """The verdict at `now`; `show` has a success tell the command's output (`-output`)."""
    if last is None:
        return Verdict(False, f"Healthz probe on {path}: waiting for first result")
    result = f"Result of last exec: {last.output}, at {last.at}, error {last.error or '<nil>'}"
    if last.error:
        return Verdict(False, f"Healthz probe on {path} error: {result}")
    if now - last.finished > latency_s:
        age = f"{now - last.finished:.0f} s old, more than {latency_s:g} s"
        return Verdict(False, f"Latest result too old to be useful: {result} ({age})")
    return Verdict(True, last.output if show else "ok")
