"""Timers: order, cancellation, and that they starve nobody."""

from __future__ import annotations

import gc
import socket

from dnscore.loop import Loop, Timer
from tests.dnscore.looping import run_for, run_until


def test_timers_run_in_the_order_of_their_times(loop: Loop) -> None:
    ran: list[str] = []
    now = loop.now()
    loop.call_at(now + 0.02, lambda: ran.append("late"))
    loop.call_at(now + 0.01, lambda: ran.append("early"))
    loop.call_at(now + 0.01, lambda: ran.append("early, set later"))
    loop.call_at(now - 5, lambda: ran.append("past"))
    run_until(loop, lambda: len(ran) == 4)
    assert ran == ["past", "early", "early, set later", "late"]


def test_timer_is_not_early(loop: Loop) -> None:
    ran_at: list[float] = []
    due = loop.now() + 0.0105
    loop.call_at(due, lambda: ran_at.append(loop.now()))
    run_until(loop, lambda: ran_at)
    assert ran_at[0] >= due


def test_cancelled_timer_does_not_run(loop: Loop) -> None:
    ran: list[str] = []
    timer = loop.call_later(0.001, lambda: ran.append("cancelled"))
    loop.call_later(0.002, lambda: ran.append("kept"))
    timer.cancel()
    run_until(loop, lambda: ran)
    assert ran == ["kept"]


def test_timer_cancelled_by_one_that_is_due_with_it_does_not_run(loop: Loop) -> None:
    ran: list[str] = []
    now = loop.now()
    loop.call_at(now - 2, lambda: second.cancel())
    second = loop.call_at(now - 1, lambda: ran.append("cancelled"))
    loop.call_at(now, lambda: ran.append("kept"))
    run_until(loop, lambda: ran)
    assert ran == ["kept"]


def test_timer_may_be_cancelled_after_it_ran_and_by_itself(loop: Loop) -> None:
    ran: list[int] = []

    def run() -> None:
        timer.cancel()
        ran.append(1)

    timer = loop.call_later(0, run)
    run_until(loop, lambda: ran)
    timer.cancel()
    assert ran == [1]


def test_cancelled_timers_do_not_pile_up_until_they_would_be_due(loop: Loop) -> None:
    ran: list[str] = []
    loop.call_later(0.01, lambda: ran.append("kept"))
    kept = [loop.call_later(3600, loop.stop) for _ in range(100)]
    for _ in range(20_000):
        loop.call_later(60, loop.stop).cancel()
    assert sum(isinstance(thing, Timer) for thing in gc.get_objects()) < 2000
    run_until(loop, lambda: ran)
    assert all(timer.callback is not None for timer in kept)


def test_timer_that_sets_itself_again_in_the_past_does_not_starve_the_sockets(loop: Loop) -> None:
    ours, theirs = socket.socketpair()
    with ours, theirs:
        read: list[bytes] = []
        turns: list[int] = []

        def again() -> None:
            turns.append(1)
            if len(turns) < 10_000:
                loop.call_at(0.0, again)

        loop.on_readable(ours.fileno(), lambda: read.append(ours.recv(10)))
        loop.call_at(0.0, again)
        theirs.send(b"x")
        run_until(loop, lambda: read)
        loop.forget(ours.fileno())
    assert len(turns) < 10_000


def test_timer_beyond_the_longest_poll_does_not_end_the_loop(loop: Loop) -> None:
    # epoll takes at most 2**31 - 1 milliseconds, which is 24.8 days.
    for days in (25, 1000, 1e9):
        loop.call_later(days * 86400, loop.stop)
    ours, theirs = socket.socketpair()
    with ours, theirs:
        theirs.send(b"x")
        loop.on_readable(ours.fileno(), loop.stop)
        loop.run()
        loop.forget(ours.fileno())


def test_loop_sleeps_until_the_next_timer() -> None:
    asked: list[float] = []
    base = Loop()
    clock = base.now

    def counted() -> float:
        asked.append(0.0)
        return clock()

    loop = Loop(clock=counted)
    run_for(loop, 0.1)
    loop.close()
    base.close()
    assert len(asked) < 20
