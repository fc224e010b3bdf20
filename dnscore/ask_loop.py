"""Asking a loop's thread from another one, as the threads of HTTP pages do."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Future
from typing import TypeVar

from dnscore.loop import Loop

T = TypeVar("T")

LOOP_WAIT_S = 30.0
"""A page gives up when the DNS loop has not answered it for this long."""


def ask_loop(loop: Loop, function: Callable[[], T], *, wait_s: float = LOOP_WAIT_S) -> T:
    """The result of a function that is called in the loop's thread; from any other thread.

    Raises what the function raises, and TimeoutError when the loop does not turn.
    """
    answer: Future[T] = Future()

    def call() -> None:
        try:
            answer.set_result(function())
        except Exception as error:
            answer.set_exception(error)

    loop.call_from_thread(call)
    return answer.result(wait_s)
