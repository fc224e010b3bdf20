"""Local data and what is done to others' answers: clients see what dnsmasq shows them."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from dnsmasq_front.interfaces import interface_addresses
from tests.dnsmasq_front.messages import Reply
from tests.dnsmasq_front.process import FrontProcess
from tests.dnsmasq_front.real_dnsmasq import RealDnsmasq
from tests.dnsmasq_front.test_like_dnsmasq import Pair, rrset_shown
from tests.dnsmasq_front.test_process_serving import server_flag
from tests.fakes.dns_server import DnsServer
from tests.ports import HOST

pytestmark = pytest.mark.needs_dnsmasq

HOSTS = """\
10.1.1.1 hosty.test short H2.test bad..name .x *.wild.test
10.1.1.2 hosty.test
fd00::5 six.test Six2.TEST
10.1.1.1 second.test
10.1.1.7 a.nonterm.test
10.1 x.test
010.1.1.1 y.test
10.1.1.3%lo z.test
fe80::1%lo z.test
  10.1.1.9\tq.test#c
10.1.1.8#r.test
10.1.1.10 -dash.test under_score.test trail.test.
10.1.1.1 hosty.test
10.1.1.12
1.2.3.4.5 long.test
10.1.1.13 last.test"""
ZONE = """\
test. 300 IN SOA ns.test. admin.test. 1 3600 600 86400 60
real.test. 300 IN A 10.9.9.9
real.test. 300 IN AAAA fd00::9
public.test. 300 IN A 8.8.8.8
al.test. 300 IN CNAME real.test.
hosty.test. 300 IN MX 5 real.test.
lo.test. 60 IN A 127.0.0.1
ok.test. 60 IN A 10.0.0.1
shared.test. 60 IN A 100.64.0.1
mapped.test. 60 IN AAAA ::ffff:10.0.0.1
six.real.test. 60 IN AAAA 2600::1
"""
RECORDS = [
    "--cname=c1.test,C2.test,hosty.test,77",
    "--cname=out.test,nowhere.test",
    "--cname=chain.test,c1.test",
    "--txt-record=t.test,one,two",
    "--txt-record=t.test,three",
    "--txt-record=e.test",
    "--srv-host=_s._tcp.test,hosty.test,80,1,2",
    "--srv-host=_n._tcp.test",
    "--ptr-record=_p._tcp.test,tt.test",
    "--mx-host=m.test,hosty.test,5",
    "--mx-host=m2.test",
    "--host-record=hr.test,hr2.test,10.2.2.2,fd00::22,99",
    "--host-record=hr.test,10.2.2.3",
]
V6 = ".0" * 28
CASES: dict[str, tuple[list[str], list[str]]] = {
    "hosts": (
        ["--addn-hosts=HOSTS"],
        [
            "hosty.test. A", "HOSTY.test. A", "short. A", "six.test. AAAA", "h2.test. A",
            "\\*.wild.test. A", "second.test. A", "q.test. A", "r.test. A", "x.test. A",
            "y.test. A", "z.test. A", "long.test. A", "last.test. A", "-dash.test. A",
            "under_score.test. A", "trail.test. A", "x.hosty.test. A", "nonterm.test. A",
            "1.1.1.10.in-addr.arpa. PTR", "2.1.1.10.in-addr.arpa. PTR",
            "9.1.1.10.in-addr.arpa. PTR", f"5.0.0{V6[:-2]}.d.f.ip6.arpa. PTR",
            "hosty.test. MX", "hosty.test. TXT", "six2.test. AAAA",
        ],
    ),
    "hosts with a TTL and a literal above": (
        ["--addn-hosts=HOSTS", "--local-ttl=7", "--address=/hosty.test/9.9.9.9"],
        ["hosty.test. A", "x.hosty.test. A", "1.1.1.10.in-addr.arpa. PTR"],
    ),
    "hosts expanded": (
        ["--addn-hosts=HOSTS", "--expand-hosts", "--domain=dom.test"],
        ["short. A", "short.dom.test. A", "hosty.test. A", "hosty.test.dom.test. A"],
    ),
    "records": (
        ["--addn-hosts=HOSTS", *RECORDS],
        [
            "c1.test. A", "C2.test. A", "c1.test. CNAME", "out.test. A", "out.test. AAAA",
            "chain.test. A", "t.test. TXT", "T.test. TXT", "e.test. TXT", "_s._tcp.test. SRV",
            "_n._tcp.test. SRV", "_p._tcp.test. PTR", "m.test. MX", "m2.test. MX", "hr.test. A",
            "hr2.test. A", "hr.test. AAAA", "2.2.2.10.in-addr.arpa. PTR",
            "3.2.2.10.in-addr.arpa. PTR", "t.test. A", "m.test. A", "x.c1.test. A",
        ],
    ),
    "local domain": (
        [
            "--local=/here.test/", "--host-record=a.b.here.test,10.1.1.1",
            "--txt-record=t.here.test,x",
        ],
        [
            "a.b.here.test. A", "a.b.here.test. AAAA", "b.here.test. A", "c.here.test. A",
            "x.a.b.here.test. A", "t.here.test. A", "t.here.test. TXT", "here.test. A",
        ],
    ),
    "domain needed": (
        ["--domain-needed", "--host-record=known,10.1.1.1"],
        [
            "plain. A", "plain. AAAA", "plain. TXT", "plain. ANY", "known. A", "known. AAAA",
            "real.test. A", ". NS",
        ],
    ),
    "domain needed with servers for plain names": (
        ["--domain-needed", "--server=/plain/127.0.0.1#9", "--server=//127.0.0.1#9"],
        ["plain. A", "other. A"],
    ),
    "bogus priv": (
        ["--bogus-priv", "--host-record=known.test,10.1.1.1"],
        [
            "1.0.0.10.in-addr.arpa. PTR", "1.0.0.10.in-addr.arpa. TXT", "2.10.in-addr.arpa. PTR",
            "1.0.16.172.in-addr.arpa. PTR", "1.0.32.172.in-addr.arpa. PTR",
            "1.0.64.100.in-addr.arpa. PTR", "1.2.0.192.in-addr.arpa. PTR",
            "1.0.18.198.in-addr.arpa. PTR", "255.255.255.255.in-addr.arpa. PTR",
            "1.1.1.10.in-addr.arpa. PTR", f"1.0{V6}.d.f.ip6.arpa. PTR",
            f"1.0{V6}.c.f.ip6.arpa. PTR",
        ],
    ),
    "filter AAAA": (
        ["--filter-AAAA", "--host-record=own.test,fd00::1"],
        ["real.test. AAAA", "real.test. A", "al.test. AAAA", "own.test. AAAA"],
    ),
    "filter A": (
        ["--filter-A"],
        ["real.test. A", "real.test. AAAA", "missing.test. A", "six.real.test. A"],
    ),
}  # fmt: skip
REBINDING: dict[str, tuple[list[str], list[str]]] = {
    "rebinding": (
        ["--stop-dns-rebind", "--rebind-domain-ok=/ok.test/"],
        [
            "public.test. A", "real.test. A", "al.test. A", "lo.test. A", "ok.test. A",
            "shared.test. A", "mapped.test. AAAA", "real.test. AAAA", "hosty.test. MX",
        ],
    ),
    "rebinding but for localhost": (
        ["--stop-dns-rebind", "--rebind-localhost-ok"], ["lo.test. A", "real.test. A"],
    ),
}  # fmt: skip


@contextmanager
def pair_with(flags: list[str], *, host: str = HOST) -> Iterator[Pair]:
    with DnsServer(ZONE, host=host) as ours, DnsServer(ZONE, host=host) as theirs:
        every = ["--no-resolv", "--cache-size=1000", *flags]
        with (
            FrontProcess(*every, server_flag(ours)) as front,
            RealDnsmasq(*every, server_flag(theirs)) as dnsmasq,
        ):
            yield front, dnsmasq


def shown(reply: Reply) -> tuple[object, ...]:
    """What must be the same. Whether an empty answer is authoritative differs, on purpose."""
    rrsets = sorted((*rrset_shown(rrset), rrset.ttl) for rrset in reply.message.answer)
    authoritative = "AA" in reply.flags if rrsets or reply.rcode != "NOERROR" else None
    return reply.rcode, rrsets, authoritative, reply.errors


def differences(pair: Pair, questions: list[str]) -> list[tuple[object, ...]]:
    found: list[tuple[object, ...]] = []
    for question in questions:
        ours, theirs = (shown(side.ask(question, edns=1232)) for side in pair)
        if ours != theirs:
            found.append((question, ours, theirs))
    return found


@pytest.mark.parametrize("case", CASES)
def test_answers_are_the_same(case: str, tmp_path: Path) -> None:
    flags, questions = CASES[case]
    hosts = tmp_path / "hosts"
    hosts.write_text(HOSTS)
    with pair_with([flag.replace("HOSTS", str(hosts)) for flag in flags]) as pair:
        assert not differences(pair, questions)


@pytest.mark.parametrize("case", REBINDING)
def test_answers_of_servers_elsewhere_are_the_same(case: str) -> None:
    elsewhere = [
        one.host for one in interface_addresses() if not one.is_loopback and "." in one.host
    ]
    if not elsewhere:
        pytest.skip("this machine has no address but loopback's")
    flags, questions = REBINDING[case]
    with pair_with(flags, host=elsewhere[0]) as pair:
        assert not differences(pair, questions)
