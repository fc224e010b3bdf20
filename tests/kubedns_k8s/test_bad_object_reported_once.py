"""An object that cannot be used is reported once, by name; its last good row stays."""

from __future__ import annotations

from typing import Any

import pytest

from kubedns.k8s.errors import Gone
from tests.kubedns_k8s.support import Driven, event, row, service

BAD: list[dict[str, Any]] = [
    service("bad", 5, ip="10.0.0.256"),
    service("bad", 5, ip="fe80::1%eth0"),
    service("bad", 5, ports=[{"port": 70000}]),
    service("bad", 5, ports=[{"port": 80, "protocol": "ICMP"}]),
    service("bad", 5, ports=[{"port": "80"}]),
    service("bad", 5, type="ExternalName"),
    service("bad", 5, clusterIPs=17),
    {"metadata": {"name": "bad", "namespace": "ns", "resourceVersion": "5"}, "spec": []},
]


@pytest.mark.parametrize("bad", BAD)
def test_the_others_of_the_list_are_unharmed(bad: dict[str, Any]) -> None:
    driven = Driven()
    [batch] = driven.listed(service("a", 2), bad, service("z", 3), rv=10)
    assert batch.synced
    assert driven.names() == ["a", "z"]
    [report] = driven.bad
    assert report.key == ("ns", "bad")
    assert str(report).startswith("ns/bad: ")


@pytest.mark.parametrize("bad", BAD)
def test_the_last_good_row_stays_through_events_and_relists(bad: dict[str, Any]) -> None:
    driven = Driven()
    driven.listed(service("bad", 2), rv=3)
    driven.opened()
    assert driven.sent(event("MODIFIED", bad)) == []
    driven.failed(Gone("410"), after_s=100)
    driven.listed(bad, rv=20)
    assert driven.rows == {("ns", "bad"): row("bad")}
    assert len(driven.bad) == 1
    assert driven.reflector.bad_objects == 2


def test_a_bad_event_still_advances_the_version() -> None:
    driven = Driven()
    driven.listed(rv=3)
    driven.opened()
    driven.sent(event("ADDED", service("bad", 9, ports=[{"port": "80"}])))
    driven.ended(after_s=300)
    assert driven.asks_watch().resource_version == "9"


def test_repaired_and_broken_again_is_reported_again() -> None:
    driven = Driven()
    driven.listed(service("a", 2, ip="x"), rv=3)
    driven.opened()
    driven.sent(event("MODIFIED", service("a", 4)))
    assert driven.rows == {("ns", "a"): row("a")}
    driven.sent(event("MODIFIED", service("a", 5, ip="x")))
    assert [str(report) for report in driven.bad] == ["ns/a: clusterIP 'x'"] * 2


def test_a_bad_object_that_goes_takes_its_row_along() -> None:
    driven = Driven()
    driven.listed(service("a", 2), rv=3)
    driven.opened()
    driven.sent(event("MODIFIED", service("a", 4, ip="x")))
    driven.sent(event("DELETED", service("a", 5, ip="x")))
    assert driven.rows == {}


@pytest.mark.parametrize("meta", [{}, {"name": "x"}, {"namespace": "ns"}, None])
def test_an_object_without_a_name_is_reported(meta: Any) -> None:
    driven = Driven()
    driven.listed({"metadata": meta, "spec": {}}, service("a", 2), rv=3)
    assert driven.names() == ["a"]
    assert len(driven.bad) == 1
