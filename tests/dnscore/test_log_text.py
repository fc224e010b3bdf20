"""The text format: klog's header, the message, fields; one line whatever is logged."""

from __future__ import annotations

import io
import json
import os
import re
from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dnscore import log

# Lmmdd hh:mm:ss.uuuuuu threadid source] message
HEADER = re.compile(r"([IWEF])(\d{4}) (\d\d:\d\d:\d\d\.\d{6}) +(\d+) ([^ \]]+)\] (.*)")


@pytest.fixture(autouse=True)
def unchanged_logs() -> Iterator[None]:
    yield
    log.configure()


def logged(level: str, message: str, **fields: object) -> str:
    stream = io.StringIO()
    log.configure(stream=stream)
    getattr(log.get_logger("kubedns.watch"), level)(message, **fields)
    return stream.getvalue()


@pytest.mark.parametrize(("level", "letter"), [("info", "I"), ("warning", "W"), ("error", "E")])
def test_header_is_klogs(level: str, letter: str) -> None:
    match = HEADER.fullmatch(logged(level, "watch lost", resource="services", rv=7).rstrip("\n"))
    assert match is not None
    assert match[1] == letter
    assert int(match[4]) == os.getpid()
    assert match[5] == "kubedns.watch"
    assert match[6] == "watch lost resource=services rv=7"


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        ("plain", "plain"),
        ("", '""'),
        ("two words", '"two words"'),
        ('a"b', '"a\\"b"'),
        ("a=b", '"a=b"'),
        ("a\nE1121 forged", '"a\\nE1121 forged"'),
        ("größe", "größe"),
        (None, "None"),
        (1.5, "1.5"),
    ],
)
def test_values(value: object, shown: str) -> None:
    assert logged("info", "m", f=value).rstrip("\n").endswith(f"] m f={shown}")


def test_line_break_in_a_message_does_not_make_a_second_line() -> None:
    assert len(logged("error", "a\nE1121 00:00:00.000000 1 x] forged").splitlines()) == 1


@given(st.text() | st.binary(), st.characters())
def test_no_value_can_end_the_line_or_reach_the_terminal(value: str | bytes, char: str) -> None:
    text = logged("info", "m", a=value, b=char)
    assert text.endswith("\n")
    assert text[:-1].isprintable(), "control characters, line separators and such are escaped"


@given(st.text())
def test_quoted_values_can_be_read_back(value: str) -> None:
    shown = logged("info", "m", f=value).rstrip("\n").partition("] m f=")[2]
    assert (json.loads(shown) if shown.startswith('"') else shown) == value
