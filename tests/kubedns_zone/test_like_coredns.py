"""What CoreDNS's tables for its kubernetes plugin expect, as far as the specification bears it.

One zone, one table: question, rcode, answers as zone text without the owner. TTLs, priorities and
the labels of nameless endpoints are kube-dns's, as is the target of SRV at a bare service name.
"""

from __future__ import annotations

import pytest

from tests.kubedns_zone.served import ServedZone


@pytest.fixture(scope="module")
def served() -> ServedZone:
    zone = ServedZone(endpoint_names="address")
    zone.namespace("testns")
    zone.namespace("nsnoservices")
    zone.service("svc1", ns="testns", ips="10.0.0.1", ports="http/tcp:80")
    zone.slice("svc1-a", "svc1", "172.0.0.1", ns="testns", ports="http/tcp:80")
    zone.service("svcempty", ns="testns", ips="10.0.0.2", ports="http/tcp:80")
    zone.service("svc6", ns="testns", ips="1234:abcd::1", ports="http/tcp:80")
    zone.service("svcdual", ns="testns", ips="10.0.0.3 fd00::3", ports="http/tcp:80")
    zone.service("9lives", ns="testns", ips="10.0.0.9")
    zone.service("noports", ns="testns", ips="10.0.0.4")
    zone.service("hdls", ns="testns", headless=True)
    zone.slice(
        "h4", "hdls", "172.0.0.2 172.0.0.3 dup@172.0.0.4 dup@172.0.0.5", ns="testns",
        ports="http/tcp:80",
    )  # fmt: skip
    zone.slice("h6", "hdls", "5678:abcd::1 5678:abcd::2", ns="testns", ports="http/tcp:80")
    zone.service("hdlsportless", ns="testns", headless=True)
    zone.slice("p4", "hdlsportless", "172.0.0.20", ns="testns")
    zone.service("hdlsempty", ns="testns", headless=True)
    zone.slice("e4", "hdlsempty", "", ns="testns", ports="http/tcp:80")
    zone.service("external", ns="testns", external="ext.example.org")
    zone.service("extinside", ns="testns", external="svc1.testns.svc.cluster.local")
    # The same endpoint in two services, and in two slices of one.
    zone.service("twin", ns="testns", headless=True)
    zone.slice("t1", "twin", "172.0.0.2", ns="testns")
    zone.slice("t2", "twin", "172.0.0.2 172.0.0.9", ns="testns")
    return zone


SVC1 = "svc1.testns.svc.cluster.local."
HDLS = "hdls.testns.svc.cluster.local."

CASES: list[tuple[str, str, list[str]]] = [
    # Cluster IPs.
    ("svc1.testns.svc A", "NOERROR", ["A 10.0.0.1"]),
    ("svcempty.testns.svc A", "NOERROR", ["A 10.0.0.2"]),
    ("svc6.testns.svc AAAA", "NOERROR", ["AAAA 1234:abcd::1"]),
    ("svc6.testns.svc A", "NOERROR", []),
    ("svc1.testns.svc AAAA", "NOERROR", []),
    ("svcdual.testns.svc A", "NOERROR", ["A 10.0.0.3"]),
    ("svcdual.testns.svc AAAA", "NOERROR", ["AAAA fd00::3"]),
    ("9lives.testns.svc A", "NOERROR", ["A 10.0.0.9"]),
    ("noports.testns.svc A", "NOERROR", ["A 10.0.0.4"]),
    ("_http._tcp.svc1.testns.svc SRV", "NOERROR", [f"SRV 10 100 80 {SVC1}"]),
    (
        "_http._tcp.svcdual.testns.svc SRV", "NOERROR",
        ["SRV 10 50 80 svcdual.testns.svc.cluster.local."],
    ),
    ("_http._tcp.noports.testns.svc SRV", "NXDOMAIN", []),
    ("http.tcp.svc1.testns.svc SRV", "NXDOMAIN", []),
    ("_http._udp.svc1.testns.svc SRV", "NXDOMAIN", []),
    ("_https._tcp.svc1.testns.svc SRV", "NXDOMAIN", []),
    # Headless.
    (
        "hdls.testns.svc A", "NOERROR",
        ["A 172.0.0.2", "A 172.0.0.3", "A 172.0.0.4", "A 172.0.0.5"],
    ),
    ("hdls.testns.svc AAAA", "NOERROR", ["AAAA 5678:abcd::1", "AAAA 5678:abcd::2"]),
    ("hdlsportless.testns.svc A", "NOERROR", ["A 172.0.0.20"]),
    ("172-0-0-20.hdlsportless.testns.svc A", "NOERROR", ["A 172.0.0.20"]),
    ("hdlsportless.testns.svc AAAA", "NOERROR", []),
    ("hdlsempty.testns.svc A", "NXDOMAIN", []),
    ("_http._tcp.hdlsempty.testns.svc SRV", "NXDOMAIN", []),
    (
        "_http._tcp.hdls.testns.svc SRV", "NOERROR",
        [
            f"SRV 10 16 80 172-0-0-2.{HDLS}", f"SRV 10 16 80 172-0-0-3.{HDLS}",
            f"SRV 10 16 80 5678-abcd--1.{HDLS}", f"SRV 10 16 80 5678-abcd--2.{HDLS}",
            f"SRV 10 16 80 dup.{HDLS}",
        ],
    ),
    ("172-0-0-2.hdls.testns.svc A", "NOERROR", ["A 172.0.0.2"]),
    ("5678-abcd--1.hdls.testns.svc AAAA", "NOERROR", ["AAAA 5678:abcd::1"]),
    ("dup.hdls.testns.svc A", "NOERROR", ["A 172.0.0.4", "A 172.0.0.5"]),
    ("bogus.hdls.testns.svc A", "NXDOMAIN", []),
    ("bogus.missing.testns.svc A", "NXDOMAIN", []),
    ("twin.testns.svc A", "NOERROR", ["A 172.0.0.2", "A 172.0.0.9"]),
    # ExternalName.
    ("external.testns.svc CNAME", "NOERROR", ["CNAME ext.example.org."]),
    ("external.testns.svc A", "NOERROR", ["CNAME ext.example.org."]),
    ("extinside.testns.svc CNAME", "NOERROR", [f"CNAME {SVC1}"]),
    ("extinside.testns.svc A", "NOERROR", [f"CNAME {SVC1}", f"{SVC1} A 10.0.0.1"]),
    ("x.external.testns.svc A", "NXDOMAIN", []),
    ("_http._tcp.external.testns.svc SRV", "NXDOMAIN", []),
    # Names without records, and names that are not there.
    ("missing.testns.svc A", "NXDOMAIN", []),
    ("missing.testns.svc AAAA", "NXDOMAIN", []),
    ("svc1.missing.svc A", "NXDOMAIN", []),
    ("missing.svc NS", "NXDOMAIN", []),
    ("foo NS", "NXDOMAIN", []),
    ("svc A", "NOERROR", []),
    ("svc NS", "NOERROR", []),
    ("pod A", "NOERROR", []),
    ("testns.svc A", "NOERROR", []),
    ("testns.svc NS", "NOERROR", []),
    ("nsnoservices.svc A", "NOERROR", []),
    ("testns.pod A", "NOERROR", []),
    ("svc1.testns.svc TXT", "NOERROR", []),
    ("svc1.testns.svc SOA", "NOERROR", []),
    ("missing.testns.svc TXT", "NXDOMAIN", []),
    ("svc1.testns.svc PTR", "NOERROR", []),
    ("missing.testns.svc PTR", "NXDOMAIN", []),
    ("svc1.testns.svc CNAME", "NOERROR", []),
    ("dns-version TXT", "NOERROR", ['TXT "1.1.0"']),
    ("1-2-3-4.testns.pod A", "NOERROR", ["A 1.2.3.4"]),
    ("blah.testns.pod A", "NXDOMAIN", []),
]  # fmt: skip


@pytest.mark.parametrize(("question", "rcode", "answers"), CASES)
def test_answers(served: ServedZone, question: str, rcode: str, answers: list[str]) -> None:
    name, rdtype = question.split()
    reply = served.ask(f"{name}.cluster.local. {rdtype}", edns=1232)
    ttl = 28800 if name == "dns-version" else 30
    expected = []
    for answer in answers:
        owner = f"{SVC1}" if answer.startswith(SVC1) else f"{name}.cluster.local."
        expected.append(f"{owner} {ttl} IN {answer.removeprefix(SVC1).strip()}")
    assert (reply.rcode, reply.answers) == (rcode, sorted(expected))
    assert "AA" in reply.flags.split()
    ends_in_nothing = not any(rdtype in answer.split() for answer in answers)
    if ends_in_nothing and "ext.example.org." not in str(answers):
        assert reply.authority == ["cluster.local. 60 IN SOA"]


EXTRA = [
    ("_http._tcp.svc1.testns.svc SRV", [f"{SVC1} 30 IN A 10.0.0.1"]),
    (
        "_http._tcp.svc6.testns.svc SRV",
        ["svc6.testns.svc.cluster.local. 30 IN AAAA 1234:abcd::1"],
    ),
    (
        "_http._tcp.svcdual.testns.svc SRV",
        [
            "svcdual.testns.svc.cluster.local. 30 IN A 10.0.0.3",
            "svcdual.testns.svc.cluster.local. 30 IN AAAA fd00::3",
        ],
    ),
    (
        "_http._tcp.hdls.testns.svc SRV",
        [
            f"172-0-0-2.{HDLS} 30 IN A 172.0.0.2", f"172-0-0-3.{HDLS} 30 IN A 172.0.0.3",
            f"5678-abcd--1.{HDLS} 30 IN AAAA 5678:abcd::1",
            f"5678-abcd--2.{HDLS} 30 IN AAAA 5678:abcd::2",
            f"dup.{HDLS} 30 IN A 172.0.0.4", f"dup.{HDLS} 30 IN A 172.0.0.5",
        ],
    ),
]  # fmt: skip


@pytest.mark.parametrize(("question", "additional"), EXTRA)
def test_addresses_of_targets(served: ServedZone, question: str, additional: list[str]) -> None:
    name, rdtype = question.split()
    reply = served.ask(f"{name}.cluster.local. {rdtype}", edns=1232)
    assert reply.additional == additional


POINTERS = [
    ("10.0.0.1", [SVC1]),
    ("172.0.0.3", [f"172-0-0-3.{HDLS}"]),
    ("172.0.0.2", [f"172-0-0-2.{HDLS}", "172-0-0-2.twin.testns.svc.cluster.local."]),
    ("172.0.0.9", ["172-0-0-9.twin.testns.svc.cluster.local."]),
    ("172.0.0.4", [f"dup.{HDLS}"]),
]


@pytest.mark.parametrize(("address", "expected"), POINTERS)
def test_pointers(served: ServedZone, address: str, expected: list[str]) -> None:
    name = ".".join(reversed(address.split("."))) + ".in-addr.arpa."
    found = [line.split()[-1] for line in served.ask(f"{name} PTR").answers]
    assert sorted(found) == sorted(expected)


def test_endpoints_of_a_cluster_ip_service_have_no_pointer(served: ServedZone) -> None:
    served.upstream.forwarded.clear()
    served.ask("1.0.0.172.in-addr.arpa. PTR")
    assert served.upstream.forwarded == ["1.0.0.172.in-addr.arpa."]


def test_letter_case_is_kept(served: ServedZone) -> None:
    reply = served.ask("_HTTP._tcp.SVC1.testns.svc.Cluster.LOCAL. SRV")
    assert reply.answers[0].startswith("_HTTP._tcp.SVC1.testns.svc.Cluster.LOCAL. 30 IN SRV")
    assert reply.answers[0].lower().endswith(SVC1)
