"""Quantiles over all queries that were sent."""

from __future__ import annotations

import math

import pytest

from bench.latency import TIMEOUT_S, latency


def test_a_lost_query_counts_as_the_slowest() -> None:
    answers = [(0.0, 0.0001)] * 98
    assert latency(answers).p99_us == pytest.approx(100)
    with_loss = latency([*answers, (0.5, math.inf), (0.6, math.inf)])
    assert with_loss.p50_us == pytest.approx(100)
    assert with_loss.p99_us == pytest.approx(TIMEOUT_S * 1e6)
    assert with_loss.lost == 2


def test_quantiles_of_a_thousand_different_times() -> None:
    found = latency((0.0, n / 1e6) for n in range(1000, 0, -1))
    assert (found.p50_us, found.p99_us, found.p999_us) == pytest.approx((501, 991, 1000))


def test_a_span_in_which_the_machine_stood_still_is_one_of_several() -> None:
    quiet = [(number / 1000, 0.0001) for number in range(300)]
    stalled = [(0.15, 0.01)] * 10
    assert latency(quiet + stalled).p99_us == pytest.approx(10_000)
    assert latency(quiet + stalled, span_s=0.1).p99_us == pytest.approx(100)
    twice = [*quiet, *stalled, *((sent - 0.1, took) for sent, took in stalled)]
    assert latency(twice, span_s=0.1).p99_us == pytest.approx(10_000)


def test_no_query_is_an_error() -> None:
    with pytest.raises(ValueError, match="no query"):
        latency([])
