"""dnsperf's output, as version 2.10.0 prints it."""

from __future__ import annotations

import pytest

from bench.dnsperf import LoadError, summary, together

VERBOSE = """\
DNS Performance Testing Tool
Version 2.10.0

[Status] Command line: dnsperf -s 127.0.0.1 -p 29153 -d queries -n 2 -W
[Status] Sending queries (to 127.0.0.1:29153)
[Status] Started at: Sat Nov 21 11:49:39 2026
[Status] Stopping after 2 runs through file
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


def test_two_load_generators_are_one_load() -> None:
    both = together([summary(VERBOSE), summary(VERBOSE)])
    assert (both.completed, both.lost, both.seconds) == (6, 2, 0.0015)
    assert both.qps == pytest.approx(4000)
