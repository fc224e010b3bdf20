"""A watch that the server ends goes on at once from the last version; instant ends back off."""

from __future__ import annotations

from kubedns.k8s.reflector import WATCH_TIMEOUT_S
from tests.kubedns_k8s.support import Driven, bookmark, event, service


def test_it_goes_on_from_the_last_event() -> None:
    driven = Driven()
    driven.listed(rv=10)
    assert driven.opened().resource_version == "10"
    driven.sent(event("ADDED", service("a", 15)))
    driven.ended(after_s=300)
    assert driven.asks_watch().resource_version == "15"


def test_a_bookmark_advances_the_version_and_changes_nothing() -> None:
    driven = Driven()
    driven.listed(rv=10)
    driven.opened()
    assert driven.sent(bookmark(77)) == []
    driven.ended(after_s=300)
    assert driven.asks_watch().resource_version == "77"
    assert driven.reflector.counters.bookmarks == 1


def test_a_deletion_advances_the_version() -> None:
    driven = Driven()
    driven.listed(service("a", 2), rv=10)
    driven.opened()
    driven.sent(event("DELETED", service("a", 30)))
    driven.ended(after_s=300)
    assert driven.asks_watch().resource_version == "30"


def test_the_length_of_a_watch_is_random_within_bounds() -> None:
    lengths = set()
    for seed in range(40):
        driven = Driven(seed=seed)
        driven.listed(rv=10)
        lengths.add(driven.asks_watch().timeout_s)
    assert len(lengths) > 10
    assert min(lengths) >= WATCH_TIMEOUT_S[0]
    assert max(lengths) <= WATCH_TIMEOUT_S[1]


def test_one_instant_end_is_forgiven_and_more_back_off() -> None:
    driven = Driven()
    driven.listed(rv=10)
    driven.opened()
    driven.ended(after_s=0.01)
    waits = []
    for _ in range(8):
        driven.opened()
        driven.ended(after_s=0.01)
        waits.append(driven.asks_sleep())
    assert all(0.8 <= wait <= 30 for wait in waits)
    assert max(waits) > 2.4  # it grows


def test_a_short_watch_with_news_is_no_failure() -> None:
    driven = Driven()
    driven.listed(rv=10)
    for version in range(11, 20):
        driven.opened()
        driven.sent(event("MODIFIED", service("a", version)))
        driven.ended(after_s=0.01)
    driven.asks_watch()
