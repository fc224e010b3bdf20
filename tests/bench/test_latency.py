"""Quantiles over all queries that were sent."""

from __future__ import annotations

import pytest

from bench.latency import TIMEOUT_S, latency


def test_a_lost_query_counts_as_the_slowest() -> None:
    times = [0.0001] * 98
    assert latency(times, lost=0).p99_us == pytest.approx(100)
    with_loss = latency(times, lost=2)
    assert with_loss.p50_us == pytest.approx(100)
    assert with_loss.p99_us == pytest.approx(TIMEOUT_S * 1e6)
    assert with_loss.lost == 2


def test_quantiles_of_a_thousand_different_times() -> None:
    found = latency((n / 1e6 for n in range(1000, 0, -1)), lost=0)
    assert (found.p50_us, found.p99_us, found.p999_us) == pytest.approx((501, 991, 1000))


def test_no_query_is_an_error() -> None:
    with pytest.raises(ValueError, match="no query"):
        latency([], lost=0)
