"""Retry-After is honoured; other failures back off with jitter between 0.8 s and 30 s."""

from __future__ import annotations

from itertools import pairwise
from random import Random

import pytest

from kubedns.k8s.backoff import BASE_S, CAP_S, MAX_RETRY_AFTER_S, Backoff
from kubedns.k8s.errors import (
    ApiError,
    Malformed,
    Refused,
    ServerBusy,
    TooManyRequests,
    Unreachable,
)
from tests.kubedns_k8s.support import Driven, error_event, event, service


def test_a_list_is_not_asked_for_again_earlier_than_the_server_said() -> None:
    driven = Driven()
    driven.asks_list()
    driven.failed(TooManyRequests("429", retry_after_s=17))
    assert driven.asks_sleep() == pytest.approx(17)
    driven.asks_list()


def test_the_same_for_a_watch_and_for_an_error_event() -> None:
    driven = Driven()
    driven.listed(rv=10)
    driven.asks_watch()
    driven.failed(ServerBusy("503", retry_after_s=40))
    assert driven.asks_sleep() == pytest.approx(40)
    driven.opened()
    driven.sent(error_event(429, "TooManyRequests", retry_after_s=50))
    assert driven.asks_sleep() == pytest.approx(50)
    assert driven.asks_watch().resource_version == "10"


@pytest.mark.parametrize("wild", [1e9, float("inf")])
def test_an_absurd_wait_is_cut(wild: float) -> None:
    assert Backoff(Random(1)).next_s(retry_after_s=wild) == MAX_RETRY_AFTER_S


@pytest.mark.parametrize("useless", [-5.0, 0.0, float("nan")])
def test_a_wait_that_is_none_is_ignored(useless: float) -> None:
    assert BASE_S <= Backoff(Random(1)).next_s(retry_after_s=useless) <= 3 * BASE_S


def test_waits_grow_to_the_cap_with_jitter() -> None:
    for seed in range(20):
        backoff = Backoff(Random(seed))
        waits = [backoff.next_s() for _ in range(50)]
        assert all(BASE_S <= wait <= CAP_S for wait in waits)
        assert all(later <= max(3 * earlier, 3 * BASE_S) for earlier, later in pairwise(waits))
        assert max(waits) > CAP_S / 2
        assert len(set(waits)) > 10


@pytest.mark.parametrize(
    "error", [Unreachable("refused"), Refused("403", status=403), Malformed("garbage")]
)
def test_a_list_that_fails_backs_off_and_recovers(error: ApiError) -> None:
    driven = Driven()
    for _ in range(10):
        driven.asks_list()
        driven.failed(error)
        driven.asks_sleep()
    driven.listed(service("a", 2), rv=10)
    assert driven.names() == ["a"]
    assert driven.reflector.counters.errors == 10


def test_a_watch_that_lived_resets_the_waits() -> None:
    driven = Driven()
    driven.listed(rv=10)
    for _ in range(30):
        driven.opened()
        driven.failed(Unreachable("silence"), after_s=61)
        assert driven.asks_sleep() <= 3 * BASE_S


def test_a_watch_with_news_that_is_cut_resets_the_waits() -> None:
    driven = Driven()
    driven.listed(rv=10)
    for version in range(11, 40):
        driven.opened()
        driven.sent(event("MODIFIED", service("a", version)))
        driven.failed(Unreachable("reset"), after_s=5)
        assert driven.asks_sleep() <= 3 * BASE_S


def test_garbage_in_a_watch_leads_to_a_list() -> None:
    for line in (
        b"<html>",
        b"null",
        b'{"type":"NEWS","object":{}}',
        b'{"type":"BOOKMARK"',
        b"\xff",
    ):
        driven = Driven()
        driven.listed(service("a", 2), rv=10)
        driven.opened()
        driven.sent(line)
        assert not driven.reflector.watching
        driven.asks_sleep()
        driven.asks_list()
        assert driven.names() == ["a"]


def test_another_error_event_resumes_the_watch() -> None:
    driven = Driven()
    driven.listed(rv=10)
    driven.opened()
    driven.sent(error_event(500, "etcdserver: leader changed"))
    driven.asks_sleep()
    assert driven.asks_watch().resource_version == "10"
    assert "leader changed" in driven.reflector.last_error
