"""A callback that raises is counted and logged with its place; the loop goes on."""

from __future__ import annotations

import socket
from collections.abc import Callable

import pytest

from dnscore import log
from dnscore.loop import Loop
from tests.dnscore.looping import run_until


def fail() -> None:
    raise RuntimeError("bug")


@pytest.mark.parametrize(
    "plan", [lambda loop: loop.call_later(0, fail), lambda loop: loop.call_from_thread(fail)]
)
def test_failing_call_does_not_end_the_loop(loop: Loop, plan: Callable[[Loop], object]) -> None:
    plan(loop)
    plan(loop)
    run_until(loop, lambda: loop.failures == 2)


def test_failing_reader_and_writer_do_not_end_the_loop(
    loop: Loop, capsys: pytest.CaptureFixture[str]
) -> None:
    log.configure()
    ours, theirs = socket.socketpair()
    with ours, theirs:
        seen: list[bytes] = []

        def read() -> None:
            seen.append(ours.recv(10))
            fail()

        def write() -> None:
            loop.on_writable(ours.fileno(), None)
            fail()

        loop.on_readable(ours.fileno(), read)
        loop.on_writable(ours.fileno(), write)
        theirs.send(b"x")
        run_until(loop, lambda: loop.failures == 2)
        theirs.send(b"y")
        run_until(loop, lambda: loop.failures == 3)
        loop.forget(ours.fileno())
    assert seen == [b"x", b"y"]
    err = capsys.readouterr().err
    assert "RuntimeError('bug')" in err
    assert "in fail" in err


def test_request_to_end_the_process_passes(loop: Loop) -> None:
    def leave() -> None:
        raise SystemExit(3)

    loop.call_later(0, leave)
    with pytest.raises(SystemExit):
        loop.run()
