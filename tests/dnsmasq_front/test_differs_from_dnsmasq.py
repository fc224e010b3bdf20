"""Where clients see something else than from dnsmasq 2.90, on purpose; each with its reason."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import dns.exception
import dns.flags
import pytest

from tests.dnsmasq_front.messages import addresses, query_wire, soa
from tests.dnsmasq_front.process import FrontProcess
from tests.dnsmasq_front.real_dnsmasq import RealDnsmasq, ask_at
from tests.dnsmasq_front.test_process_serving import server_flag
from tests.fakes.dns_server import Delayed, DnsServer, Rcode

pytestmark = pytest.mark.needs_dnsmasq

LONG = "api.eu-west-1.amazonaws.com.my-namespace.svc.test."
ZONE = f"""\
{soa("test.", ttl=300, minimum=300)}
a.test. 300 IN A 10.0.0.1
text.test. 300 IN TXT words
{addresses("big.test.", 120, ttl=300)}
"""


@contextmanager
def both(*servers: DnsServer, flags: tuple[str, ...] = ()) -> Iterator[tuple[int, int]]:
    """Our port and that of dnsmasq, both in front of the same servers."""
    every = ["--no-resolv", *flags, *map(server_flag, servers)]
    with FrontProcess(*every) as front, RealDnsmasq(*every) as dnsmasq:
        yield front.port, dnsmasq.port


def rcodes(ports: tuple[int, int], wire: bytes) -> list[str]:
    return [ask_at(port, wire).rcode for port in ports]


@pytest.mark.parametrize(("opcode", "rcode"), [(2, "NOTIMP"), (4, "REFUSED")])
def test_opcodes_other_than_query_are_not_relayed(opcode: int, rcode: str) -> None:
    # dnsmasq sends them on to the upstream server, an UPDATE from a pod as well.
    with DnsServer(ZONE) as server, both(server) as (ours, _):
        wire = query_wire("a.test. A", flags=opcode << 11)
        assert ask_at(ours, wire).rcode == rcode
        assert server.queries == []


def test_later_edns_version_is_badvers() -> None:  # RFC 6891 6.1.3; dnsmasq ignores the version
    with DnsServer(ZONE) as server, both(server) as ports:
        wire = query_wire("a.test. A", edns=1232, version=1)
        assert rcodes(ports, wire) == ["BADVERS", "NOERROR"]


def test_closed_port_is_servfail_and_not_silence() -> None:
    # dnsmasq never answers when no server does; the client waits its whole five seconds.
    with DnsServer() as server:
        pass
    with both(server) as (ours, theirs):
        assert ask_at(ours, query_wire("a.test. A")).rcode == "SERVFAIL"
        with pytest.raises(dns.exception.Timeout):
            ask_at(theirs, query_wire("a.test. A"), within=1.0)


def test_fast_servfail_does_not_beat_a_slower_good_answer() -> None:
    with DnsServer() as broken, DnsServer(ZONE) as good, both(broken, good) as ports:
        broken.on_all(Rcode(2))
        good.on("a.test.", Delayed(0.2))
        assert rcodes(ports, query_wire("a.test. A")) == ["NOERROR", "SERVFAIL"]


def test_every_type_is_cached() -> None:  # dnsmasq keeps addresses, CNAME, PTR and SRV only
    with DnsServer(ZONE) as server, both(server) as ports:
        counts = []
        for port in ports:
            before = server.count("text.test.")
            for _ in range(3):
                ask_at(port, query_wire("text.test. TXT"))
            counts.append(server.count("text.test.") - before)
        assert counts == [1, 3]


def test_long_names_have_no_pool_of_their_own() -> None:
    # dnsmasq keeps a tenth of the cache for names of 50 characters and more.
    zone = "\n".join(f"n{i:02d}.{LONG} 300 IN A 10.0.0.1" for i in range(30))
    with DnsServer(zone) as server, both(server, flags=("--cache-size=100",)) as ports:
        counts = []
        for port in ports:
            before = len(server.queries)
            for _ in range(2):
                for i in range(30):
                    ask_at(port, query_wire(f"n{i:02d}.{LONG} A"))
            counts.append(len(server.queries) - before - 30)
        assert counts[0] == 0
        assert counts[1] >= 15


def test_cached_answer_is_given_without_rd_too() -> None:
    # dnsmasq forwards a query without RD although it has the answer.
    with DnsServer(ZONE) as server, both(server) as ports:
        counts = []
        for port in ports:
            ask_at(port, query_wire("a.test. A"))
            before = len(server.queries)
            ask_at(port, query_wire("a.test. A", flags=0))
            counts.append(len(server.queries) - before)
        assert counts == [0, 1]


def test_udp_answer_is_no_larger_than_asked_for() -> None:
    # dnsmasq passes on what its server sent, whatever the client takes (RFC 1035 4.2.1).
    with DnsServer(ZONE) as server, both(server) as (ours, theirs):
        wire = query_wire("big.test. A")
        assert len(ask_at(ours, wire).wire) <= 512
        assert len(ask_at(theirs, wire).wire) > 512


def test_truncated_answer_keeps_opt() -> None:  # RFC 6891 7; dnsmasq 2.90 drops it
    with DnsServer(ZONE) as server, both(server) as ports:
        wire = query_wire("big.test. A", edns=1232)
        for port in ports:
            ask_at(port, wire)
        replies = [ask_at(port, wire) for port in ports]
        assert [reply.message.edns for reply in replies] == [0, -1]
        assert all("TC" in reply.flags for reply in replies)


def test_cached_cname_is_not_authoritative() -> (
    None
):  # dnsmasq sets AA when CNAME is the type asked
    zone = "alias.test. 300 IN CNAME a.test."
    with DnsServer(zone) as server, both(server) as ports:
        wire = query_wire("alias.test. CNAME")
        for port in ports:
            ask_at(port, wire)
        assert ["AA" in ask_at(port, wire).flags for port in ports] == [False, True]


def test_other_classes_are_refused() -> None:  # dnsmasq relays them
    with DnsServer(ZONE) as server, both(server) as (ours, _):
        assert ask_at(ours, query_wire("a.test. A HS")).rcode == "REFUSED"
        assert server.queries == []


def test_zone_transfer_is_refused() -> None:  # dnsmasq relays the question
    with DnsServer(ZONE) as server, both(server) as (ours, _):
        assert ask_at(ours, query_wire("test. AXFR"), stream=False).rcode == "REFUSED"
        assert server.queries == []


def test_other_type_of_a_literal_name_does_not_leak() -> None:
    # dnsmasq 2.86 and later ask the upstream servers for the AAAA of `--address=/d/ipv4`.
    flags = ("--address=/lit.test/10.7.7.7",)
    with DnsServer(ZONE) as server, both(server, flags=flags) as ports:
        counts = []
        for port in ports:
            assert ask_at(port, query_wire("lit.test. AAAA")).rcode == "NOERROR"
            counts.append(server.count("lit.test."))
        assert counts == [0, 1]


def test_ad_of_a_client_is_not_sent_on() -> None:
    # We do not validate and clear AD in answers, so nobody may be told to vouch (RFC 6840 5.7).
    with DnsServer(ZONE) as server, both(server) as ports:
        for port in ports:
            ask_at(port, query_wire("a.test. A", flags=dns.flags.RD | dns.flags.AD))
        sent = [bool(query.wire[3] & dns.flags.AD) for query in server.queries]
        assert sent == [False, True]
