"""A log that cannot be written ends nothing: the reader of stderr may go before the daemon."""

from __future__ import annotations

import io
from collections.abc import Iterator

import pytest

from dnscore import log
from dnscore.lifecycle import Parts
from dnscore.loop import Loop
from tests.dnscore.looping import run_until


class ClosedPipe(io.StringIO):
    """A stream whose reader has gone, or whose disk is full."""

    def write(self, text: str, /) -> int:
        raise BrokenPipeError(32, "Broken pipe")


@pytest.fixture(autouse=True)
def broken_logs() -> Iterator[None]:
    log.configure(stream=ClosedPipe())
    yield
    log.configure()


@pytest.mark.parametrize("level", ["info", "warning", "error"])
def test_logging_to_a_closed_pipe_does_not_raise(level: str) -> None:
    getattr(log.get_logger("x"), level)("message", field=1)


def test_loop_goes_on_when_a_failure_cannot_be_logged(loop: Loop) -> None:
    later: list[int] = []

    def fail() -> None:
        raise RuntimeError("bug")

    loop.call_later(0, fail)
    loop.call_later(0, lambda: later.append(1))
    run_until(loop, lambda: later)
    assert loop.failures == 1


def test_parts_all_stop_when_a_failure_cannot_be_logged() -> None:
    stopped: list[str] = []

    def fail() -> None:
        raise RuntimeError("bug")

    parts = Parts()
    parts.started("first", lambda: stopped.append("first"))
    parts.started("second", fail)
    parts.stop_all()
    assert stopped == ["first"]
