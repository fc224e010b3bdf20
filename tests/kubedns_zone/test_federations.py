"""Federated names: the local Service where it has something to offer, else the other cluster's."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from dnscore.wire import names
from dnscore.wire.build import Record
from dnscore.wire.const import A
from kubedns.federation import Federations
from tests.kubedns_zone.served import ServedZone

NAME = "testservice.default.myfederation.svc.cluster.local."
LOCAL = "testservice.default.svc.cluster.local."
PLACE = ("testcontinent-testreg-testzone", "testcontinent-testreg")
ELSEWHERE = f"testservice.default.myfederation.svc.{PLACE[0]}.{PLACE[1]}.example.com."


@pytest.fixture
def federated(zone: ServedZone) -> ServedZone:
    zone.federations(myfederation="example.com", secondfederation="second.example.com")
    zone.place = PLACE
    record = Record(names.from_text(ELSEWHERE), A, 300, bytes((192, 0, 2, 1)))
    zone.upstream.records[ELSEWHERE, A] = [record]
    return zone


def set_up_cluster_ip(zone: ServedZone) -> None:
    zone.service("testservice", ips="10.0.0.1")


def set_up_headless(zone: ServedZone) -> None:
    zone.service("testservice", headless=True)


@pytest.mark.parametrize(
    ("set_up", "address"), [(set_up_cluster_ip, "10.0.0.1"), (set_up_headless, "10.1.0.1")]
)
def test_endpoints_decide(
    federated: ServedZone, set_up: Callable[[ServedZone], None], address: str
) -> None:
    elsewhere = [f"{NAME} 0 IN CNAME {ELSEWHERE}", f"{ELSEWHERE} 0 IN A 192.0.2.1"]
    local = [f"{NAME} 0 IN CNAME {LOCAL}", f"{LOCAL} 0 IN A {address}"]
    assert federated.ask(f"{NAME} A").answers == elsewhere
    set_up(federated)
    assert federated.ask(f"{NAME} A").answers == elsewhere
    assert NAME in federated.slice("s", "testservice", "10.1.0.1")
    assert federated.ask(f"{NAME} A").answers == local
    assert NAME in federated.slice("s", "testservice", "")
    assert federated.ask(f"{NAME} A").answers == elsewhere


def test_an_external_name_is_valid_as_it_is(federated: ServedZone) -> None:
    federated.service("testservice", external="foo.example.net")
    reply = federated.ask(f"{NAME} A")
    assert reply.answers == [
        f"{NAME} 0 IN CNAME {LOCAL}", f"{LOCAL} 0 IN CNAME foo.example.net."
    ]  # fmt: skip


def test_other_types(federated: ServedZone) -> None:
    set_up_headless(federated)
    federated.slice("s", "testservice", "10.1.0.1")
    assert federated.ask(f"{NAME} CNAME").answers == [f"{NAME} 0 IN CNAME {LOCAL}"]
    srv = federated.ask(f"{NAME} SRV")
    assert srv.answers == [f"{NAME} 0 IN SRV 0 100 0 {LOCAL}"]
    assert srv.additional == [f"{LOCAL} 0 IN A 10.1.0.1"]
    for rdtype in ("AAAA", "TXT", "HTTPS", "SOA"):
        reply = federated.ask(f"{NAME} {rdtype}")
        assert (reply.rcode, reply.answers) == ("NOERROR", [f"{NAME} 0 IN CNAME {LOCAL}"])


def test_each_federation_has_its_domain(federated: ServedZone) -> None:
    reply = federated.ask("secsvc.default.secondfederation.svc.cluster.local. A")
    target = f"secsvc.default.secondfederation.svc.{PLACE[0]}.{PLACE[1]}.second.example.com."
    assert federated.upstream.resolved == [target]
    assert reply.answers == [
        f"secsvc.default.secondfederation.svc.cluster.local. 0 IN CNAME {target}"
    ]


@pytest.mark.parametrize("place", [None, ("", "r"), ("a" * 64, "r"), ("a.b", "\N{SNOWMAN}")])
@pytest.mark.parametrize("rdtype", ["A", "SRV", "HTTPS"])
def test_without_a_place_there_is_nothing_yet(
    federated: ServedZone, place: tuple[str, str] | None, rdtype: str
) -> None:
    federated.place = place
    reply = federated.ask(f"{NAME} {rdtype}")
    assert (reply.rcode, reply.answers) == ("NOERROR", [])
    assert reply.authority == ["cluster.local. 0 IN SOA"]  # No cache may keep it (RFC 2308 5).
    federated.place = PLACE  # Nobody tells when the nodes have been read.
    assert federated.ask(f"{NAME} {rdtype}").answers


@pytest.mark.parametrize(
    "name",
    [
        "mysvc.default.nofederation.svc", "mysvc.myns.svc", "a.mysvc.myns.myfederation.svc",
        "*.default.myfederation.svc", "my_svc.default.myfederation.svc", "myfederation.svc",
        "-.default.myfederation.svc", r"a\.b.default.myfederation.svc",
    ],
)  # fmt: skip
def test_everything_else_is_as_before(federated: ServedZone, name: str) -> None:
    assert federated.ask(f"{name}.cluster.local. A").is_nxdomain


def test_a_name_too_long_for_the_other_domain_is_nodata(federated: ServedZone) -> None:
    federated.place = ("z" * 63, "r" * 63)
    name = f"{'s' * 63}.{'n' * 63}.myfederation.svc.cluster.local."
    reply = federated.ask(f"{name} A")
    assert (reply.rcode, reply.answers) == ("NOERROR", [])


def test_a_federation_does_not_hide_the_hostnames_of_a_namespace(federated: ServedZone) -> None:
    # kube-dns takes host.svc.myfederation.svc for a federated name.
    federated.service("default", ns="myfederation", headless=True)
    assert NAME.partition(".")[2] in federated.slice(
        "s", "default", "testservice@10.2.0.1", ns="myfederation"
    )
    assert federated.addresses(f"{NAME} A") == ["10.2.0.1"]
    assert federated.ask(f"other.{NAME.partition('.')[2]} A").answers  # federated again


def test_configurations_replace_one_another(federated: ServedZone) -> None:
    federated.ask(f"{NAME} A")
    federated.federations(other="other.example.com")
    for _ in range(2):  # built, and kept
        assert federated.ask(f"{NAME} A").is_nxdomain
    federated.federations(myfederation="example.com")
    assert federated.ask(f"{NAME} A").rcode == "NOERROR"
    assert federated.tree.set_federations({"myfederation": "example.com"}) == frozenset()
    federated.federations()
    assert federated.ask(f"{NAME} A").is_nxdomain


def test_changes_name_no_federation_when_there_is_none(zone: ServedZone) -> None:
    set_up_cluster_ip(zone)
    assert zone.slice("s", "testservice", "10.1.0.1") == set()


def test_a_redirect_that_nobody_resolves_shows_where_it_led(federated: ServedZone) -> None:
    federated.upstream.records[ELSEWHERE, A] = None
    reply = federated.ask(f"{NAME} A")
    assert (reply.rcode, reply.answers) == ("SERVFAIL", [f"{NAME} 0 IN CNAME {ELSEWHERE}"])
    federated.upstream.records[ELSEWHERE, A] = []
    federated.upstream.absent.add(ELSEWHERE)
    assert federated.ask(f"{NAME} A").rcode == "NXDOMAIN"


def test_a_federation_whose_domain_is_the_zone_itself_ends(zone: ServedZone) -> None:
    zone.federations(loop="cluster.local")
    zone.place = ("z", "r")
    reply = zone.ask("a.b.loop.svc.cluster.local. A")
    assert reply.rcode == "NXDOMAIN"
    assert len(reply.answers) == 1


def test_the_place_is_only_asked_for_when_needed() -> None:
    asked = []

    def place() -> None:
        asked.append(1)

    federations = Federations(place=place)
    federations.replace({"f": "example.com"})
    assert b"f" in federations and not asked
    assert federations.elsewhere(b"s", b"n", b"f") is None
    assert asked == [1]
