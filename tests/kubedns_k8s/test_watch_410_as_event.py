"""A watch answered with 200 and then an ERROR event of code 410: list again, keep serving."""

from __future__ import annotations

from tests.kubedns_k8s.support import Driven, error_event, event, recorded, service


def watching(driven: Driven) -> None:
    driven.listed(service("a", 2), service("b", 3), rv=10)
    driven.opened()


def test_the_recorded_error_event_leads_to_a_list() -> None:
    driven = Driven()
    watching(driven)
    driven.sent(*recorded("services-watch-too-old").body.splitlines())
    assert not driven.reflector.watching
    assert driven.asks_list().continue_ == ""
    assert "too old resource version" in driven.reflector.last_error


def test_the_last_state_stays_until_the_list_is_there() -> None:
    driven = Driven()
    watching(driven)
    assert driven.sent(error_event(410, "Expired")) == []
    assert driven.names() == ["a", "b"]
    assert driven.reflector.synced


def test_changes_before_the_error_count_and_lines_after_it_do_not() -> None:
    driven = Driven()
    watching(driven)
    driven.sent(
        event("ADDED", service("c", 11)), error_event(410), event("ADDED", service("d", 12))
    )
    assert driven.names() == ["a", "b", "c"]


def test_410_over_and_over_backs_off_even_with_events_before_it() -> None:
    driven = Driven()
    watching(driven)
    driven.sent(event("ADDED", service("c", 11)), error_event(410))
    for _ in range(6):
        watching(driven)  # the first relist is immediate
        driven.now += 2
        driven.sent(event("ADDED", service("c", 11)), error_event(410))
        assert 0.8 <= driven.asks_sleep() <= 30


def test_after_a_watch_that_lived_the_relist_is_immediate_again() -> None:
    driven = Driven()
    for _ in range(5):
        watching(driven)
        driven.now += 61
        driven.sent(error_event(410))
