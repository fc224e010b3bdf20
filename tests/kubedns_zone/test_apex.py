"""The zone's own records: SOA, NS, dns-version (specification 2.2), class CHAOS."""

from __future__ import annotations

import pytest

from kubedns.rows import SERVICES, Batch
from tests.kubedns_zone.served import ServedZone, make_query, service_row


def test_dns_version(zone: ServedZone) -> None:
    reply = zone.ask("dns-version.cluster.local. TXT")
    assert reply.answers == ['dns-version.cluster.local. 28800 IN TXT "1.1.0"']
    assert zone.ask("dns-version.cluster.local. A").is_nodata


def test_soa(zone: ServedZone) -> None:
    reply = zone.ask("cluster.local. SOA")
    soa = reply.message.answer[0]
    assert (soa.ttl, reply.authority) == (3600, [])
    assert soa[0].to_text().split() == [
        "ns.dns.cluster.local.", "hostmaster.cluster.local.", str(zone.tree.serial),
        "28800", "7200", "604800", "60",
    ]  # fmt: skip


def test_the_serial_is_that_of_the_newest_change(zone: ServedZone) -> None:
    def serial() -> int:
        number: int = zone.ask("cluster.local. SOA").message.answer[0][0].serial
        return number

    row = service_row("web", ips="10.0.0.1")
    zone.tree.apply(Batch(SERVICES, ((("default", "web"), row),), False), now_s=1_700_000_000.5)
    assert serial() == 1_700_000_000
    zone.tree.apply(Batch(SERVICES, ((("default", "web"), row),), True), now_s=1_800_000_000)
    assert serial() == 1_700_000_000  # Nothing differs.
    zone.no_service("web")
    assert serial() == 1_700_000_001


def test_ns_leads_to_the_addresses_of_the_dns_service(zone: ServedZone) -> None:
    assert zone.ask("cluster.local. NS").answers == [
        "cluster.local. 3600 IN NS ns.dns.cluster.local."
    ]
    changed = zone.service("kube-dns", ns="kube-system", ips="10.0.0.10")
    assert "ns.dns.cluster.local." in changed
    assert zone.addresses("ns.dns.cluster.local. A") == ["10.0.0.10"]
    zone.service("kube-dns", ns="kube-system", ips="10.0.0.11")
    assert zone.addresses("ns.dns.cluster.local. A") == ["10.0.0.11"]


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("version.bind.", "kubedns-test"),
        ("VERSION.Bind.", "kubedns-test"),
        ("version.server.", "kubedns-test"),
        ("hostname.bind.", "pod-1"),
        ("id.server.", "pod-1"),
    ],
)
@pytest.mark.parametrize("synced", [True, False])
def test_class_chaos_names_the_server(*, name: str, text: str, synced: bool) -> None:
    zone = ServedZone(synced=synced)
    reply = zone.reply(make_query(name, "TXT", rdclass="CH"))
    assert reply.answers == [f'{name} 0 CH TXT "{text}"']


@pytest.mark.parametrize(
    ("name", "rdtype", "rdclass"),
    [
        ("other.bind.", "TXT", "CH"),
        ("version.bind.", "A", "CH"),
        ("web.default.svc.cluster.local.", "A", "CH"),
        ("web.default.svc.cluster.local.", "A", "ANY"),
        ("web.default.svc.cluster.local.", "A", "HS"),
        ("version.bind.", "TXT", "ANY"),
        ("example.com.", "A", "ANY"),
    ],
)
def test_everything_else_outside_class_in_is_refused(
    zone: ServedZone, name: str, rdtype: str, rdclass: str
) -> None:
    zone.service("web", ips="10.0.0.1")
    reply = zone.reply(make_query(name, rdtype, rdclass=rdclass))
    assert (reply.rcode, reply.answers, zone.upstream.forwarded) == ("REFUSED", [], [])


@pytest.mark.parametrize("rdtype", ["AXFR", "IXFR"])
def test_transfers_of_the_zone_are_refused(zone: ServedZone, rdtype: str) -> None:
    assert zone.ask("cluster.local. " + rdtype, stream=True).rcode == "REFUSED"


def test_any_is_answered_with_one_small_record(zone: ServedZone) -> None:  # RFC 8482 4.2
    zone.service("web", ips="10.0.0.1")
    zone.service("out", external="example.com")
    name = "web.default.svc.cluster.local."
    assert zone.ask(f"{name} ANY").answers == [f'{name} 30 IN HINFO "RFC8482" ""']
    assert zone.ask("1.0.0.10.in-addr.arpa. ANY").answers == [
        '1.0.0.10.in-addr.arpa. 30 IN HINFO "RFC8482" ""'
    ]
    out = "out.default.svc.cluster.local."
    assert zone.ask(f"{out} ANY").answers == [f"{out} 30 IN CNAME example.com."]
