"""The forwarding machine on a real loop, with scripted servers on loopback."""

from __future__ import annotations

import gc
from collections.abc import Iterator, Sequence

import dns.flags
import dns.message
import dns.rcode
import pytest

from dnscore.loop import Loop
from dnscore.net.address import Address
from dnscore.wire import names
from dnscore.wire.const import A
from dnscore.wire.query import parse_query
from kubedns.relay import Resolved
from kubedns.upstream import Upstream, _Question
from tests.collector import collector_away
from tests.fakes.dns_server import Delayed, DnsServer, Raw, Rcode, Records, Silence, Truncated

ZONE = "www.example.com. 60 IN CNAME host.example.com.\nhost.example.com. 60 IN A 192.0.2.1"
NAME = "host.example.com."


class Asker:
    """An Upstream whose answers are waited for."""

    def __init__(self, *servers: DnsServer | Address, **limits: float) -> None:
        self.loop = Loop()
        addresses = [s if isinstance(s, Address) else Address(s.host, s.port) for s in servers]
        self.ids = iter(range(1, 1 << 16))
        self.upstream = Upstream(
            self.loop,
            lambda name: addresses,
            random_bytes=lambda size: next(self.ids).to_bytes(size, "big"),
            **limits,  # type: ignore[arg-type]
        )

    def forward(self, name: str = NAME, rdtype: str = "A") -> dns.message.Message | None:
        """The response to a forwarded query."""
        query = dns.message.make_query(name, rdtype, use_edns=0)
        found: list[bytes | None] = []
        self.upstream.forward(parse_query(query.to_wire()), found.append, limit=1232)
        self._run(found)
        return dns.message.from_wire(found[0]) if found[0] is not None else None

    def rcode(self) -> str:
        """The rcode of a forwarded query, `none` when nobody answered."""
        response = self.forward()
        return "none" if response is None else dns.rcode.to_text(response.rcode())

    def resolve(self, name: str) -> Resolved | None:
        """What is found for an alias's target."""
        found: list[Resolved | None] = []
        self.upstream.resolve(names.from_text(name), A, found.append)
        self._run(found)
        return found[0]

    def _run(self, found: Sequence[object]) -> None:
        until = self.loop.now() + 10.0

        def check() -> None:
            if found or self.loop.now() > until:
                self.loop.stop()
            else:
                self.loop.call_later(0.001, check)

        self.loop.call_later(0, check)
        self.loop.run()
        assert len(found) == 1

    def close(self) -> None:
        self.upstream.close()
        self.loop.close()


@pytest.fixture
def server() -> Iterator[DnsServer]:
    with DnsServer(ZONE) as running:
        yield running


@pytest.fixture
def other() -> Iterator[DnsServer]:
    with DnsServer(ZONE) as running:
        yield running


def test_the_first_server_is_asked_and_no_other(server: DnsServer, other: DnsServer) -> None:
    asker = Asker(server, other)
    assert asker.rcode() == "NOERROR"
    assert (len(server.queries), len(other.queries)) == (1, 0)
    assert asker.upstream.pending == 0
    asker.close()


def test_a_silent_server_has_its_time_then_the_next(server: DnsServer, other: DnsServer) -> None:
    server.on_all(Silence())
    asker = Asker(server, other, try_s=0.1)
    assert asker.rcode() == "NOERROR"
    asker.close()


def test_a_lost_datagram_is_sent_again(server: DnsServer) -> None:
    server.on(NAME, Silence(), times=1)
    asker = Asker(server, try_s=0.1)
    assert asker.rcode() == "NOERROR"
    assert server.count(NAME) == 2
    asker.close()


def test_silence_everywhere_ends_within_the_total(server: DnsServer, other: DnsServer) -> None:
    for silent in (server, other):
        silent.on_all(Silence())
    asker = Asker(server, other, try_s=0.2, total_s=0.3)
    started = asker.loop.now()
    assert asker.rcode() == "none"
    assert asker.loop.now() - started < 2.0
    assert asker.upstream.counters.failures == 1
    assert asker.upstream.pending == 0
    asker.close()


def test_closed_ports_are_passed_over_at_once(server: DnsServer) -> None:
    with DnsServer() as gone:
        dead = Address(gone.host, gone.port)
    asker = Asker(dead, server, try_s=60.0, total_s=60.0)
    assert asker.rcode() == "NOERROR"
    asker.close()
    asker = Asker(dead, try_s=60.0, total_s=60.0)
    assert asker.rcode() == "none"
    asker.close()


def test_an_address_without_a_route_is_passed_over(server: DnsServer) -> None:
    asker = Asker(Address("255.255.255.255", 53), server, try_s=60.0, total_s=60.0)
    assert asker.rcode() == "NOERROR"
    asker.close()


@pytest.mark.parametrize("rcode", [dns.rcode.SERVFAIL, dns.rcode.REFUSED])
def test_a_failure_is_passed_on_only_when_nobody_does_better(
    server: DnsServer, other: DnsServer, rcode: int
) -> None:
    server.on_all(Rcode(rcode))
    asker = Asker(server, other)
    assert asker.rcode() == "NOERROR"
    other.on_all(Rcode(rcode))
    assert asker.rcode() == dns.rcode.to_text(dns.rcode.Rcode(rcode))
    asker.close()


def test_a_missing_name_is_an_answer(server: DnsServer, other: DnsServer) -> None:
    server.on_all(Rcode(dns.rcode.NXDOMAIN))
    asker = Asker(server, other)
    assert asker.rcode() == "NXDOMAIN"
    assert not other.queries
    asker.close()


def test_a_server_from_before_edns_is_asked_without(server: DnsServer) -> None:
    server.on(NAME, Rcode(dns.rcode.FORMERR), times=1)
    asker = Asker(server)
    assert asker.rcode() == "NOERROR"
    first, second = (dns.message.from_wire(query.wire) for query in server.queries)
    assert (first.edns, second.edns) == (0, -1)
    asker.close()


def test_a_truncated_answer_is_fetched_over_tcp(server: DnsServer) -> None:
    server.on_all(Truncated())
    asker = Asker(server)
    response = asker.forward()
    assert response is not None and not response.flags & dns.flags.TC
    assert [query.transport for query in server.queries] == ["udp", "tcp"]
    asker.close()


def test_a_response_to_something_else_is_not_taken(server: DnsServer) -> None:
    forged = dns.message.make_response(dns.message.make_query("bank.example.", "A")).to_wire()
    server.on(NAME, Raw(forged), times=1)
    asker = Asker(server, try_s=0.1)
    assert asker.rcode() == "NOERROR"
    asker.close()


def test_a_malformed_response_sends_us_to_the_next(server: DnsServer, other: DnsServer) -> None:
    good = dns.message.make_response(dns.message.make_query(NAME, "A")).to_wire()
    server.on_all(Raw(good[:6] + b"\0\x09" + good[8:]))
    asker = Asker(server, other, try_s=60.0, total_s=60.0)
    assert asker.rcode() == "NOERROR"
    assert asker.upstream.counters.malformed == 1
    asker.close()


def test_an_extended_rcode_sends_us_to_the_next(server: DnsServer, other: DnsServer) -> None:
    # Its lower four bits alone, which is what a client without EDNS sees, would say NOERROR.
    refused = dns.message.make_response(dns.message.make_query(NAME, "A", use_edns=0))
    refused.set_rcode(dns.rcode.BADVERS)
    server.on_all(Raw(refused.to_wire()))
    asker = Asker(server, other, try_s=60.0, total_s=60.0)
    response = asker.forward()
    assert response is not None and response.answer
    asker.close()


def test_a_server_that_answers_the_query_with_the_query_is_not_heard(server: DnsServer) -> None:
    server.on(NAME, Raw(dns.message.make_query(NAME, "A").to_wire()), times=1)
    asker = Asker(server, try_s=0.1)
    assert asker.rcode() == "NOERROR"
    assert server.count(NAME) == 2
    asker.close()


def test_without_servers_nobody_answers() -> None:
    asker = Asker()
    assert asker.rcode() == "none"
    assert asker.resolve(NAME) is None
    asker.close()


def test_beyond_the_bound_nobody_answers_at_once(server: DnsServer) -> None:
    server.on_all(Delayed(30.0))
    asker = Asker(server, pending_max=2)
    query = parse_query(dns.message.make_query(NAME, "A").to_wire())
    found: list[bytes | None] = []
    for _ in range(3):
        asker.upstream.forward(query, found.append, limit=512)
    assert found == [None]
    assert asker.upstream.pending == 2
    assert asker.upstream.counters.rejected == 1
    asker.close()
    assert asker.upstream.pending == 0


def test_resolve_gives_the_whole_chain(server: DnsServer) -> None:
    asker = Asker(server)
    found = asker.resolve("www.example.com.")
    assert found is not None
    assert [names.to_text(record.owner) for record in found.records] == ["www.example.com.", NAME]
    assert found.rcode == dns.rcode.NOERROR
    asker.close()


def test_resolve_tells_nothing_there_from_nobody_knows(server: DnsServer) -> None:
    asker = Asker(server)
    assert asker.resolve("absent.example.com.") == (dns.rcode.NXDOMAIN, [])
    server.on_all(Records(rcode=dns.rcode.SERVFAIL))
    assert asker.resolve(NAME) is None
    asker.close()


def test_questions_that_are_over_leave_nothing_for_the_collector(
    server: DnsServer, other: DnsServer
) -> None:
    other.on_all(Truncated())
    closed = Address("127.0.0.1", 1)
    with collector_away():
        for servers in ((server,), (other,), (closed, server), (closed,)):
            asker = Asker(*servers)
            asker.rcode()
            asker.resolve(NAME)
            asker.close()
        assert not [thing for thing in gc.get_objects() if isinstance(thing, _Question)]
