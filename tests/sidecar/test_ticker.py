"""Rounds come at their pace, survive a fault and end when told."""

from __future__ import annotations

import threading
import time

from sidecar.ticker import Ticker
from tests.waiting import eventually


def test_rounds_go_on_after_one_that_raises() -> None:
    rounds: list[float] = []

    def work() -> None:
        rounds.append(time.monotonic())
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
    began = time.monotonic()
    ticker.start()
    ticker.stop()
    assert rounds == []
    assert time.monotonic() - began < 5


def test_stop_does_not_wait_for_a_round_that_hangs() -> None:
    hanging, release = threading.Event(), threading.Event()

    def work() -> None:
        hanging.set()
        release.wait(30)

    ticker = Ticker("t", work, interval_s=1)
    ticker.start()
    assert hanging.wait(10)
    began = time.monotonic()
    ticker.stop()
    assert time.monotonic() - began < 5
    release.set()
