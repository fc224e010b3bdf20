"""A relist gives only what differs from what is known."""

from __future__ import annotations

from kubedns.k8s.errors import Gone
from kubedns.k8s.listing import GROUP_BYTES
from kubedns.rows import Batch
from tests.kubedns_k8s.support import Driven, event, row, service


def relisting(driven: Driven) -> None:
    driven.asks_watch()
    driven.now += 1000
    driven.failed(Gone("410"))


def test_vanished_changed_new_and_unchanged() -> None:
    driven = Driven()
    driven.listed(service("same", 2), service("gone", 3), service("changed", 4), rv=10)
    relisting(driven)
    [batch] = driven.listed(
        service("same", 2), service("changed", 12, ip="10.0.0.9"), service("new", 13), rv=20
    )
    assert dict(batch.changes) == {
        ("ns", "gone"): None,
        ("ns", "changed"): row("changed", ip="10.0.0.9"),
        ("ns", "new"): row("new"),
    }
    assert batch.synced


def test_a_relist_without_a_difference_still_says_synced() -> None:
    driven = Driven()
    driven.listed(service("a", 2), rv=10)
    relisting(driven)
    [batch] = driven.listed(service("a", 2), rv=20)
    assert batch == Batch("services", (), synced=True, newest=2)


def test_an_empty_first_list_says_synced() -> None:
    assert Driven().listed(rv=10) == [Batch("services", (), synced=True)]


def test_an_event_that_is_known_already_gives_nothing() -> None:
    driven = Driven()
    driven.listed(service("a", 2), rv=10)
    driven.opened()
    assert driven.sent(event("MODIFIED", service("a", 2))) == []
    assert driven.sent(event("DELETED", service("b", 11))) == []


def test_an_object_deleted_by_an_event_is_not_deleted_again() -> None:
    driven = Driven()
    driven.listed(service("a", 2), service("b", 3), rv=10)
    driven.opened()
    driven.sent(event("DELETED", service("a", 11)))
    driven.failed(Gone("410"), after_s=100)
    assert driven.listed(service("b", 3), rv=20)[0].changes == ()


def test_a_long_page_is_handed_out_in_small_groups() -> None:
    driven = Driven()
    padding = "x" * (GROUP_BYTES // 10)
    batches = driven.listed(
        *(service(f"s{number}", number + 2, unknown=padding) for number in range(100)), rv=200
    )
    assert len(batches) >= 8
    assert [batch.synced for batch in batches] == [False] * (len(batches) - 1) + [True]
    assert len(driven.rows) == 100


def test_a_batch_that_was_not_taken_is_sent_again_by_a_relist() -> None:
    driven = Driven()
    driven.listed(service("a", 2), service("b", 3), rv=10)
    driven.opened()
    driven.reflector.lines(
        [event("MODIFIED", service("a", 11, ip="10.0.0.2")), event("DELETED", service("b", 12))],
        driven.now,
    )
    batch = driven.reflector.next_batch()
    assert batch is not None
    driven.reflector.undelivered(batch, driven.now)
    driven.asks_sleep()
    [again] = driven.listed(service("a", 11, ip="10.0.0.2"), rv=20)
    assert dict(again.changes) == {("ns", "a"): row("a", ip="10.0.0.2"), ("ns", "b"): None}


def test_a_page_that_was_not_taken_does_not_delete_what_it_held() -> None:
    driven = Driven()
    driven.asks_list()
    first = driven.listed(service("a", 2), rv=10, continue_="t")[0]
    driven.reflector.undelivered(first, driven.now)
    driven.asks_sleep()
    assert driven.asks_list().continue_ == ""
    [again] = driven.listed(service("a", 2), rv=11)
    assert dict(again.changes) == {("ns", "a"): row("a")}
