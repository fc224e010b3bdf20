"""Drawings and numbers of the status page."""

from __future__ import annotations

from math import inf, nan

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sidecar.history import HOUR
from sidecar.page_shapes import (
    PLOT_HEIGHT,
    STRIP_HEIGHT,
    clock,
    nice_top,
    number,
    octets,
    plot,
    share,
    span,
    strip,
)


@given(st.text("+~-?.", max_size=HOUR))
def test_a_strip_stays_in_its_frame(marks: str) -> None:
    for bar in strip(marks):
        assert bar.x >= 0
        assert bar.x + bar.width <= HOUR
        assert bar.y + bar.height == STRIP_HEIGHT
        assert bar.kind in ("ok", "stale", "failing", "waiting")


def test_worse_is_higher() -> None:
    waiting, well, stale, failing = strip("?+~-")
    assert waiting.height < well.height < stale.height < failing.height == STRIP_HEIGHT


@given(st.lists(st.none() | st.floats(0, 1e12), max_size=HOUR))
def test_a_plot_stays_in_its_frame(values: list[float | None]) -> None:
    drawn = plot(values)
    for points in drawn.lines + drawn.areas:
        for point in points.split():
            x, y = map(float, point.split(","))
            assert 0 <= x <= HOUR
            assert 0 <= y <= PLOT_HEIGHT


def test_a_plot_says_what_is_now_and_what_was_most() -> None:
    drawn = plot([1.0, 30.0, None, 4.0])
    assert (drawn.now, drawn.highest, drawn.top) == (4.0, 30.0, 50.0)
    assert len(drawn.lines) == len(drawn.areas) == 2


@pytest.mark.parametrize(
    ("highest", "top"), [(0, 1), (1, 1), (1.1, 2), (2.5, 5), (6, 10), (51, 100), (4000, 5000)]
)
def test_the_upper_edge_is_a_round_number(highest: float, top: float) -> None:
    assert nice_top(highest) == top


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (None, "never"),
        (-1.0, "0.0 s"),
        (0.26, "0.3 s"),
        (59.0, "59 s"),
        (61.0, "1 min 1 s"),
        (3600.0, "1 h 0 min"),
        (90061.0, "1 d 1 h"),
    ],
)
def test_a_length_of_time(seconds: float | None, text: str) -> None:
    assert span(seconds) == text


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (None, "\u2013"),
        (0, "0"),
        (7.0, "7"),
        (1234567, "1\u202f234\u202f567"),
        (0.256, "0.26"),
        (12.34, "12.3"),
    ],
)
def test_a_number(value: float | None, text: str) -> None:
    assert number(value) == text


@pytest.mark.parametrize(
    ("value", "text"),
    [(None, "\u2013"), (0.0, "0 %"), (1.0, "100 %"), (0.99999, "99.9 %"), (0.5, "50.0 %")],
)
def test_a_share_is_whole_only_when_it_is(value: float | None, text: str) -> None:
    assert share(value) == text


def test_octets_have_binary_prefixes() -> None:
    assert [octets(value) for value in (5, 2048, 3 << 20, 7 << 30)] == [
        "5 B",
        "2 KiB",
        "3 MiB",
        "7 GiB",
    ]


@pytest.mark.parametrize("at", [inf, nan, -1e30, 1e30])
def test_a_moment_that_is_none_is_a_question_mark(at: float) -> None:
    assert clock(at) == "?"


@pytest.mark.parametrize("value", [inf, -inf, nan, 1e308])
def test_numbers_that_are_none_do_not_break_a_page(value: float) -> None:
    for shown in (number, octets, share, span):
        assert isinstance(shown(value), str)
