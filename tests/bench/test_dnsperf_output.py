"""dnsperf's output, as version 2.10.0 prints it."""

from __future__ import annotations

import pytest

from bench.dnsperf import (
    TIMEOUT_S,
    LoadError,
    answer_times,
    quantiles,
    summary,
    together,
)

VERBOSE = """\
DNS Performance Testing Tool
Version 2.10.0

[Status] Command line: dnsperf -s 127.0.0.1 -p 29153 -d queries -n 2 -W -v
[Status] Sending queries (to 127.0.0.1:29153)
[Status] Started at: Sat Nov 21 11:49:39 2026
[Status] Stopping after 2 runs through file
> NOERROR a.example.test A 0.000115
> NXDOMAIN b.example.test AAAA 0.000053
> T c.example.test A
> NOERROR b.example.test AAAA 0.000035
[Status] Testing complete (end of file)

Statistics:

  Queries sent:         4
  Queries completed:    3 (75.00%)
  Queries lost:         1 (25.00%)

  Response codes:       NOERROR 2 (66.67%), NXDOMAIN 1 (33.33%)
  Average packet size:  request 32, response 40
  Run time (s):         0.001500
  Queries per second:   2000.000000

  Average Latency (s):  0.000059 (min 0.000035, max 0.000115)
  Latency StdDev (s):   0.000038
"""
NOTHING_ANSWERED = """\
  Queries sent:         2
  Queries completed:    0 (0.00%)
  Queries lost:         2 (100.00%)

  Response codes:       
  Average packet size:  request 32, response 0
  Run time (s):         0.001188
  Queries per second:   0.000000
"""


def test_the_summary_counts_answers_and_losses() -> None:
    load = summary(VERBOSE)
    assert (load.completed, load.lost, load.seconds) == (3, 1, 0.0015)
    assert load.qps == pytest.approx(2000)
    assert load.rcodes == "NOERROR 66.7 %, NXDOMAIN 33.3 %"


def test_no_answer_at_all_is_a_summary_too() -> None:
    load = summary(NOTHING_ANSWERED)
    assert (load.completed, load.lost, load.rcodes) == (0, 2, "")


def test_output_without_a_summary_is_an_error_that_shows_it() -> None:
    with pytest.raises(LoadError, match="unable to connect"):
        summary("Error: unable to connect")


def test_only_answered_queries_have_a_time() -> None:
    assert answer_times(VERBOSE.splitlines()) == [0.000115, 0.000053, 0.000035]


def test_a_lost_query_counts_as_the_slowest() -> None:
    times = [0.0001] * 98
    assert quantiles(times, lost=0).p99_us == pytest.approx(100)
    with_loss = quantiles(times, lost=2)
    assert with_loss.p50_us == pytest.approx(100)
    assert with_loss.p99_us == pytest.approx(TIMEOUT_S * 1e6)
    assert with_loss.lost == 2


def test_quantiles_of_a_thousand_different_times() -> None:
    found = quantiles((n / 1e6 for n in range(1000, 0, -1)), lost=0)
    assert (found.p50_us, found.p99_us, found.p999_us) == pytest.approx((501, 991, 1000))


def test_no_query_is_an_error() -> None:
    with pytest.raises(LoadError, match="no query"):
        quantiles([], lost=0)


def test_two_load_generators_are_one_load() -> None:
    both = together([summary(VERBOSE), summary(VERBOSE)])
    assert (both.completed, both.lost, both.seconds) == (6, 2, 0.0015)
    assert both.qps == pytest.approx(4000)
