"""What `/healthcheck/<label>` says follows from the last result and its age alone."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sidecar.health import Health, ProbeResult, judge
from sidecar.probe_spec import parse_probe

SPEC = parse_probe("a,127.0.0.1,x.test,5,A")
GOOD = ProbeResult(finished=1000.0, latency_s=0.0125)
BAD = ProbeResult(finished=1000.0, latency_s=2.0, error='no RRs for domain "x.test."')


@pytest.mark.parametrize(
    ("last", "now", "body"),
    [
        (None, 0.0, '{"IsOk":false,"LatencySeconds":0,"Err":"waiting for first probe"}'),
        (GOOD, 1001.0, '{"IsOk":true,"LatencySeconds":0.0125,"Err":""}'),
        (GOOD, 1017.0, '{"IsOk":true,"LatencySeconds":0.0125,"Err":""}'),
        (
            GOOD,
            1023.0,
            '{"IsOk":false,"LatencySeconds":0,'
            '"Err":"last probe finished 23 s ago, more than 17 s"}',
        ),
        (
            BAD,
            1001.0,
            '{"IsOk":false,"LatencySeconds":0,"Err":"no RRs for domain \\"x.test.\\""}',
        ),
    ],
)
def test_bodies(last: ProbeResult | None, now: float, body: str) -> None:
    assert judge(SPEC, last, now).to_json() == body


def test_an_old_failure_says_that_it_is_old() -> None:
    assert "23 s ago" in judge(SPEC, BAD, 1023.0).error


@given(st.floats(0, 100), st.text())
def test_the_body_is_json_whatever_the_error(latency_s: float, error: str) -> None:
    body = json.loads(Health(False, latency_s, error).to_json())
    assert body == {"IsOk": False, "LatencySeconds": latency_s, "Err": error}


@given(st.floats(0, 1e9), st.floats(0, 1e6))
def test_a_good_result_is_healthy_until_it_is_stale_and_never_again(
    finished: float, age_s: float
) -> None:
    result = ProbeResult(finished, 0.001)
    now = finished + age_s
    assert judge(SPEC, result, now).ok == (now - finished <= 17)
