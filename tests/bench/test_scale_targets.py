"""What is said of the figures of the large set."""

from __future__ import annotations

import pytest

from bench.latency import Latency
from bench.scale.delay import Delays
from bench.scale.lists import Relist
from bench.scale.targets import TARGETS, Lists, Round, Target, table
from bench.targets import MET, MISSED, NOT_MEASURED


def target(words: str) -> Target:
    (found,) = [target for target in TARGETS if words in target.name]
    return found


def relist(*, wrong: int = 0, busy_us: float = 2000.0) -> Round:
    quiet, busy = Latency(100.0, 1000.0, 2000.0), Latency(100.0, busy_us, 9000.0)
    return Round(relist=Relist(0.5, quiet, busy, 1000, wrong))


def test_what_was_not_measured_has_no_verdict() -> None:
    for row in table([Round()]).splitlines()[2:]:
        assert row.endswith(f"| - | {NOT_MEASURED} |")


def test_the_median_of_the_rounds_decides() -> None:
    p99 = target("p99 above that before it")
    rounds = [relist(busy_us=us) for us in (2000.0, 6000.0, 30_000.0)]
    assert p99.over(rounds) == pytest.approx([1.0, 5.0, 29.0])
    assert p99.verdict(p99.over(rounds)) == MET
    assert p99.verdict(p99.over(rounds[1:])) == MISSED


def test_one_wrong_answer_in_one_round_is_a_miss() -> None:
    wrong = target("relist: wrong")
    assert wrong.verdict(wrong.over([relist(), relist(), relist(wrong=1)])) == MISSED
    assert wrong.verdict(wrong.over([relist(), relist()])) == MET


def test_the_time_to_be_ready_is_told_in_units_of_curls() -> None:
    lists = Lists(0.4, 0.6, 0.1, 1.2, 0.8, idle_mb=70.0, peak_mb=90.0)
    assert target("only joins bytes").over([Round(lists=lists)]) == pytest.approx([6.0])
    assert target("MB/s").over([Round(lists=lists)]) == pytest.approx([1.5])
    assert "| 90 MB | met |" in table([Round(lists=lists)])


def test_a_change_that_is_never_seen_takes_for_ever() -> None:
    delays = Delays(tuple(n / 1000 for n in range(98)), missed=2)
    assert delays.at(0.5) == pytest.approx(0.05)
    found = target("one at a time: p99").over([Round(single=delays)])
    assert found == [float("inf")]
    assert target("one at a time: p99").verdict(found) == MISSED
