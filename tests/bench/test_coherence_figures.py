"""What is computed of counters, and the verdicts."""

from __future__ import annotations

import pytest

from bench.coherence.asking import Asked, Heard, schedule
from bench.coherence.changing import KINDS
from bench.coherence.judging import Judged
from bench.coherence.report import Round, Row, table
from bench.coherence.under_load import Loaded, Told, told_between

DELAY = "kubedns_notify_delay_seconds"


def page(*, within_1ms: int, within_5ms: int, total_s: float) -> dict[str, float]:
    target = 'target="127.0.0.1:53"'
    return {
        f'{DELAY}_bucket{{le="0.001",{target}}}': within_1ms,
        f'{DELAY}_bucket{{le="0.005",{target}}}': within_5ms,
        f'{DELAY}_bucket{{le="+Inf",{target}}}': within_5ms,
        f"{DELAY}_count{{{target}}}": within_5ms,
        f"{DELAY}_sum{{{target}}}": total_s,
        f"kubedns_notify_acknowledged_total{{{target}}}": within_5ms,
        f"kubedns_notify_retried_total{{{target}}}": 3,
        "process_cpu_seconds_total": 9,
    }


def test_delays_are_those_between_two_looks() -> None:
    before = page(within_1ms=10, within_5ms=1000, total_s=4.0)
    after = page(within_1ms=70, within_5ms=1100, total_s=4.2)
    told = told_between(before, after)
    assert told.mean_s == pytest.approx(0.002)
    assert (told.p50_s, told.p99_s) == (0.001, 0.005)
    assert (told.acknowledged, told.retried, told.everything) == (100, 0, 0)


def test_nothing_told_is_nothing() -> None:
    assert told_between({}, {"process_cpu_seconds_total": 9.0}) == Told()


def loaded(*, forwarded: int, seen: int, untouched: int) -> Loaded:
    judged = Judged(late_s={kind: [0.0, 0.001] for kind in KINDS}, seen=seen)
    heard = Heard(untouched=untouched, asked=untouched, answered=untouched, seconds=1.0)
    return Loaded(judged, heard, 100, 1.0, forwarded, Told())


@pytest.mark.parametrize(
    ("forwarded", "expected"), [(100, 1.0), (90, 1.0), (130, 0.99)], ids=["all", "fewer", "more"]
)
def test_hits_are_what_changes_do_not_explain(forwarded: int, expected: float) -> None:
    one = loaded(forwarded=forwarded, seen=100, untouched=3000)
    assert one.hit_share == pytest.approx(expected)


def test_each_name_is_asked_for_at_its_rate_evenly() -> None:
    plan = schedule(Asked(["a", "b"], 4.0), Asked(["c", "d", "e"], 2.0))
    assert [number for _, number in plan].count(1) == 4
    assert sorted({number for _, number in plan}) == [0, 1, 2, 3, 4]
    assert [when for when, number in plan if number == 0] == [0.0, 0.25, 0.5, 0.75]
    assert len(plan) == 14


@pytest.mark.parametrize(
    ("values", "at_least", "worst", "verdict"),
    [
        ([1.0, 2.0, 9.0], False, False, "| met |"),
        ([1.0, 2.0, 9.0], False, True, "| **missed** |"),
        ([1.0, 4.0, 9.0], True, False, "| met |"),
        ([1.0, 4.0, 9.0], True, True, "| **missed** |"),
        ([], False, False, "| not measured |"),
    ],
)
def test_verdicts(values: list[float], at_least: bool, worst: bool, verdict: str) -> None:
    rounds = [Round(held=int(value)) for value in values]
    row = Row("row", lambda one: one.held, "{:.0f}", 3.0, at_least, worst)
    assert row.text(rounds).endswith(verdict)


def test_figures_that_are_missing_are_told() -> None:
    lines = table([Round(loaded=loaded(forwarded=0, seen=0, untouched=1))]).splitlines()
    assert any(line.startswith("| new pod") and "not measured" in line for line in lines)
    assert "| old data after a change: last one, p99 | <= 50.0 ms | 1.0 ms | met |" in lines
