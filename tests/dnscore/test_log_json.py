"""The JSON format: one object a line with ts, level, msg, logger and the fields."""

from __future__ import annotations

import io
import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dnscore import log


@pytest.fixture(autouse=True)
def unchanged_logs() -> Iterator[None]:
    yield
    log.configure()


def logged(message: str, **fields: object) -> dict[str, Any]:
    stream = io.StringIO()
    log.configure(fmt="json", stream=stream)
    log.get_logger("front").warning(message, **fields)
    assert len(stream.getvalue().splitlines()) == 1
    found = json.loads(stream.getvalue())
    assert isinstance(found, dict)
    return found


def test_shape() -> None:
    line = logged("watch lost", resource="services", rv=7)
    now = datetime.fromisoformat(line.pop("ts").replace("Z", "+00:00"))
    assert abs(datetime.now(tz=UTC) - now) < timedelta(minutes=1)
    assert line == {
        "level": "warning",
        "msg": "watch lost",
        "logger": "front",
        "resource": "services",
        "rv": 7,
    }


def test_values_that_json_does_not_know_are_text() -> None:
    assert logged("m", error=ValueError("bad"), wire=b"\x00")["error"] == "bad"


def test_fields_cannot_replace_the_message_level_or_time() -> None:
    line = logged("m", msg="other", level="debug", ts="never")
    assert line["msg"] == "m"
    assert line["level"] == "warning"
    assert line["ts"] != "never"


@given(st.text(), st.text())
def test_any_text_comes_back_from_one_line(message: str, value: str) -> None:
    line = logged(message, f=value)
    assert line["msg"] == message
    assert line["f"] == value
