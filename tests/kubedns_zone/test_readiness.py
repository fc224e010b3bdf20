"""Which endpoints count: from objects as the API writes them to answers.

Kubernetes API reference, EndpointConditions: `ready` unset means ready; `serving` and `terminating`
are for proxies. A Service that publishes pods which are not ready has them marked ready.
"""

from __future__ import annotations

import json
from typing import Any

import msgspec
import pytest

from kubedns.k8s.project import endpoint_slices
from kubedns.rows import ENDPOINT_SLICES
from tests.kubedns_zone.served import ServedZone

DB = "db.default.svc.cluster.local."


def put(zone: ServedZone, *endpoints: dict[str, Any], name: str = "a", v6: bool = False) -> None:
    kind = endpoint_slices()
    text = json.dumps(
        {
            "metadata": {
                "name": name,
                "namespace": "default",
                "labels": {"kubernetes.io/service-name": "db"},
            },
            "addressType": "IPv6" if v6 else "IPv4",
            "endpoints": endpoints,
            "ports": [{"name": "pg", "port": 5432, "protocol": "TCP"}],
        }
    )
    decoded = kind.decode(msgspec.Raw(text.encode()))
    zone.apply(ENDPOINT_SLICES, kind.project(("default", name), decoded))


@pytest.mark.parametrize(
    ("conditions", "counts"),
    [
        (None, True),
        ({}, True),
        ({"ready": None}, True),
        ({"ready": True}, True),
        ({"ready": True, "serving": True, "terminating": False}, True),
        ({"ready": False}, False),
        ({"ready": False, "serving": True, "terminating": True}, False),
        ({"ready": False, "serving": False, "terminating": True}, False),
        ({"ready": None, "serving": False}, True),
        # publishNotReadyAddresses, as the endpoint slice controller writes it.
        ({"ready": True, "serving": False, "terminating": True}, True),
    ],
)
@pytest.mark.parametrize("name", [DB, f"db-0.{DB}", f"10-0-0-1.{DB}"])
def test_only_ready_endpoints_count(
    zone: ServedZone, name: str, conditions: dict[str, Any] | None, *, counts: bool
) -> None:
    zone.service("db", headless=True)
    put(zone, {"addresses": ["10.0.0.1"], "hostname": "db-0", "conditions": conditions})
    reply = zone.ask(f"{name} A")
    assert reply.answers == ([f"{name} 30 IN A 10.0.0.1"] if counts else [])
    assert reply.rcode == ("NOERROR" if counts else "NXDOMAIN")
    zone.upstream.forwarded.clear()
    zone.ask("1.0.0.10.in-addr.arpa. PTR")
    assert zone.upstream.forwarded == ([] if counts else ["1.0.0.10.in-addr.arpa."])


def test_an_endpoint_that_stops_being_ready_is_gone(zone: ServedZone) -> None:
    zone.service("db", headless=True)
    both = [{"addresses": ["10.0.0.1"]}, {"addresses": ["10.0.0.2"]}]
    put(zone, *both)
    assert sorted(zone.addresses(f"{DB} A")) == ["10.0.0.1", "10.0.0.2"]
    put(zone, {**both[0], "conditions": {"ready": False}}, both[1])
    assert zone.addresses(f"{DB} A") == ["10.0.0.2"]
    assert len(zone.ask(f"_pg._tcp.{DB} SRV").answers) == 1


def test_slices_of_both_families(zone: ServedZone) -> None:
    zone.service("db", headless=True)
    put(zone, {"addresses": ["10.0.0.1"], "hostname": "db-0"})
    put(zone, {"addresses": ["fd00::1"], "hostname": "db-0"}, name="b", v6=True)
    assert zone.addresses(f"db-0.{DB} A") == ["10.0.0.1"]
    assert zone.addresses(f"db-0.{DB} AAAA") == ["fd00::1"]
    reply = zone.ask(f"_pg._tcp.{DB} SRV")
    assert reply.answers == [f"_pg._tcp.{DB} 30 IN SRV 10 50 5432 db-0.{DB}"]
    assert reply.additional == [f"db-0.{DB} 30 IN A 10.0.0.1", f"db-0.{DB} 30 IN AAAA fd00::1"]


@pytest.mark.parametrize("endpoints", [[], [{"addresses": []}], [{"addresses": None}]])
def test_a_slice_may_be_empty(zone: ServedZone, endpoints: list[dict[str, Any]]) -> None:
    zone.service("db", headless=True)
    put(zone, *endpoints)
    assert zone.ask(f"{DB} A").is_nxdomain
