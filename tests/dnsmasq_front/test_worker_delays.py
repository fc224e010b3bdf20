"""How long a worker that died is missing: a crash loop must not spin, one death must not show."""

from __future__ import annotations

from dnsmasq_front.workers import RETRY_MAX_S, STEADY_S, retry_delay


def test_steady_worker_is_replaced_at_once() -> None:
    assert retry_delay(RETRY_MAX_S, lived_s=STEADY_S) == 0.0


def test_delays_of_a_crash_loop_double_up_to_a_limit() -> None:
    delays = [0.0]
    for _ in range(9):
        delays.append(retry_delay(delays[-1], lived_s=0.0))
    assert delays == [0.0, 0.1, 0.2, 0.4, 0.8, 1.6, 3.2, 5.0, 5.0, 5.0]
