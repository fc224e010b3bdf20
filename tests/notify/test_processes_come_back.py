"""Real processes that go away and come back: what changed meanwhile is not answered as it was."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.notify.rig import Rig, name_of, until

WEB = name_of("web")
_ASKS = 200


@pytest.fixture
def rig() -> Iterator[Rig]:
    """A front with one process and one with two, which have the address of a service."""
    with Rig(1, 2) as running:
        running.service("web", "10.96.2.1")
        running.until_all(WEB, ["10.96.2.1"])
        yield running


def assert_all_along(rig: Rig, data: list[str]) -> None:
    """From now on there is no other answer."""
    for front in rig.fronts:
        assert [front.ask(WEB).data for _ in range(_ASKS)] == [data] * _ASKS


def test_front_that_was_started_again_is_told(rig: Rig) -> None:
    for front in tuple(rig.fronts):
        rig.restart_front(front)
    rig.wait_told()
    rig.keep(WEB)
    rig.no_service("web")
    rig.until_all(WEB, [])
    assert_all_along(rig, [])


def test_front_that_is_gone_keeps_no_other_from_being_told(rig: Rig) -> None:
    gone = rig.fronts[0]
    rig.kill_front(gone)
    rig.keep(WEB)
    rig.no_service("web")
    rig.until_all(WEB, [])
    rig.keep(WEB)
    rig.service("web", "10.96.2.6")
    rig.until_all(WEB, ["10.96.2.6"])
    rig.start_front(gone.port)
    rig.wait_told()
    assert_all_along(rig, ["10.96.2.6"])


def test_kubedns_that_was_killed_knows_what_changed_meanwhile(rig: Rig) -> None:
    rig.keep(WEB)
    rig.keep(name_of("late"))
    rig.kill_kubedns()
    rig.no_service("web")
    rig.service("web", "10.96.2.2")
    rig.service("late", "10.96.2.3")
    rig.start_kubedns()
    rig.until_all(WEB, ["10.96.2.2"])
    rig.until_all(name_of("late"), ["10.96.2.3"])
    assert_all_along(rig, ["10.96.2.2"])
    rig.wait_told()
    rig.keep(WEB)


def test_nothing_is_lost_when_the_history_is_gone(rig: Rig) -> None:
    rig.keep(WEB)
    rig.keep(name_of("late"))
    rig.api.go_down()
    rig.no_service("web")
    rig.service("web", "10.96.2.4")
    rig.service("late", "10.96.2.5")
    rig.api.compact()
    rig.api.come_up()
    until(lambda: _listed_again(rig), "did not list again")
    rig.until_all(WEB, ["10.96.2.4"])
    rig.until_all(name_of("late"), ["10.96.2.5"])
    assert_all_along(rig, ["10.96.2.4"])


def _listed_again(rig: Rig) -> bool:
    """Whether there was another full list since the API came up."""
    return any(
        seen.path.endswith("/services") and "sendInitialEvents" in seen.query
        for seen in rig.api.requests
    )
