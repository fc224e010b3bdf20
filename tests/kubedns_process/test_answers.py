"""Every record type of the slice, asked of a real process over UDP and TCP."""

from __future__ import annotations

import dns.flags
import dns.rcode
import dns.rdatatype
import pytest

from tests.kubedns_process.daemon import Kubedns

ZONE = "cluster.local."
SVC = "svc.cluster.local."

TABLE = [
    (f"kubernetes.default.{SVC}", "A", [f"kubernetes.default.{SVC} A 10.96.0.1"]),
    (f"web.shop.{SVC}", "A", [f"web.shop.{SVC} A 10.96.0.20"]),
    (f"web.shop.{SVC}", "AAAA", []),
    (f"api.shop.{SVC}", "AAAA", [f"api.shop.{SVC} AAAA fd00:10:96::21"]),
    (
        f"db.prod.{SVC}",
        "A",
        [f"db.prod.{SVC} A 10.244.1.7", f"db.prod.{SVC} A 10.244.2.7"],
    ),
    (f"db-1.db.prod.{SVC}", "AAAA", [f"db-1.db.prod.{SVC} AAAA fd00:10:244:2::7"]),
    (f"queue.prod.{SVC}", "A", ["NXDOMAIN"]),
    (f"queue-1.queue-peers.prod.{SVC}", "A", [f"queue-1.queue-peers.prod.{SVC} A 10.244.2.8"]),
    (
        f"_http._tcp.web.shop.{SVC}",
        "SRV",
        [f"_http._tcp.web.shop.{SVC} SRV 10 100 80 web.shop.{SVC}"],
    ),
    ("20.0.96.10.in-addr.arpa.", "PTR", [f"20.0.96.10.in-addr.arpa. PTR web.shop.{SVC}"]),
    ("7.1.244.10.in-addr.arpa.", "PTR", [f"7.1.244.10.in-addr.arpa. PTR db-0.db.prod.{SVC}"]),
    (f"dns-version.{ZONE}", "TXT", [f'dns-version.{ZONE} TXT "1.1.0"']),
    (f"10-244-1-5.shop.pod.{ZONE}", "A", [f"10-244-1-5.shop.pod.{ZONE} A 10.244.1.5"]),
    (f"absent.shop.{SVC}", "A", ["NXDOMAIN"]),
]


@pytest.mark.parametrize("tcp", [False, True], ids=["udp", "tcp"])
@pytest.mark.parametrize(("name", "rdtype", "expected"), TABLE)
def test_answer(kubedns: Kubedns, name: str, rdtype: str, expected: list[str], tcp: bool) -> None:
    assert kubedns.answers(name, rdtype, tcp=tcp) == expected


@pytest.mark.parametrize("tcp", [False, True], ids=["udp", "tcp"])
def test_an_alias_within_the_cluster_is_followed(kubedns: Kubedns, tcp: bool) -> None:
    target = f"db.prod.{SVC}"
    assert kubedns.answers(f"database.shop.{SVC}", "A", tcp=tcp) == sorted(
        [
            f"database.shop.{SVC} CNAME {target}",
            f"{target} A 10.244.1.7",
            f"{target} A 10.244.2.7",
        ]
    )


@pytest.mark.parametrize("tcp", [False, True], ids=["udp", "tcp"])
def test_an_alias_to_the_outside_is_followed(kubedns: Kubedns, tcp: bool) -> None:
    assert kubedns.answers(f"supplier.shop.{SVC}", "A", tcp=tcp) == sorted(
        [
            f"supplier.shop.{SVC} CNAME www.example.com.",
            "www.example.com. CNAME host.example.com.",
            "host.example.com. A 192.0.2.10",
        ]
    )


def test_the_apex_has_an_soa(kubedns: Kubedns) -> None:
    (rrset,) = kubedns.ask(ZONE, "SOA").answer
    assert rrset.to_text().startswith(f"{ZONE} ")
    assert " SOA ns.dns.cluster.local. hostmaster.cluster.local. " in rrset.to_text()


@pytest.mark.parametrize(("name", "rdtype"), [(f"web.shop.{SVC}", "AAAA"), (f"x.{SVC}", "A")])
def test_negative_answers_are_authoritative_and_have_the_soa(
    kubedns: Kubedns, name: str, rdtype: str
) -> None:
    response = kubedns.ask(name, rdtype)
    assert response.flags & dns.flags.AA
    assert [rrset.rdtype for rrset in response.authority] == [dns.rdatatype.SOA]


@pytest.mark.parametrize("rdtype", ["TYPE999", "HTTPS", "ANY", "MX", "NAPTR"])
def test_odd_types_are_answered(kubedns: Kubedns, rdtype: str) -> None:
    assert kubedns.ask(f"web.shop.{SVC}", rdtype).rcode() in (
        dns.rcode.NOERROR,
        dns.rcode.NOTIMP,
        dns.rcode.REFUSED,
    )
    assert kubedns.answers(f"web.shop.{SVC}") == [f"web.shop.{SVC} A 10.96.0.20"]


def test_edns_is_echoed_only_to_who_sent_it(kubedns: Kubedns) -> None:
    assert kubedns.ask(f"web.shop.{SVC}").edns == 0
    assert kubedns.ask(f"web.shop.{SVC}", edns=False).edns == -1
