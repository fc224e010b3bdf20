"""Parts of a daemon stop in the reverse of the order they were started in."""

from __future__ import annotations

import pytest

from dnscore import log
from dnscore.lifecycle import Parts


def test_newest_first_and_once() -> None:
    stopped: list[str] = []
    parts = Parts()
    for name in ("loop", "listener", "watch"):
        parts.started(name, lambda name=name: stopped.append(name))  # type: ignore[misc]
    parts.stop_all()
    parts.stop_all()
    assert stopped == ["watch", "listener", "loop"]


def test_part_that_fails_to_stop_is_logged_and_keeps_no_other(
    capsys: pytest.CaptureFixture[str],
) -> None:
    log.configure()
    stopped: list[str] = []

    def fail() -> None:
        raise OSError("stuck")

    parts = Parts()
    parts.started("loop", lambda: stopped.append("loop"))
    parts.started("listener", fail)
    parts.stop_all()
    assert stopped == ["loop"]
    assert "part=listener" in capsys.readouterr().err


def test_part_started_while_stopping_is_stopped_too() -> None:
    stopped: list[str] = []
    parts = Parts()
    parts.started("first", lambda: parts.started("second", lambda: stopped.append("second")))
    parts.stop_all()
    assert stopped == ["second"]
