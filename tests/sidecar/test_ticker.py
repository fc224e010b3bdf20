"""Rounds come at their pace, survive a fault and end when told."""

from __future__ import annotations

import threading

from sidecar.ticker import Ticker
from tests.waiting import eventually


def test_rounds_go_on_after_one_that_raises() -> None:
    rounds: list[int] = []

    def work() -> None:
        rounds.append(1)
        if len(rounds) == 1:
            raise RuntimeError("once")

    ticker = Ticker("t", work, interval_s=0.01)
    ticker.start()
    eventually(lambda: len(rounds) >= 3)
    ticker.stop()
    count = len(rounds)
    assert not any(thread.name == "t" for thread in threading.enumerate())
    assert len(rounds) == count


def test_the_first_round_waits_for_its_delay_and_stop_does_not() -> None:
    rounds: list[int] = []
    ticker = Ticker("t", lambda: rounds.append(1), interval_s=1, first_delay_s=3600)
    ticker.start()
    ticker.stop()
    assert rounds == []


def test_stop_does_not_wait_for_a_round_that_hangs() -> None:
    hanging, release = threading.Event(), threading.Event()

    def work() -> None:
        hanging.set()
        release.wait()

    ticker = Ticker("hangs", work, interval_s=1)
    ticker.start()
    assert hanging.wait(10)
    ticker.stop()
    assert any(thread.name == "hangs" for thread in threading.enumerate())
    release.set()
