"""Which names exist: RFC 2308 2, RFC 8020 2 (a name with names below it exists)."""

from __future__ import annotations

import pytest

from tests.kubedns_zone.served import ServedZone


@pytest.fixture
def filled(zone: ServedZone) -> ServedZone:
    zone.service("svc", ns="ns", ips="10.0.0.1", ports="http/tcp:80 dns/udp:53 /sctp:7")
    zone.service("db", ns="ns", headless=True)
    zone.slice("db-1", "db", "db-0@10.1.0.1", ns="ns", ports="pg/tcp:5432")
    zone.service("ext", ns="extns", external="example.com")
    return zone


@pytest.mark.parametrize("rdtype", ["A", "AAAA", "MX", "TXT", "TYPE65280"])
@pytest.mark.parametrize(
    "name",
    [
        "", "svc.", "pod.", "dns.", "ns.svc.", "extns.svc.", "ns.pod.",
        "_tcp.svc.ns.svc.", "_udp.svc.ns.svc.", "_tcp.db.ns.svc.",
        "_http._tcp.svc.ns.svc.", "_pg._tcp.db.ns.svc.", "ns.dns.",
    ],
)  # fmt: skip
def test_empty_names_are_nodata(filled: ServedZone, name: str, rdtype: str) -> None:
    assert filled.ask(f"{name}cluster.local. {rdtype}").is_nodata


@pytest.mark.parametrize("rdtype", ["A", "SRV", "NS", "TXT", "CNAME", "ANY", "TYPE65280"])
@pytest.mark.parametrize(
    "name",
    [
        "foo.", "foo.svc.", "foo.ns.svc.", "svc.foo.svc.", "_sctp.svc.ns.svc.",
        "_x._tcp.svc.ns.svc.",
        "_udp.db.ns.svc.", "x.svc.ns.svc.", "a.b.svc.ns.svc.", "a.b.c.d.svc.ns.svc.",
        "x.dns-version.", "x.ns.dns.", "x.dns.", "www.example.com.ns.svc.", "ns.foo.",
        "_tcp.ns.svc.",
    ],
)  # fmt: skip
def test_missing_names_are_nxdomain(filled: ServedZone, name: str, rdtype: str) -> None:
    assert filled.ask(f"{name}cluster.local. {rdtype}").is_nxdomain


@pytest.mark.parametrize("rdtype", ["CNAME", "TXT", "MX", "SOA", "NS", "PTR", "HTTPS", "DNSKEY"])
@pytest.mark.parametrize("name", ["svc.ns", "db.ns", "db-0.db.ns"])
def test_other_types_of_names_with_addresses_are_nodata(
    filled: ServedZone, name: str, rdtype: str
) -> None:
    assert filled.ask(f"{name}.svc.cluster.local. {rdtype}").is_nodata


def test_a_namespace_comes_and_goes_with_its_services(zone: ServedZone) -> None:
    question = "new.svc.cluster.local. A"
    zone.service("other", ns="newer", ips="10.0.0.9")
    assert zone.ask(question).is_nxdomain
    assert "new.svc.cluster.local." in zone.service("a", ns="new", ips="10.0.0.1")
    assert zone.ask(question).is_nodata
    assert "new.svc.cluster.local." not in zone.service("b", ns="new", ips="10.0.0.2")
    assert "new.svc.cluster.local." not in zone.no_service("a", ns="new")
    assert zone.ask(question).is_nodata
    assert "new.svc.cluster.local." in zone.no_service("b", ns="new")
    assert zone.ask(question).is_nxdomain


def test_slices_alone_make_no_namespace(zone: ServedZone) -> None:
    zone.slice("s", "db", "10.1.0.1", ns="new")
    assert zone.ask("new.svc.cluster.local. A").is_nxdomain


def test_octets_that_separate_keys_do_not_find_other_names(filled: ServedZone) -> None:
    assert filled.ask(r"svc\000ns.svc.cluster.local. A").is_nxdomain
    assert filled.ask(r"x.svc\000ns.svc.cluster.local. A").is_nxdomain
    assert filled.ask(r"ns\000svc.svc.cluster.local. A").is_nxdomain


@pytest.mark.parametrize("name", [".", "com.", "localhost.", "svc.", "local."])
def test_names_of_one_label_are_outside_as_any_other(zone: ServedZone, name: str) -> None:
    zone.ask(f"{name} NS")  # kube-dns fails these.
    assert zone.upstream.forwarded == [name]


@pytest.mark.parametrize("rdtype", ["A", "TXT", "SRV", "HTTPS"])
def test_other_types_of_reverse_names(zone: ServedZone, rdtype: str) -> None:
    # kube-dns answers any type below ip6.arpa with the pointer.
    zone.service("web", ips="10.0.0.1 fd00::1")
    for name in ("1.0.0.10.in-addr.arpa.", "1" + 27 * ".0" + ".0.0.d.f.ip6.arpa."):
        reply = zone.ask(f"{name} {rdtype}")
        assert (reply.rcode, reply.answers) == ("NOERROR", [])
        assert reply.authority == [f"{name} 60 IN SOA"]


def test_a_name_that_only_ends_in_the_same_letters_is_outside(zone: ServedZone) -> None:
    zone.ask("xcluster.local. A")
    zone.ask(r"x\007cluster.local. A")
    assert zone.upstream.forwarded == ["xcluster.local.", "x\\007cluster.local."]
