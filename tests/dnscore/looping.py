"""Running an event loop inside a test until something is true, always with a deadline."""

from __future__ import annotations

import time
from collections.abc import Callable

from dnscore.loop import Loop

DEADLINE_S = 10.0


def run_until(loop: Loop, predicate: Callable[[], object], *, message: str = "") -> None:
    """Run the loop until the predicate is true; AssertionError after the deadline."""
    deadline = time.monotonic() + DEADLINE_S
    came_true: list[bool] = []

    def look() -> None:
        if predicate():
            came_true.append(True)
            loop.stop()
        elif time.monotonic() > deadline:
            loop.stop()
        else:
            loop.call_later(0.002, look)

    loop.call_later(0, look)
    loop.run()
    assert came_true, f"not within {DEADLINE_S:g} s: {message or predicate}"


def run_for(loop: Loop, seconds: float) -> None:
    """Run the loop for a while: only to count what it does meanwhile."""
    loop.call_later(seconds, loop.stop)
    loop.run()
