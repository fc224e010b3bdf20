"""Waiting for something to become true, with a deadline: the tests' only way to wait."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TypeVar

T = TypeVar("T")

POLL_S = 0.01


def eventually(
    predicate: Callable[[], T], timeout_s: float = 10.0, message: str | Callable[[], str] = ""
) -> T:
    """The first true value of `predicate()`; AssertionError with the message after `timeout_s`.

    The message may be a function, called only on failure, to say what was there instead.
    """
    deadline = time.monotonic() + timeout_s
    while True:
        value = predicate()
        if value:
            return value
        if time.monotonic() > deadline:
            text = message() if callable(message) else message
            raise AssertionError(f"not within {timeout_s:g} s: {text or predicate}")
        time.sleep(POLL_S)
