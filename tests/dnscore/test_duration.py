"""Durations as Go's time.ParseDuration documents them."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dnscore.duration import format_duration, parse_duration


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("0", 0.0),
        ("-0", 0.0),
        ("+0", 0.0),
        ("10s", 10.0),
        ("+5s", 5.0),
        ("-5s", -5.0),
        ("1m30s", 90.0),
        ("1h0m0s", 3600.0),
        ("500ms", 0.5),
        ("1.5h", 5400.0),
        ("1.s", 1.0),
        (".5s", 0.5),
        ("100us", 1e-4),
        ("100\u00b5s", 1e-4),  # micro sign
        ("100\u03bcs", 1e-4),  # Greek letter mu
        ("7ns", 7e-9),
        ("1s1s", 2.0),
        ("2562047h", 2562047 * 3600.0),
    ],
)
def test_parsed(text: str, seconds: float) -> None:
    assert parse_duration(text) == pytest.approx(seconds)


@pytest.mark.parametrize(
    "text",
    [
        *["", "10", "s", ".s", ".", "-", "+", "--5s", "+-5s", "1e3s", "10S", "10 s", " 10s"],
        *["10s ", "1d", "1s\n", "1,5s", "inf", "nan", "0x1s", "1_0s", "00"],
    ],
)
def test_refused(text: str) -> None:
    with pytest.raises(ValueError, match="not a duration"):
        parse_duration(text)


def test_digits_of_other_scripts_are_refused() -> None:
    with pytest.raises(ValueError, match="not a duration"):
        parse_duration("\u0663s")


@pytest.mark.parametrize("text", ["9" * 400 + "s", "2562048h", "-2562048h", "1" + "0" * 20 + "s"])
def test_duration_that_go_cannot_hold_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="duration"):
        parse_duration(text)


@given(st.text(alphabet="0123456789.+-hmsnu\u00b5 x", max_size=20) | st.text())
def test_any_text_is_a_finite_number_or_a_value_error(text: str) -> None:
    try:
        seconds = parse_duration(text)
    except ValueError as error:
        assert len(str(error).splitlines()) == 1
        return
    assert math.isfinite(seconds)


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (0.0, "0s"),
        (0.5, "500ms"),
        (10.0, "10s"),
        (90.0, "1m30s"),
        (60.0, "1m"),
        (3600.0, "1h"),
        (3661.5, "1h1m1.5s"),
    ],
)
def test_usual_spelling(seconds: float, text: str) -> None:
    assert format_duration(seconds) == text


@given(st.integers(0, 100_000_000))
def test_spelling_of_milliseconds_is_parsed_back(ms: int) -> None:
    assert parse_duration(format_duration(ms / 1000)) == pytest.approx(ms / 1000, rel=1e-4)
