"""The continue token of a paged list expires: the list starts over."""

from __future__ import annotations

import pytest

from kubedns.k8s.errors import ApiError, Gone, ServerBusy, Unreachable, Unsupported
from tests.kubedns_k8s.support import Driven, recorded, service


def test_pages_are_followed_by_token_and_only_the_last_is_synced() -> None:
    driven = Driven()
    driven.asks_list()
    driven.reflector.page(recorded("services-page1").body, driven.now)
    [first] = driven.take()
    assert not first.synced
    assert len(first.changes) == 3
    token = driven.asks_list().continue_
    assert token
    assert not driven.reflector.synced
    driven.reflector.page(recorded("services-page2").body, driven.now)
    [last] = driven.take()
    assert last.synced
    assert len(driven.rows) == 3 + len(last.changes)
    driven.asks_watch()


def test_410_starts_over_at_once_and_what_vanished_meanwhile_goes() -> None:
    driven = Driven()
    driven.listed(service("old", 2), service("a", 3), rv=10, continue_="t1")
    driven.asks_list()
    driven.failed(Gone("410: The provided continue parameter is too old"))
    assert driven.asks_list().continue_ == ""
    driven.listed(service("a", 3), rv=20, continue_="t2")
    [last] = driven.listed(service("b", 4), rv=20)
    assert last.synced
    assert driven.names() == ["a", "b"]
    assert driven.asks_watch().resource_version == "20"


def test_410_again_and_again_waits() -> None:
    driven = Driven()
    driven.listed(service("a", 2), rv=10, continue_="t")
    driven.asks_list()
    driven.failed(Gone("410"))
    driven.listed(service("a", 2), rv=10, continue_="t")
    driven.asks_list()
    driven.failed(Gone("410"))
    assert driven.asks_sleep() >= 0.8
    assert driven.asks_list().continue_ == ""


@pytest.mark.parametrize(
    ("error", "token"),
    [(Unreachable("reset"), "t"), (ServerBusy("503"), "t"), (Unsupported("400: bad token"), "")],
)
def test_a_passing_failure_keeps_the_token_another_drops_it(error: ApiError, token: str) -> None:
    driven = Driven()
    driven.listed(service("a", 2), rv=10, continue_="t")
    driven.asks_list()
    driven.failed(error)
    driven.asks_sleep()
    assert driven.asks_list().continue_ == token
