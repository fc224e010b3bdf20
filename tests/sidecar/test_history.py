"""The last hour: a ring of samples, honest about what nobody saw."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sidecar.health import Health
from sidecar.history import (
    FAILING,
    HOUR,
    OK,
    SAMPLE_S,
    STALE,
    WAITING,
    History,
    Sample,
    Traffic,
    lines,
    mark,
    runs,
    share_well,
)

GONE = Traffic()


def _history(*samples: Sample) -> History:
    history = History()
    for sample in samples:
        history.add(sample)
    return history


@pytest.mark.parametrize(
    ("health", "expected"),
    [
        (None, WAITING),
        (Health(False, 0.0, "waiting for first probe"), WAITING),
        (Health(True, 0.1, "", answered=True, age_s=1.0), OK),
        (Health(False, 0.0, "no answer", age_s=1.0), FAILING),
        (Health(False, 0.0, "stale", answered=True, stale=True, age_s=1.0), STALE),
    ],
)
def test_the_mark_of_a_verdict(health: Health | None, expected: str) -> None:
    assert mark(health) == expected


def test_an_hour_is_kept_and_no_more() -> None:
    history = _history(*(Sample(n * SAMPLE_S, "+" if n < 100 else "-") for n in range(HOUR + 100)))
    assert history.marks(0) == "-" * HOUR
    assert len(history.traffic()) == HOUR


def test_time_in_which_nobody_looked_is_a_gap() -> None:
    history = _history(Sample(0.0, "+"), Sample(10.0, "+"), Sample(50.0, "-"))
    assert history.marks(0) == "++...-"
    assert history.seen() == "++...+"


def test_a_gap_of_days_takes_no_more_memory_than_an_hour() -> None:
    history = _history(Sample(0.0, "+"), Sample(1e9, "-"))
    assert history.marks(0) == "." * (HOUR - 1) + "-"


def test_queries_between_two_samples() -> None:
    history = _history(
        Sample(0.0, "+", 10, 10),
        Sample(10.0, "+", 40, 20),
        Sample(20.0, "+", 40, 20),
        Sample(40.0, "+", 90, 20),
        Sample(50.0, "+", 100, 20),
    )
    assert history.traffic() == [
        GONE,
        Traffic(4.0, 0.75),
        Traffic(0.0, None),
        GONE,
        GONE,
        Traffic(1.0, 1.0),
    ]


def test_the_first_good_poll_is_no_burst() -> None:
    history = _history(
        Sample(0.0, "?", polled=False), Sample(10.0, "+", 1_000_000), Sample(20.0, "+", 1_000_010)
    )
    assert history.traffic() == [GONE, GONE, Traffic(1.0, 1.0)]


def test_polls_that_fail_are_not_drawn_as_silence() -> None:
    history = _history(
        Sample(0.0, "+", 10), Sample(10.0, "-", 10, polled=False), Sample(20.0, "+", 600)
    )
    assert history.traffic() == [GONE, GONE, GONE]


@given(st.text("+~-?.", max_size=HOUR))
def test_runs_are_the_marks_again(marks: str) -> None:
    drawn = ["."] * HOUR
    found = runs(marks)
    for run in found:
        assert run.length > 0
        drawn[run.start : run.start + run.length] = run.mark * run.length
    assert "".join(drawn) == "." * (HOUR - len(marks)) + marks
    for one, two in pairwise(found):
        assert one.start + one.length < two.start or one.mark != two.mark


@given(st.lists(st.none() | st.floats(0, 1e6), max_size=HOUR))
def test_lines_are_the_values_again(values: list[float | None]) -> None:
    drawn: list[float | None] = [None] * HOUR
    for line in lines(values):
        assert line
        for at, value in line:
            drawn[at] = value
    assert drawn == [None] * (HOUR - len(values)) + values


@pytest.mark.parametrize(
    ("marks", "share"), [("", None), ("??..", None), ("+-", 0.5), ("+~-+?.", 0.5), ("++", 1.0)]
)
def test_the_share_that_was_well(marks: str, share: float | None) -> None:
    assert share_well(marks) == share
