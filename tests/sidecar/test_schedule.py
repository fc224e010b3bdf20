"""When rounds begin: a random start, a fixed pace, no catching up."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from sidecar.schedule import first_delay_s, is_stale, next_due, stale_after_s

SECONDS = st.floats(0, 1e6)
INTERVAL = st.integers(1, 86_400)


@given(INTERVAL, st.floats(0, 1, exclude_max=True))
def test_the_first_round_is_within_one_interval(interval_s: int, fraction: float) -> None:
    assert 0 <= first_delay_s(interval_s, fraction=fraction) <= interval_s


def test_the_start_spreads_over_the_interval() -> None:
    assert [first_delay_s(8, fraction=f) for f in (0.0, 0.25, 0.75)] == [0, 2, 6]


def test_the_pace_does_not_drift_with_the_latency() -> None:
    assert next_due(100.0, 100.3, interval_s=5) == 105.0


def test_a_round_longer_than_the_interval_is_followed_at_once_not_twice() -> None:
    assert next_due(100.0, 102.0, interval_s=1) == 102.0


@given(SECONDS, st.floats(0, 100), INTERVAL)
def test_the_next_round_is_never_in_the_past(
    started: float, latency_s: float, interval_s: int
) -> None:
    finished = started + latency_s
    assert next_due(started, finished, interval_s=interval_s) >= finished


def test_a_result_is_stale_after_three_intervals_and_a_timeout() -> None:
    assert stale_after_s(5) == 17
    assert not is_stale(100.0, 117.0, interval_s=5)
    assert is_stale(100.0, 117.1, interval_s=5)


@given(SECONDS, INTERVAL)
def test_rounds_that_time_out_one_after_another_never_look_stale(
    finished: float, interval_s: int
) -> None:
    latest = next_due(finished, finished, interval_s=interval_s) + 2.0
    assert not is_stale(finished, latest, interval_s=interval_s)
