"""Namespaces: there without a Service once they are listed, and by their Services before."""

from __future__ import annotations

import pytest

from kubedns.rows import NAMESPACES
from tests.kubedns_zone.served import ServedZone

EMPTY = "empty.svc.cluster.local."


def test_a_namespace_without_services_is_nodata(zone: ServedZone) -> None:
    assert zone.ask(f"{EMPTY} A").is_nxdomain
    assert zone.namespace("empty") == {EMPTY}
    assert zone.ask(f"{EMPTY} A").is_nodata
    assert zone.ask(f"web.{EMPTY} A").is_nxdomain
    assert zone.no_namespace("empty") == {EMPTY}
    assert zone.ask(f"{EMPTY} A").is_nxdomain


def test_names_of_services_count_whatever_is_listed(zone: ServedZone) -> None:
    # Lists may be forbidden, and a Service may be heard of before its namespace.
    zone.service("web", ns="new", ips="10.0.0.1")
    zone.apply(NAMESPACES, [], synced=True)
    assert zone.ask("new.svc.cluster.local. A").is_nodata
    assert zone.namespace("new") == set()
    assert zone.no_service("web", ns="new") & {"new.svc.cluster.local."} == set()
    assert zone.ask("new.svc.cluster.local. A").is_nodata
    assert zone.no_namespace("new") == {"new.svc.cluster.local."}


def test_nobody_waits_for_namespaces() -> None:
    assert ServedZone(synced=True).tree.synced


@pytest.mark.parametrize("name", ["a.b", "", "x" * 64, "\N{SNOWMAN}"])
def test_a_namespace_that_is_no_label_is_none(zone: ServedZone, name: str) -> None:
    assert zone.namespace(name) == set()


def test_pods_of_a_namespace() -> None:
    name = "shop.pod.cluster.local."
    # kube-dns makes up a pod name for every address in every namespace.
    assert ServedZone(pods="insecure").ask(f"{name} A").is_nodata
    zone = ServedZone(pods="verified")
    assert zone.ask(f"{name} A").is_nxdomain
    assert name in zone.namespace("shop")
    assert zone.ask(f"{name} A").is_nodata
    assert name in zone.no_namespace("shop")
    assert zone.ask(f"{name} A").is_nxdomain
    assert name in zone.pod("a", "10.1.0.1", ns="shop")
    assert zone.ask(f"{name} A").is_nodata


def test_an_external_name_that_leads_to_a_namespace_follows_it(zone: ServedZone) -> None:
    zone.service("x", external="empty.svc.cluster.local")
    assert zone.ask("x.default.svc.cluster.local. A").rcode == "NXDOMAIN"
    assert "x.default.svc.cluster.local." in zone.namespace("empty")
    assert zone.ask("x.default.svc.cluster.local. A").rcode == "NOERROR"
