"""Batches carry the highest resourceVersion of the objects seen, from which the serial comes."""

from __future__ import annotations

import pytest

from kubedns.k8s.errors import Gone
from tests.kubedns_k8s.support import Driven, bookmark, event, service


def test_it_is_that_of_objects_and_not_of_the_list() -> None:
    # A list's own version is that of the moment, and differs from replica to replica.
    driven = Driven()
    [batch] = driven.listed(service("a", 7), service("b", 12), rv=500)
    assert batch.newest == 12


def test_events_raise_it_deletions_too() -> None:
    driven = Driven()
    driven.listed(service("a", 7), rv=500)
    driven.opened()
    assert [b.newest for b in driven.sent(event("ADDED", service("b", 510)))] == [510]
    assert [b.newest for b in driven.sent(event("DELETED", service("b", 520)))] == [520]
    assert driven.sent(bookmark(600)) == []
    assert [b.newest for b in driven.sent(event("ADDED", service("b", 610)))] == [610]


def test_an_object_without_a_change_shows_with_the_next_batch() -> None:
    driven = Driven()
    driven.listed(service("a", 7), rv=500)
    driven.opened()
    assert driven.sent(event("DELETED", service("unknown", 510))) == []
    driven.failed(Gone("410"), after_s=100)
    [batch] = driven.listed(service("a", 7), rv=600)
    assert batch.newest == 510


@pytest.mark.parametrize("version", ["abc", "", "-5", "1e3", "\u0661", "9" * 30])
def test_what_is_no_number_does_not_count(version: str) -> None:
    [batch] = Driven().listed(service("a", version), service("b", 3), rv=500)
    assert batch.newest == 3
