"""One round of a probe against real servers: what counts as ok, and what each failure is called."""

from __future__ import annotations

import socket
import time
from collections.abc import Iterator

import dns.flags
import dns.message
import dns.rcode
import pytest

from sidecar.probe import run_probe
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
    assert 0 < result.latency_s < 2
    assert result.finished <= time.monotonic()
    assert [(q.name, q.rdtype, q.rdclass) for q in server.queries] == [(f"{name}.", rdtype, "IN")]


def test_the_query_is_recursive_without_edns(server: DnsServer) -> None:
    run_probe(spec(server))
    query = dns.message.from_wire(server.queries[0].wire)
    assert query.flags == dns.flags.RD
    assert query.edns == -1


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
    assert 1.9 < result.latency_s < 4


def test_the_latency_is_that_of_the_exchange(server: DnsServer) -> None:
    server.on("x.test.", Delayed(0.2))
    result = run_probe(spec(server))
    assert result.ok
    assert 0.19 < result.latency_s < 2


@pytest.mark.parametrize(
    "wire",
    [
        b"\0\0",
        b"\0\0\x80\0\0\1\0\1\0\0\0\0",  # promises a question and a record, has neither
        b"\0\0\0\0\0\0\0\0\0\0\0\0",  # a query, not a response
        b"\0\0" + b"\xff" * 40,
    ],
)
def test_junk_fails_at_once_and_says_so(server: DnsServer, wire: bytes) -> None:
    server.on("x.test.", Raw(wire))
    result = run_probe(spec(server))
    assert result.error is not None
    assert result.error.startswith(f"bad answer from {server.address}: ")
    assert result.latency_s < 1.5


def test_a_closed_port_fails_at_once(server: DnsServer) -> None:
    server.stop()
    result = run_probe(spec(server))
    assert result.error == f"cannot ask {server.address}: Connection refused"
    assert result.latency_s < 1.5


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
