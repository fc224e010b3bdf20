"""Targets: ratios within a round, the median over rounds, and what is said of them."""

from __future__ import annotations

import pytest

from bench.targets import MEMORY_MB, MET, MISSED, NOT_MEASURED, TARGETS, Target, memory_verdict
from tests.bench.figures import result, round_of


def target(words: str) -> Target:
    (found,) = [target for target in TARGETS if words in target.path]
    return found


def test_the_ratio_is_taken_within_each_round() -> None:
    slow = round_of(result("warm", "front", 18.0), result("warm", "dnsmasq", 20.0))
    fast = round_of(result("warm", "front", 4.0), result("warm", "dnsmasq", 5.0))
    assert target("warm hit / dnsmasq").over([slow, fast]) == pytest.approx([0.9, 0.8])


def test_a_round_without_the_figures_is_left_out() -> None:
    whole = round_of(result("warm", "front", 9.0), result("warm", "dnsmasq", 10.0))
    nothing = round_of(result("warm", "front", 9.0))
    zero = round_of(result("warm", "front", 9.0), result("warm", "dnsmasq", 0.0))
    assert target("warm hit / dnsmasq").over([nothing, whole, zero]) == pytest.approx([0.9])


def test_the_median_decides() -> None:
    warm = target("warm hit / dnsmasq")
    assert warm.verdict([0.5, 0.95, 2.0], processors=2) == MET
    assert warm.verdict([0.5, 0.96, 2.0], processors=2) == MISSED
    assert warm.verdict([], processors=2) == NOT_MEASURED


def test_own_change_is_counted_in_units_of_dnsmasqs_change() -> None:
    found = round_of(
        result("warm", "front", 5.0),
        result("case", "front", 10.0),
        result("warm", "dnsmasq", 10.0),
        result("case", "dnsmasq", 16.0),
    )
    assert target("mixed case").over([found]) == pytest.approx([2.0 / 1.6])


def test_workers_are_judged_only_where_there_are_cores() -> None:
    workers = target("2 workers")
    found = round_of(
        result("workers-1", "front", 5.0, qps=100.0), result("workers-2", "front", 5.0, qps=180.0)
    )
    ratios = workers.over([found])
    assert ratios == pytest.approx([1.8])
    assert workers.verdict(ratios, processors=4) == MET
    assert workers.verdict([1.6], processors=4) == MISSED
    assert workers.verdict(ratios, processors=2).startswith("no cores for it: 2 processors")
    assert workers.wanted == ">= 1.70"


def test_changes_are_judged_on_the_hit_path_alone() -> None:
    found = round_of(
        result("changes-quiet", "kubedns", 10.0),
        result("changes-total", "kubedns", 14.0),
        result("changes-hit", "kubedns", 11.0),
    )
    hit_path, total = target("hit path"), target("with the CPU of the changes")
    assert hit_path.over([found]) == pytest.approx([1.1])
    assert hit_path.verdict([1.1], processors=2) == MET
    assert hit_path.verdict([1.16], processors=2) == MISSED
    assert total.over([found]) == pytest.approx([1.4])
    assert total.verdict([1.4], processors=2) not in (MET, MISSED)


def test_latency_that_was_not_measured_is_not_a_ratio_of_nothing() -> None:
    found = round_of(result("warm", "front", 5.0), result("warm", "dnsmasq", 5.0, p99_us=300.0))
    assert target("p99").over([found]) == []


@pytest.mark.parametrize(("daemon", "bound"), MEMORY_MB.items())
def test_idle_memory(daemon: str, bound: float) -> None:
    assert memory_verdict(daemon, bound) == MET
    assert memory_verdict(daemon, bound + 0.1) == MISSED
    assert memory_verdict(daemon, None) == NOT_MEASURED
