"""The same questions to the same upstream server: what clients see is what dnsmasq shows them."""

from __future__ import annotations

from collections.abc import Iterator

import dns.rrset
import pytest

from tests.dnsmasq_front.messages import Reply, addresses
from tests.dnsmasq_front.process import FrontProcess
from tests.dnsmasq_front.real_dnsmasq import RealDnsmasq
from tests.dnsmasq_front.test_process_serving import server_flag
from tests.fakes.dns_server import DnsServer, Rcode

pytestmark = pytest.mark.needs_dnsmasq

ZONE = f"""\
test. 300 IN SOA ns.test. admin.test. 1 3600 600 86400 60
a.test. 300 IN A 10.0.0.1
{addresses("many.test.", 5, ttl=300)}
v6.test. 300 IN AAAA fd00::1
alias.test. 300 IN CNAME a.test.
far.test. 200 IN CNAME alias.test.
text.test. 300 IN TXT "some words" "more"
mail.test. 300 IN MX 10 a.test.
_x._tcp.test. 300 IN SRV 0 5 80 a.test.
Mixed.test. 300 IN A 10.0.0.2
1.0.0.10.in-addr.arpa. 300 IN PTR a.test.
zero.test. 0 IN A 10.0.0.3
deep.nodes.test. 300 IN A 10.0.0.4
"""
QUESTIONS = [
    "a.test. A",
    "A.TEST. A",
    "mixed.TEST. A",
    "many.test. A",
    "v6.test. AAAA",
    "alias.test. A",
    "far.test. A",
    "far.test. CNAME",
    "text.test. TXT",
    "mail.test. MX",
    "_x._tcp.test. SRV",
    "1.0.0.10.in-addr.arpa. PTR",
    "zero.test. A",
    "a.test. AAAA",
    "a.test. SRV",
    "alias.test. AAAA",
    "nodes.test. A",
    "missing.test. A",
    "MISSING.test. PTR",
    "fails.test. A",
    "refused.test. A",
]
Pair = tuple[FrontProcess, RealDnsmasq]


def script(server: DnsServer) -> None:
    server.on("fails.test.", Rcode(2))
    server.on("refused.test.", Rcode(5))


@pytest.fixture(scope="module", params=[(), ("--no-negcache",), ("--max-ttl=30",)], ids=str)
def pair(request: pytest.FixtureRequest) -> Iterator[Pair]:
    flags = ["--no-resolv", "--cache-size=1000", "--local=/here.test/", *request.param]
    flags += ["--address=/lit.test/10.7.7.7"]
    with DnsServer(ZONE) as ours, DnsServer(ZONE) as theirs:
        script(ours)
        script(theirs)
        with (
            FrontProcess(*flags, server_flag(ours)) as front,
            RealDnsmasq(*flags, server_flag(theirs)) as dnsmasq,
        ):
            yield front, dnsmasq


def shown(reply: Reply) -> tuple[str, list[tuple[str, str, list[str]]], bool, bool]:
    """What must be the same: rcode, RRsets in order of owners (case and all), RA, AD."""
    rrsets = [rrset_shown(rrset) for rrset in reply.message.answer]
    return reply.rcode, rrsets, "RA" in reply.flags, "AD" in reply.flags


def rrset_shown(rrset: dns.rrset.RRset) -> tuple[str, str, list[str]]:
    # Records take turns, and where they begin differs.
    return str(rrset.name), str(rrset.rdtype), sorted(rdata.to_text() for rdata in rrset)


@pytest.mark.parametrize("stream", [False, True], ids=["udp", "tcp"])
@pytest.mark.parametrize("edns", [None, 1232])
@pytest.mark.parametrize("question", QUESTIONS)
def test_first_and_cached_answer(pair: Pair, question: str, edns: int | None, stream: bool) -> None:
    for _ in range(2):
        ours, theirs = (side.ask(question, edns=edns, stream=stream) for side in pair)
        assert shown(ours) == shown(theirs)
        assert ours.message.edns == theirs.message.edns
        if not theirs.answers:  # It adds the SOA that it knows of an alias's target.
            assert ours.message.authority == theirs.message.authority
        for our_ttl, their_ttl in zip(ours.ttls, theirs.ttls, strict=True):
            assert abs(our_ttl - their_ttl) <= 3  # they were not asked in the same second


@pytest.mark.parametrize("question", ["here.test. A", "x.here.test. TXT", "lit.test. A"])
def test_local_names(pair: Pair, question: str) -> None:
    ours, theirs = (side.ask(question) for side in pair)
    assert shown(ours) == shown(theirs)
    assert ours.ttls == theirs.ttls
    assert ("AA" in ours.flags) == ("AA" in theirs.flags)
    assert ours.message.authority == theirs.message.authority


@pytest.mark.parametrize("stream", [False, True], ids=["udp", "tcp"])
@pytest.mark.parametrize("name", ["cachesize", "insertions", "evictions", "misses", "hits"])
def test_counters_have_the_same_shape(pair: Pair, name: str, stream: bool) -> None:
    ours, theirs = (side.ask(f"{name.upper()}.bind. TXT CH", stream=stream) for side in pair)
    assert [str(rrset.name) for rrset in ours.message.answer] == [f"{name.upper()}.bind."]
    assert ours.flags == theirs.flags
    assert (ours.rcode, ours.ttls) == (theirs.rcode, theirs.ttls)
    for reply in (ours, theirs):
        (text,) = reply.data
        assert text.strip('"').isdigit()


@pytest.mark.parametrize("question", ["nothing.bind. TXT CH", "hits.bind. A CH"])
def test_other_chaos_names_of_the_bind_domain(pair: Pair, question: str) -> None:
    ours, theirs = (side.ask(question) for side in pair)
    assert (ours.rcode, ours.flags) == (theirs.rcode, theirs.flags)
