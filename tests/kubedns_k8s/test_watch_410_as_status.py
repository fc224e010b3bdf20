"""A watch refused with HTTP status 410: list again, keep serving."""

from __future__ import annotations

from kubedns.k8s.errors import Gone
from tests.kubedns_k8s.support import Driven, service


def test_it_leads_to_a_list_from_the_first_page() -> None:
    driven = Driven()
    driven.listed(service("a", 2), rv=10)
    driven.asks_watch()
    driven.failed(Gone("410: too old"))
    assert driven.asks_list().continue_ == ""
    assert driven.names() == ["a"]


def test_the_second_in_a_row_waits() -> None:
    driven = Driven()
    driven.listed(rv=10)
    driven.asks_watch()
    driven.failed(Gone("410: too old"))
    driven.listed(rv=11)
    driven.asks_watch()
    driven.failed(Gone("410: too old"))
    assert 0.8 <= driven.asks_sleep() <= 30
    driven.asks_list()


def test_the_relist_sets_the_version_to_go_on_from() -> None:
    driven = Driven()
    driven.listed(rv=10)
    driven.asks_watch()
    driven.failed(Gone("410: too old"))
    driven.listed(rv=42)
    assert driven.asks_watch().resource_version == "42"
