"""What an exechealthz page says follows from the last run of its command and from its age."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sidecar.exechealthz.verdict import Run, judge

AT = "2026-01-02 03:04:05+00:00"
GOOD = Run(100.0, AT, "10.0.0.1\n")
BAD = Run(100.0, AT, "no such name\n", "exit status 1")
BAD_TEXT = f"Result of last exec: no such name\n, at {AT}, error exit status 1"
OLD_TEXT = f"Result of last exec: 10.0.0.1\n, at {AT}, error <nil> (31 s old, more than 30 s)"


@pytest.mark.parametrize(
    ("last", "now", "show", "good", "text"),
    [
        (None, 100.0, False, False, "Healthz probe on /x: waiting for first result"),
        (GOOD, 100.0, False, True, "ok"),
        (GOOD, 130.0, False, True, "ok"),
        (GOOD, 100.0, True, True, "10.0.0.1\n"),
        (GOOD, 131.0, False, False, f"Latest result too old to be useful: {OLD_TEXT}"),
        (GOOD, 131.0, True, False, f"Latest result too old to be useful: {OLD_TEXT}"),
        (BAD, 100.0, False, False, f"Healthz probe on /x error: {BAD_TEXT}"),
        (BAD, 100.0, True, False, f"Healthz probe on /x error: {BAD_TEXT}"),
        (BAD, 131.0, False, False, f"Healthz probe on /x error: {BAD_TEXT}"),
    ],
)
def test_verdicts(last: Run | None, now: float, show: bool, good: bool, text: str) -> None:
    assert judge("/x", last, now, latency_s=30.0, show=show) == (good, text)


@given(st.text())
def test_output_is_told_letter_by_letter(output: str) -> None:
    shown = judge("/x", Run(1.0, AT, output), 1.0, latency_s=30.0, show=True)
    assert shown == (True, output)
    assert output in judge("/x", Run(1.0, AT, output, "x"), 1.0, latency_s=30.0, show=False).text
