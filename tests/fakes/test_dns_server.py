"""The scripted DNS server does what a test tells it to: its own behaviour, over real sockets."""

from __future__ import annotations

import socket
import time
from collections.abc import Iterator

import dns.exception
import dns.flags
import dns.message
import dns.query
import dns.rcode
import pytest

from tests.fakes.dns_server import (
    Delayed,
    DnsServer,
    Raw,
    Rcode,
    Records,
    Silence,
    Truncated,
)

ZONE = """
test. 5 IN SOA ns.test. host.test. 1 2 3 4 5
a.test. 5 IN A 10.0.0.1
a.test. 5 IN A 10.0.0.2
alias.test. 5 IN CNAME a.test.
deep.below.test. 5 IN TXT "x y"
hits.bind. 0 CH TXT "10"
"""


@pytest.fixture
def server() -> Iterator[DnsServer]:
    with DnsServer(ZONE) as running:
        yield running


def ask(
    server: DnsServer, name: str, rdtype: str = "A", rdclass: str = "IN", *, timeout_s: float = 5
) -> dns.message.Message:
    query = dns.message.make_query(name, rdtype, rdclass)
    return dns.query.udp(query, server.host, port=server.port, timeout=timeout_s)


def answers(message: dns.message.Message) -> list[str]:
    return sorted(line for rrset in message.answer for line in rrset.to_text().splitlines())


def test_records_of_a_name_come_from_zone_text(server: DnsServer) -> None:
    assert answers(ask(server, "A.TEST.")) == ["A.TEST. 5 IN A 10.0.0.1", "A.TEST. 5 IN A 10.0.0.2"]


def test_a_cname_brings_its_target(server: DnsServer) -> None:
    assert answers(ask(server, "alias.test."))[-1] == "alias.test. 5 IN CNAME a.test."
    assert len(answers(ask(server, "alias.test."))) == 3


def test_classes_are_kept_apart(server: DnsServer) -> None:
    assert answers(ask(server, "hits.bind.", "TXT", "CH")) == ['hits.bind. 0 CH TXT "10"']
    assert ask(server, "hits.bind.", "TXT").rcode() == dns.rcode.NXDOMAIN


@pytest.mark.parametrize(
    ("name", "rdtype", "rcode"),
    [
        ("a.test.", "AAAA", dns.rcode.NOERROR),
        ("below.test.", "A", dns.rcode.NOERROR),
        ("missing.test.", "A", dns.rcode.NXDOMAIN),
    ],
)
def test_negative_answers_carry_the_soa(
    server: DnsServer, name: str, rdtype: str, rcode: int
) -> None:
    answer = ask(server, name, rdtype)
    assert (answer.rcode(), answer.answer) == (rcode, [])
    assert answer.authority[0].name.to_text() == "test."


def test_tcp_answers_several_queries_on_one_connection(server: DnsServer) -> None:
    query = dns.message.make_query("a.test.", "A")
    assert len(answers(dns.query.tcp(query, server.host, port=server.port, timeout=5))) == 2
    assert [q.transport for q in server.queries] == ["tcp"]


def test_silence_is_a_timeout_and_ends_after_its_times(server: DnsServer) -> None:
    server.on("a.test.", Silence(), times=1)
    with pytest.raises(dns.exception.Timeout):
        ask(server, "a.test.", timeout_s=0.05)
    assert len(answers(ask(server, "a.test."))) == 2
    assert server.count("A.test.") == 2


def test_rules_can_be_for_one_type_and_apply_in_order(server: DnsServer) -> None:
    server.on("a.test.", Rcode(dns.rcode.SERVFAIL), rdtype="AAAA")
    server.on("a.test.", Records("a.test. 9 IN A 10.9.9.9"), times=1)
    assert ask(server, "a.test.", "AAAA").rcode() == dns.rcode.SERVFAIL
    assert answers(ask(server, "a.test.")) == ["a.test. 9 IN A 10.9.9.9"]
    assert len(answers(ask(server, "a.test."))) == 2


def test_raw_bytes_get_the_id_of_the_query(server: DnsServer) -> None:
    server.on("a.test.", Raw(b"\0\0\x80\x05" + bytes(8)))
    assert ask(server, "a.test.").rcode() == dns.rcode.REFUSED


def test_truncated_over_udp_whole_over_tcp(server: DnsServer) -> None:
    server.on("a.test.", Truncated())
    assert ask(server, "a.test.").flags & dns.flags.TC
    query = dns.message.make_query("a.test.", "A")
    assert len(answers(dns.query.tcp(query, server.host, port=server.port, timeout=5))) == 2


def test_a_delayed_answer_holds_up_nobody_else(server: DnsServer) -> None:
    server.on("a.test.", Delayed(30))
    with pytest.raises(dns.exception.Timeout):
        ask(server, "a.test.", timeout_s=0.05)
    assert ask(server, "alias.test.").rcode() == dns.rcode.NOERROR
    server.on("late.test.", Delayed(0.1, Rcode(dns.rcode.REFUSED)))
    began = time.monotonic()
    assert ask(server, "late.test.").rcode() == dns.rcode.REFUSED
    assert time.monotonic() - began >= 0.09


def test_everything_can_be_answered_alike_and_back(server: DnsServer) -> None:
    server.on_all(Rcode(dns.rcode.SERVFAIL))
    assert ask(server, "a.test.").rcode() == dns.rcode.SERVFAIL
    server.on_all(None)
    server.set_zone("a.test. 5 IN A 10.0.0.7")
    assert answers(ask(server, "a.test.")) == ["a.test. 5 IN A 10.0.0.7"]


def test_garbage_is_not_answered_and_does_not_end_it(server: DnsServer) -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
        for junk in (b"", b"\0", b"\xff" * 40):
            sock.sendto(junk, (server.host, server.port))
    assert len(answers(ask(server, "a.test."))) == 2


def test_after_stop_the_port_is_closed(server: DnsServer) -> None:
    server.stop()
    server.stop()
    with DnsServer(ZONE, port=server.port) as again:
        assert len(answers(ask(again, "a.test."))) == 2


def test_ipv6_loopback() -> None:
    with DnsServer(ZONE, host="::1") as server:
        assert server.address == f"[::1]:{server.port}"
        assert len(answers(ask(server, "a.test."))) == 2
