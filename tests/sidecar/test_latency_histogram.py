"""The latency histogram: the stock buckets, cumulative, bounds included."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sidecar.histogram import BUCKETS_MS, LatencyHistogram


def test_the_buckets_are_the_stock_ones() -> None:
    assert BUCKETS_MS[:4] == (0.25, 0.5, 1.0, 2.0)
    assert (len(BUCKETS_MS), BUCKETS_MS[-1]) == (16, 8192.0)


@pytest.mark.parametrize(
    ("latency_ms", "first_bucket"), [(0.0, 0), (0.25, 0), (0.26, 1), (8192.0, 15), (8193.0, 16)]
)
def test_a_latency_is_in_every_bucket_from_its_own_on(latency_ms: float, first_bucket: int) -> None:
    histogram = LatencyHistogram()
    histogram.observe(latency_ms / 1000)
    assert histogram.read().cumulative == (0,) * first_bucket + (1,) * (17 - first_bucket)


@given(st.lists(st.floats(0, 20)))
def test_counts_agree_with_a_plain_count(latencies_s: list[float]) -> None:
    histogram = LatencyHistogram()
    for latency_s in latencies_s:
        histogram.observe(latency_s)
    reading = histogram.read()
    expected = [sum(s * 1000 <= bound for s in latencies_s) for bound in BUCKETS_MS]
    assert reading.cumulative == (*expected, len(latencies_s))
    assert reading.count == len(latencies_s)
    assert reading.sum_ms == pytest.approx(sum(latencies_s) * 1000)
