"""One round of a probe against real servers: what counts as ok, and what each failure is called."""

from __future__ import annotations

import socket
import time
from collections.abc import Iterator

import dns.edns
import dns.flags
import dns.message
import dns.rcode
import pytest

from sidecar.exchange import PAYLOAD
from sidecar.probe import STALE_PAUSE_S, run_probe
from sidecar.probe_spec import ProbeSpec, parse_probe
from tests.fakes.dns_server import Delayed, DnsServer, Raw, Rcode, Records, Silence, Truncated

ZONE = """
test. 5 IN SOA ns.test. host.test. 1 2 3 4 5
x.test. 5 IN A 10.0.0.1
x.test. 5 IN AAAA fd00::1
_http._tcp.x.test. 5 IN SRV 0 0 80 x.test.
"""


@pytest.fixture
def server() -> Iterator[DnsServer]:
    with DnsServer(ZONE) as running:
        yield running


def spec(server: DnsServer, name: str = "x.test", rdtype: str = "A") -> ProbeSpec:
    return parse_probe(f"label,{server.address},{name},5,{rdtype}")


@pytest.mark.parametrize(
    ("name", "rdtype"),
    [("x.test", "A"), ("x.test", "AAAA"), ("x.test", "ANY"), ("_http._tcp.x.test", "SRV")],
)
def test_an_answer_with_records_is_ok(server: DnsServer, name: str, rdtype: str) -> None:  # S03
    result = run_probe(spec(server, name, rdtype))
    assert (result.ok, result.error) == (True, None)
    assert result.latency_s > 0
    assert result.finished <= time.monotonic()
    assert [(q.name, q.rdtype, q.rdclass) for q in server.queries] == [(f"{name}.", rdtype, "IN")]


def test_the_query_is_recursive_and_lets_a_cache_say_that_it_is_stale(server: DnsServer) -> None:
    run_probe(spec(server))
    query = dns.message.from_wire(server.queries[0].wire)
    assert query.flags == dns.flags.RD
    assert (query.edns, query.ednsflags, query.payload) == (0, 0, PAYLOAD)


@pytest.mark.parametrize("rcode", [dns.rcode.FORMERR, dns.rcode.NOTIMP])
def test_a_server_without_edns_is_asked_without_it(server: DnsServer, rcode: int) -> None:
    header = b"\0\0\x81" + bytes([rcode]) + bytes(8)
    server.on("x.test.", Raw(header), times=1)
    assert run_probe(spec(server)).ok
    assert [dns.message.from_wire(q.wire).edns for q in server.queries] == [0, -1]


def stale(text: str, code: dns.edns.EDECode) -> Raw:
    """An answer that says it is stale (RFC 8914)."""
    message = dns.message.from_text(f"id 0\nflags QR RD RA\n;QUESTION\nx.test. IN A\n{text}")
    message.use_edns(0, options=[dns.edns.EDEOption(code)])
    return Raw(message.to_wire())


STALE_ANSWER = stale(";ANSWER\nx.test. 5 IN A 10.0.0.1\n", dns.edns.EDECode.STALE_ANSWER)
STALE_NXDOMAIN = stale("", dns.edns.EDECode.STALE_NXDOMAIN_ANSWER)
OTHER_EDE = stale(";ANSWER\nx.test. 5 IN A 10.0.0.1\n", dns.edns.EDECode.FILTERED)


@pytest.mark.parametrize("reply", [STALE_ANSWER, STALE_NXDOMAIN])
def test_a_stale_answer_fails_and_both_facts_are_told(server: DnsServer, reply: Raw) -> None:
    server.on("x.test.", reply)
    pauses: list[float] = []
    result = run_probe(spec(server), retries=1, pause=pauses.append)
    assert (result.ok, result.answered, result.stale, result.tries) == (False, True, True, 2)
    assert (
        result.error
        == f'stale answer for domain "x.test.": what {server.address} asks does not answer'
    )
    assert pauses == [STALE_PAUSE_S]


def test_a_stale_answer_that_is_soon_followed_by_a_fresh_one_is_ok(server: DnsServer) -> None:
    server.on("x.test.", STALE_ANSWER, times=1)
    result = run_probe(spec(server), retries=1, pause=lambda seconds: None)
    assert (result.ok, result.answered, result.stale, result.tries) == (True, True, False, 2)


def test_other_extended_errors_do_not_matter(server: DnsServer) -> None:
    server.on("x.test.", OTHER_EDE)
    assert run_probe(spec(server)).ok


def test_one_lost_datagram_is_asked_again_within_the_round(server: DnsServer) -> None:
    server.on("x.test.", Silence(), times=1)
    result = run_probe(spec(server), retries=1)
    assert (result.ok, result.tries) == (True, 2)
    assert result.latency_s > 1.9  # what a client would have waited


def test_no_more_is_asked_than_allowed(server: DnsServer) -> None:
    server.on("x.test.", Silence())
    result = run_probe(spec(server), retries=1)
    assert (result.ok, result.answered, result.tries) == (False, False, 2)
    assert server.count("x.test.") == 2


def test_an_answer_that_is_no_loss_is_not_asked_for_again(server: DnsServer) -> None:
    server.on("x.test.", Rcode(dns.rcode.SERVFAIL))
    result = run_probe(spec(server), retries=3)
    assert (result.ok, result.answered, result.tries) == (False, True, 1)
    server.stop()
    assert run_probe(spec(server), retries=3).tries == 1


def test_every_round_has_a_new_port_and_id(server: DnsServer) -> None:
    for _ in range(8):
        run_probe(spec(server))
    assert len({q.peer_port for q in server.queries}) > 1
    assert len({q.wire[:2] for q in server.queries}) > 1


def test_an_empty_answer_fails(server: DnsServer) -> None:  # S03
    result = run_probe(spec(server, "x.test", "SRV"))
    assert result.error == 'no RRs for domain "x.test." (NOERROR)'


@pytest.mark.parametrize("rcode", [dns.rcode.REFUSED, dns.rcode.SERVFAIL, dns.rcode.NXDOMAIN])
def test_an_error_without_records_is_named(server: DnsServer, rcode: int) -> None:
    server.on("x.test.", Rcode(rcode))
    result = run_probe(spec(server))
    assert (
        result.error == f'no RRs for domain "x.test." ({dns.rcode.to_text(dns.rcode.Rcode(rcode))})'
    )


def test_records_count_whatever_the_rcode(server: DnsServer) -> None:
    server.on("x.test.", Records("x.test. 5 IN A 10.0.0.2", rcode=dns.rcode.SERVFAIL))
    assert run_probe(spec(server)).ok


def test_a_truncated_answer_without_records_fails(server: DnsServer) -> None:
    server.on("x.test.", Truncated())
    assert not run_probe(spec(server)).ok


def test_silence_fails_after_two_seconds(server: DnsServer) -> None:  # S03
    server.on("x.test.", Silence())
    result = run_probe(spec(server))
    assert result.error == f"no answer from {server.address} within 2 s"
    assert result.latency_s > 1.9


def test_the_latency_is_that_of_the_exchange(server: DnsServer) -> None:
    server.on("x.test.", Delayed(0.2))
    result = run_probe(spec(server))
    assert result.ok
    assert result.latency_s > 0.19


@pytest.mark.parametrize(
    "wire",
    [
        b"\0\0",
        b"\0\0\x80\0\0\1\0\1\0\0\0\0",  # promises a question and a record, has neither
        b"\0\0\0\0\0\0\0\0\0\0\0\0",  # a query, not a response
        b"\0\0" + b"\xff" * 40,
    ],
)
def test_junk_is_no_answer_and_is_called_so(server: DnsServer, wire: bytes) -> None:
    server.on("x.test.", Raw(wire))
    result = run_probe(spec(server))
    assert result.error is not None
    assert result.error.startswith(f"bad answer from {server.address}: ")
    assert result.answered is False


def test_a_closed_port_is_not_waited_for(server: DnsServer) -> None:
    server.stop()
    result = run_probe(spec(server))
    assert result.error == f"cannot ask {server.address}: Connection refused"
    assert result.answered is False


def test_an_unknown_host_name_fails() -> None:
    result = run_probe(parse_probe("label,no-such-host.invalid,x.test,5,A"))
    assert result.error is not None
    assert result.error.startswith("cannot ask no-such-host.invalid:53: ")


def test_a_host_name_is_looked_up() -> None:
    with DnsServer(ZONE, host=socket.gethostbyname("localhost")) as server:
        assert run_probe(parse_probe(f"label,localhost:{server.port},x.test,5,A")).ok


def test_ipv6() -> None:
    with DnsServer(ZONE, host="::1") as server:
        assert run_probe(spec(server)).ok


def test_the_clock_is_the_callers(server: DnsServer) -> None:
    ticks = iter([100.0, 100.5])
    result = run_probe(spec(server), clock=lambda: next(ticks))
    assert (result.finished, result.latency_s) == (100.5, 0.5)
