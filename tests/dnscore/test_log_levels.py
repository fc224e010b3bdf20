"""What is shown at which `-v`, and where loggers made early write to."""

from __future__ import annotations

import io
from collections.abc import Iterator

import pytest

from dnscore import log


@pytest.fixture(autouse=True)
def unchanged_logs() -> Iterator[None]:
    yield
    log.configure()


@pytest.mark.parametrize(("verbosity", "shown"), [(0, False), (3, False), (4, True), (9, True)])
def test_debug_is_shown_from_level_4_on(verbosity: int, shown: bool) -> None:
    stream = io.StringIO()
    log.configure(verbosity=verbosity, stream=stream)
    log.get_logger("x").debug("detail")
    assert ("detail" in stream.getvalue()) is shown


def test_info_is_always_shown() -> None:
    stream = io.StringIO()
    log.configure(stream=stream)
    log.get_logger("x").info("up")
    assert "up" in stream.getvalue()


def test_v_guards_by_level() -> None:
    log.configure(verbosity=2)
    logger = log.get_logger("x")
    assert [logger.v(level) for level in range(5)] == [True, True, True, False, False]


def test_logger_made_before_the_set_up_obeys_it(capsys: pytest.CaptureFixture[str]) -> None:
    stream = io.StringIO()
    log.configure()
    early = log.get_logger("early")
    log.configure(verbosity=4, stream=stream)
    early.debug("detail")
    assert "early] detail" in stream.getvalue()
    assert capsys.readouterr() == ("", "")


def test_logs_go_to_stderr_by_default(capsys: pytest.CaptureFixture[str]) -> None:
    log.configure()
    log.get_logger("x").info("up")
    out, err = capsys.readouterr()
    assert out == ""
    assert "x] up" in err
