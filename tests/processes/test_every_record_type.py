"""Every record type of the sample cluster, asked through the front by UDP and by TCP."""

from __future__ import annotations

import dns.flags
import dns.rcode
import dns.rdatatype
import pytest

from tests.processes.pod import Pod

ANSWERS = [
    ("kubernetes.default.svc.cluster.local. A", ["10.96.0.1"]),
    ("web.shop.svc.cluster.local. A", ["10.96.0.20"]),
    ("api.shop.svc.cluster.local. A", ["10.96.0.21"]),
    ("api.shop.svc.cluster.local. AAAA", ["fd00:10:96::21"]),
    ("workers.shop.svc.cluster.local. A", ["10.244.1.11", "10.244.2.11"]),
    ("db.prod.svc.cluster.local. A", ["10.244.1.7", "10.244.2.7"]),
    ("db.prod.svc.cluster.local. AAAA", ["fd00:10:244:1::7", "fd00:10:244:2::7"]),
    ("db-0.db.prod.svc.cluster.local. A", ["10.244.1.7"]),
    ("db-1.db.prod.svc.cluster.local. AAAA", ["fd00:10:244:2::7"]),
    ("10-244-1-11.workers.shop.svc.cluster.local. A", ["10.244.1.11"]),
    ("queue-peers.prod.svc.cluster.local. A", ["10.244.1.8", "10.244.2.8"]),
    ("_http._tcp.web.shop.svc.cluster.local. SRV", ["10 100 80 web.shop.svc.cluster.local."]),
    (
        "_discovery._udp.api.shop.svc.cluster.local. SRV",
        ["10 50 7001 api.shop.svc.cluster.local."],
    ),
    (
        "_pg._tcp.db.prod.svc.cluster.local. SRV",
        [
            "10 25 5432 db-0.db.prod.svc.cluster.local.",
            "10 25 5432 db-1.db.prod.svc.cluster.local.",
        ],
    ),
    ("20.0.96.10.in-addr.arpa. PTR", ["web.shop.svc.cluster.local."]),
    ("7.1.244.10.in-addr.arpa. PTR", ["db-0.db.prod.svc.cluster.local."]),
    (
        "1.2.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.6.9.0.0.0.1.0.0.0.0.d.f.ip6.arpa. PTR",
        ["api.shop.svc.cluster.local."],
    ),
    ("supplier.shop.svc.cluster.local. CNAME", ["www.example.com."]),
    ("dns-version.cluster.local. TXT", ['"1.1.0"']),
    ("10-244-1-9.shop.pod.cluster.local. A", ["10.244.1.9"]),
    ("www.example.com. A", ["192.0.2.80"]),
    ("www.example.com. AAAA", ["2001:db8::80"]),
    ("txt.example.com. TXT", ['"hello"']),
    ("53.2.0.192.in-addr.arpa. PTR", ["ns.example.com."]),
]


@pytest.mark.parametrize("tcp", [False, True], ids=["udp", "tcp"])
@pytest.mark.parametrize(("question", "data"), ANSWERS, ids=[q for q, _ in ANSWERS])
def test_answer(pod: Pod, question: str, data: list[str], tcp: bool) -> None:
    response = pod.ask(question, tcp=tcp)
    assert response.rcode() == dns.rcode.NOERROR
    assert response.flags & dns.flags.RA
    rdtype = dns.rdatatype.from_text(question.split()[1])
    found = [rdata for rrset in response.answer if rrset.rdtype == rdtype for rdata in rrset]
    assert sorted(str(rdata) for rdata in found) == sorted(data)


@pytest.mark.parametrize("tcp", [False, True], ids=["udp", "tcp"])
def test_soa_of_the_zone(pod: Pod, tcp: bool) -> None:
    (rrset,) = pod.ask("cluster.local. SOA", tcp=tcp).answer
    (soa,) = rrset
    assert str(soa.mname) == "ns.dns.cluster.local."
    assert str(soa.rname) == "hostmaster.cluster.local."


@pytest.mark.parametrize("tcp", [False, True], ids=["udp", "tcp"])
@pytest.mark.parametrize(
    ("question", "chain"),
    [
        (
            "supplier.shop.svc.cluster.local. A",
            [
                "supplier.shop.svc.cluster.local. CNAME www.example.com.",
                "www.example.com. A 192.0.2.80",
            ],
        ),
        (
            "database.shop.svc.cluster.local. A",
            [
                "database.shop.svc.cluster.local. CNAME db.prod.svc.cluster.local.",
                "db.prod.svc.cluster.local. A 10.244.1.7",
                "db.prod.svc.cluster.local. A 10.244.2.7",
            ],
        ),
    ],
)
def test_external_name_is_followed_to_its_addresses(
    pod: Pod, question: str, chain: list[str], tcp: bool
) -> None:
    assert pod.answer(question, tcp=tcp) == sorted(chain)


@pytest.mark.parametrize(
    ("question", "rcode"),
    [
        ("web.shop.svc.cluster.local. AAAA", "NOERROR"),
        ("web.shop.svc.cluster.local. MX", "NOERROR"),
        ("shop.svc.cluster.local. A", "NOERROR"),
        ("svc.cluster.local. A", "NOERROR"),
        ("cluster.local. A", "NOERROR"),
        ("_tcp.web.shop.svc.cluster.local. A", "NOERROR"),
        ("nothing.shop.svc.cluster.local. A", "NXDOMAIN"),
        ("web.nowhere.svc.cluster.local. A", "NXDOMAIN"),
        ("queue.prod.svc.cluster.local. A", "NXDOMAIN"),
        ("www.example.com.shop.svc.cluster.local. A", "NXDOMAIN"),
    ],
)
def test_negative_answer_carries_the_soa(pod: Pod, question: str, rcode: str) -> None:
    response = pod.ask(question)
    assert dns.rcode.to_text(response.rcode()) == rcode
    assert not response.answer
    assert [rrset.rdtype for rrset in response.authority] == [dns.rdatatype.SOA]
    assert str(response.authority[0].name) == "cluster.local."


def test_letter_case_of_the_question_is_kept(pod: Pod) -> None:
    (rrset,) = pod.ask("WeB.ShOp.SvC.cLuStEr.LoCaL. A").answer
    assert str(rrset.name) == "WeB.ShOp.SvC.cLuStEr.LoCaL."


def test_stock_pod_asks_for_service_of_every_kind_twice(pod: Pod) -> None:
    """The second answer comes from the front's cache and says the same."""
    for question, _ in ANSWERS:
        assert pod.answer(question) == pod.answer(question)
