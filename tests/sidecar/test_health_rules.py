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


STALE = ProbeResult(1000.0, 0.3, "stale answer", answered=True, stale=True, tries=2)
SILENT = ProbeResult(1000.0, 4.0, "no answer", answered=False, tries=2)


@pytest.mark.parametrize(
    ("last", "now", "stock", "more"),
    [
        (
            None,
            0.0,
            '"IsOk":false,"LatencySeconds":0,"Err":"waiting for first probe"',
            (0, 0, None),
        ),
        (GOOD, 1001.0, '"IsOk":true,"LatencySeconds":0.0125,"Err":""', (1, 0, 1.0)),
        (GOOD, 1017.0, '"IsOk":true,"LatencySeconds":0.0125,"Err":""', (1, 0, 17.0)),
        (
            GOOD,
            1023.0,
            '"IsOk":false,"LatencySeconds":0,"Err":"last probe finished 23 s ago, more than 17 s"',
            (0, 0, 23.0),
        ),
        (
            BAD,
            1001.5,
            '"IsOk":false,"LatencySeconds":0,"Err":"no RRs for domain \\"x.test.\\""',
            (1, 0, 1.5),
        ),
        (STALE, 1001.0, '"IsOk":false,"LatencySeconds":0,"Err":"stale answer"', (1, 1, 1.0)),
        (SILENT, 1001.0, '"IsOk":false,"LatencySeconds":0,"Err":"no answer"', (0, 0, 1.0)),
    ],
)
def test_bodies(
    last: ProbeResult | None, now: float, stock: str, more: tuple[int, int, float | None]
) -> None:
    text = judge(SPEC, last, now).to_json()
    assert text.startswith("{" + stock + ",")
    body = json.loads(text)
    assert list(body) == ["IsOk", "LatencySeconds", "Err", "Answered", "Stale", "AgeSeconds"]
    assert (body["Answered"], body["Stale"], body["AgeSeconds"]) == more


def test_rounds_that_may_ask_often_may_take_longer() -> None:
    assert judge(SPEC, GOOD, 1019.0, tries=2).ok
    assert not judge(SPEC, GOOD, 1019.1, tries=2).ok


def test_an_old_failure_says_that_it_is_old() -> None:
    assert "23 s ago" in judge(SPEC, BAD, 1023.0).error


@given(st.floats(0, 100), st.text())
def test_the_body_is_json_whatever_the_error(latency_s: float, error: str) -> None:
    body = json.loads(Health(False, latency_s, error).to_json())
    assert (body["LatencySeconds"], body["Err"]) == (latency_s, error)


@given(st.floats(0, 1e9), st.floats(0, 1e6))
def test_a_good_result_is_healthy_until_it_is_stale_and_never_again(
    finished: float, age_s: float
) -> None:
    result = ProbeResult(finished, 0.001)
    now = finished + age_s
    assert judge(SPEC, result, now).ok == (now - finished <= 17)
