"""What kube-dns's own tests expect of its records, scenario by scenario (zone cluster.local).

Where this server differs on purpose the scenario says so.
"""

from __future__ import annotations

import ipaddress

import pytest

from kubedns.endpoint_names import hash_label
from tests.kubedns_zone.served import ServedZone

S = "testservice.default.svc.cluster.local."
V4, V6 = "1.2.3.4", "2001:db8::8a2e:370:7334"
IPS = [V4, V6, f"{V4} {V6}", f"{V6} {V4}"]
NAMES = [
    "testservice.default.svc", "testservice.default.*", "testservice.*.svc", "testservice.*.*",
    "*.testservice.default.svc",
]  # fmt: skip


def addresses(zone: ServedZone, name: str) -> set[str]:
    """Of both families."""
    return {ip for rdtype in ("A", "AAAA") for ip in zone.addresses(f"{name} {rdtype}", edns=1232)}


def pointers(zone: ServedZone, *ips: str) -> list[str]:
    """What the reverse names say that are answered here."""
    zone.upstream.forwarded.clear()
    asked = [f"{ipaddress.ip_address(ip).reverse_pointer}." for ip in ips]
    return [line.split()[-1] for name in asked for line in zone.ask(f"{name} PTR").answers]


def hashed(ip: str) -> str:
    return f"{hash_label(ipaddress.ip_address(ip).packed).decode()}.{S}"


def targets(zone: ServedZone, name: str) -> set[tuple[int, str]]:
    """Ports and targets of SRV records."""
    reply = zone.ask(f"{name} SRV", edns=4096)
    records = reply.message.answer[0] if reply.answers else ()
    return {(rdata.port, rdata.target.to_text()) for rdata in records}


def test_a_pod_name(zone: ServedZone) -> None:
    assert zone.addresses("1-2-3-4.default.pod.cluster.local. A") == [V4]


@pytest.mark.parametrize("ips", IPS)
def test_cluster_ip_with_an_unnamed_port(zone: ServedZone, ips: str) -> None:
    zone.service("testservice", ips=ips, ports="/tcp:80")
    for name in NAMES:
        assert addresses(zone, f"{name}.cluster.local.") == set(ips.split())
    assert pointers(zone, *ips.split()) == [S] * len(ips.split())
    assert zone.ask(f"_tcp.{S} SRV").is_nxdomain
    zone.no_service("testservice")
    for name in NAMES:
        assert zone.ask(f"{name}.cluster.local. A").is_nxdomain
    assert pointers(zone, *ips.split()) == []


@pytest.mark.parametrize("ips", IPS)
def test_cluster_ip_whose_port_is_renamed(zone: ServedZone, ips: str) -> None:
    zone.service("testservice", ips=ips, ports="http1/tcp:80")
    assert targets(zone, f"_http1._tcp.{S}") == {(80, S)}
    extra = zone.ask(f"_http1._tcp.{S} SRV").additional
    assert {line.split()[-1] for line in extra} == set(ips.split())
    zone.service("testservice", ips=ips, ports="http2/tcp:80")
    assert targets(zone, f"_http2._tcp.{S}") == {(80, S)}
    assert zone.ask(f"_http1._tcp.{S} SRV").is_nxdomain
    for name in NAMES:
        assert addresses(zone, f"{name}.cluster.local.") == set(ips.split())
    zone.no_service("testservice")
    assert zone.ask(f"_http2._tcp.{S} SRV").is_nxdomain


@pytest.mark.parametrize("hostnames", [("", ""), ("ep-0", "ep-1")])
def test_headless_srv_at_the_service_name(zone: ServedZone, hostnames: tuple[str, str]) -> None:
    ips = ("10.0.0.1", "10.0.0.2")
    zone.service("testservice", headless=True)
    pairs = [f"{host}@{ip}" for host, ip in zip(hostnames, ips, strict=True)]
    zone.slice("a", "testservice", " ".join(pairs), ports="/tcp:80")
    expected = {
        (0, f"{host}.{S}" if host else hashed(ip)) for host, ip in zip(hostnames, ips, strict=True)
    }
    assert targets(zone, S) == expected
    assert {line.split()[-1] for line in zone.ask(f"{S} SRV").additional} == set(ips)


def test_headless_with_a_named_port(zone: ServedZone) -> None:
    zone.service("testservice", headless=True, ports="http/tcp:80")
    zone.slice("a", "testservice", "10.0.0.1", ports="http/tcp:8081")
    assert targets(zone, f"_http._tcp.{S}") == {(8081, hashed("10.0.0.1"))}
    assert zone.ask(f"_http._tcp.{S} SRV").additional == [f"{hashed('10.0.0.1')} 30 IN A 10.0.0.1"]


def test_external_name(zone: ServedZone) -> None:
    zone.service("testservice", external="foo.bar.example.com")
    assert zone.ask(f"{S} CNAME").answers == [f"{S} 30 IN CNAME foo.bar.example.com."]
    zone.no_service("testservice")
    assert zone.ask(f"{S} CNAME").is_nxdomain


def test_headless_with_several_sets_of_ports(zone: ServedZone) -> None:
    first, second = "10.0.0.1 10.0.0.2", "10.0.0.3 10.0.0.4"
    zone.service("testservice", headless=True)
    zone.slice("a", "testservice", first, ports="http1/tcp:80 http2/tcp:81")
    zone.slice("b", "testservice", second, ports="https/tcp:443")
    assert addresses(zone, S) == set(f"{first} {second}".split())
    for port, number, ips in (("http1", 80, first), ("http2", 81, first), ("https", 443, second)):
        expected = {(number, hashed(ip)) for ip in ips.split()}
        assert targets(zone, f"_{port}._tcp.{S}") == expected
        for ip in ips.split():
            assert zone.addresses(f"{hashed(ip)} A") == [ip]
    zone.no_slice("b")
    assert addresses(zone, S) == set(first.split())
    assert zone.ask(f"_https._tcp.{S} SRV").is_nxdomain
    zone.no_service("testservice")
    assert zone.ask(f"{S} A").is_nxdomain
    assert pointers(zone, *first.split(), *second.split()) == []


def test_endpoints_that_grow_and_vanish(zone: ServedZone) -> None:
    zone.service("testservice", headless=True)
    assert zone.ask(f"{S} A").is_nxdomain  # the service first, the endpoints later
    zone.slice("a", "testservice", "10.0.0.1 10.0.0.2")
    assert len(addresses(zone, S)) == 2
    zone.slice("a", "testservice", "10.0.0.1 10.0.0.2 10.0.0.3 10.0.0.4")
    assert len(addresses(zone, S)) == 4
    zone.slice("a", "testservice", "")
    assert zone.ask(f"{S} A").is_nxdomain
    zone.no_service("testservice")
    assert zone.ask(f"{S} A").is_nxdomain


def test_pointers_of_endpoints_without_a_hostname(zone: ServedZone) -> None:
    # kube-dns has none; specification 2.4.3 wants them.
    zone.service("testservice", headless=True)
    zone.slice("a", "testservice", "10.0.0.1")
    assert pointers(zone, "10.0.0.1") == [hashed("10.0.0.1")]
    zone.no_slice("a")
    assert pointers(zone, "10.0.0.1") == []


def test_a_named_endpoint_that_moves(zone: ServedZone) -> None:
    zone.service("testservice", headless=True)
    for _ in range(2):  # a second time changes nothing
        zone.slice("a", "testservice", "foo@10.0.0.1")
        assert addresses(zone, S) == {"10.0.0.1"}
        assert pointers(zone, "10.0.0.1") == [f"foo.{S}"]
    zone.slice("a", "testservice", "foo@10.0.0.2")
    assert addresses(zone, f"foo.{S}") == addresses(zone, S) == {"10.0.0.2"}
    assert pointers(zone, "10.0.0.1", "10.0.0.2") == [f"foo.{S}"]


def test_endpoints_that_are_deleted_before_their_service(zone: ServedZone) -> None:
    # kube-dns goes on answering for their addresses.
    zone.service("testservice", headless=True)
    zone.slice("a", "testservice", "foo@10.0.0.1")
    zone.no_slice("a")
    assert zone.ask(f"{S} A").is_nxdomain
    assert zone.ask(f"foo.{S} A").is_nxdomain
    assert pointers(zone, "10.0.0.1") == []


def test_a_service_that_is_deleted_before_its_endpoints(zone: ServedZone) -> None:
    # In kube-dns the pointers of its endpoints stay for ever.
    zone.service("testservice", headless=True)
    zone.slice("a", "testservice", "foo@10.0.0.1")
    zone.no_service("testservice")
    assert pointers(zone, "10.0.0.1") == []
    zone.no_slice("a")
    assert (len(zone.tree), zone.tree.addresses, zone.tree.slices) == (0, 0, 0)


def test_srv_weights(zone: ServedZone) -> None:
    zone.service("testservice", headless=True)
    for count, weight in ((1, 100), (2, 50), (3, 33), (4, 25), (6, 16), (7, 14), (101, 1)):
        zone.slice("a", "testservice", " ".join(f"10.0.0.{n + 1}" for n in range(count)))
        rdatas = zone.ask(f"{S} SRV", stream=True).message.answer[0]
        assert {(rdata.priority, rdata.weight) for rdata in rdatas} == {(10, weight)}
        assert len(rdatas) == count


FLAGS = [
    # question, rcode, flags, sections that are not empty
    (f"{S} A", "NOERROR", "QR AA RD RA", ["answer"]),
    (f"{S} AAAA", "NOERROR", "QR AA RD RA", ["authority"]),
    (f"x.{S} A", "NXDOMAIN", "QR AA RD RA", ["authority"]),
    (f"{S} SRV", "NOERROR", "QR AA RD RA", ["answer", "additional"]),
    ("4.3.2.1.in-addr.arpa. PTR", "NOERROR", "QR AA RD RA", ["answer"]),
    ("cluster.local. SOA", "NOERROR", "QR AA RD RA", ["answer"]),
    (f"{S} ANY", "NOERROR", "QR AA RD RA", ["answer"]),
]


@pytest.mark.parametrize(("question", "rcode", "flags", "sections"), FLAGS)
def test_flags_and_sections(
    zone: ServedZone, question: str, rcode: str, flags: str, sections: list[str]
) -> None:
    zone.service("testservice", ips=V4)
    reply = zone.ask(question)
    assert (reply.rcode, reply.flags) == (rcode, flags)
    filled = {
        "answer": reply.answers, "authority": reply.authority, "additional": reply.additional
    }  # fmt: skip
    assert [name for name, records in filled.items() if records] == sections
