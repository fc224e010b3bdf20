"""What is done with a message before anything is looked up, and with faults."""

from __future__ import annotations

import dns.edns
import dns.message
import dns.opcode
import pytest

from kubedns import handler as handler_module
from kubedns.counters import DnsCounters
from tests.kubedns_zone.served import Reply, ServedZone, Wire, make_query, read_reply

WEB = "web.default.svc.cluster.local."


def ede_of(reply: Reply) -> list[int]:
    options = reply.message.options
    return [int(o.code) for o in options if isinstance(o, dns.edns.EDEOption)]


def test_answers_repeat_the_spelling_of_the_question(zone: ServedZone) -> None:
    zone.service("web", ips="10.0.0.1")
    for name in ("wEb.Default.SVC.Cluster.Local.", WEB):
        wire = zone.exchange(make_query(name, "A"))
        # The owner is a pointer to the question, so it cannot be spelled another way.
        assert wire[12 + len(name) + 1 + 4 :].startswith(b"\xc0\x0c\x00\x01")
        assert zone.ask(f"{name} A").answers == [f"{name} 30 IN A 10.0.0.1"]


@pytest.mark.parametrize("synced", [True, False])
def test_notify_is_not_implemented_here(*, synced: bool) -> None:
    query = dns.message.make_query(WEB, "SOA")
    query.set_opcode(dns.opcode.NOTIFY)
    reply = ServedZone(synced=synced).reply(query.to_wire())
    assert reply.rcode == "NOTIMP"
    assert reply.message.opcode() == dns.opcode.NOTIFY


def test_other_opcodes_are_not_implemented(zone: ServedZone) -> None:
    query = bytearray(make_query(WEB, "A"))
    query[2] |= 2 << 3
    assert zone.exchange(bytes(query))[3] & 15 == 4


def test_a_later_edns_version_is_badvers(zone: ServedZone) -> None:  # RFC 6891 6.1.3
    query = dns.message.make_query(WEB, "A", use_edns=1)
    reply = zone.reply(query.to_wire())
    assert reply.rcode == "BADVERS"
    assert reply.message.edns == 0


def test_garbage_behind_a_header_is_formerr_and_less_than_that_is_ignored(zone: ServedZone) -> None:
    assert zone.exchange(b"\x12\x34\x01\x00\x00\x01\x00\x00\x00\x00\x00\x00\x3f")[:4] == (
        b"\x12\x34\x81\x01"
    )
    assert zone.handler.handle(b"\x12\x34\x01", None, Wire()) is None
    response = bytearray(make_query(WEB, "A"))
    response[2] |= 0x80
    assert zone.handler.handle(bytes(response), None, Wire()) is None
    assert (zone.handler.counters.ignored, zone.handler.counters.malformed) == (2, 1)


def test_opt_is_echoed_and_only_to_who_sent_one(zone: ServedZone) -> None:
    zone.service("web", ips="10.0.0.1 10.0.0.2")
    for _ in range(2):
        assert zone.ask(f"{WEB} A", edns=4096).message.edns == 0
        assert zone.ask(f"{WEB} A").message.edns == -1


@pytest.mark.parametrize(
    "question", [f"{WEB} A", "1.0.0.10.in-addr.arpa. PTR", "cluster.local. SOA"]
)
def test_before_both_lists_are_there_it_is_servfail(question: str) -> None:
    zone = ServedZone(synced=False)
    zone.service("web", ips="10.0.0.1")
    for resource in ("services", "endpointslices"):
        reply = zone.ask(question, edns=1232)
        assert (reply.rcode, ede_of(reply)) == ("SERVFAIL", [14])
        zone.apply(resource, [], synced=True)
    assert zone.ask(question, edns=1232).rcode == "NOERROR"
    assert zone.upstream.forwarded == []


def test_the_batch_that_completes_the_lists_names_the_zones() -> None:
    zone = ServedZone(synced=False)
    assert zone.service("web", ips="10.0.0.1") == set()
    assert zone.apply("services", [], synced=True) == set()
    everything = {"cluster.local.", "in-addr.arpa.", "ip6.arpa."}
    assert zone.apply("endpointslices", [], synced=True) == everything
    assert zone.apply("endpointslices", [], synced=True) == set()


def test_other_names_are_forwarded_even_before_that() -> None:
    zone = ServedZone(synced=False)
    assert zone.ask("example.com. A").rcode == "NOERROR"
    assert zone.upstream.forwarded == ["example.com."]
    assert zone.handler.prebuilt == {}


def test_when_nobody_answers_it_is_servfail(zone: ServedZone) -> None:
    zone.upstream.silent = True
    reply = zone.ask("example.com. A", edns=1232)
    assert (reply.rcode, ede_of(reply)) == ("SERVFAIL", [22])


def test_a_fault_costs_one_answer(zone: ServedZone, monkeypatch: pytest.MonkeyPatch) -> None:
    zone.service("web", ips="10.0.0.1")
    fault = KeyError("no such thing")

    def broken(*_: object) -> None:
        raise fault

    with monkeypatch.context() as patched:
        patched.setattr(handler_module, "lookup", broken)
        assert zone.ask(f"{WEB} A").rcode == "SERVFAIL"
    assert zone.failures == [fault]
    assert zone.handler.counters.failures == 1
    assert zone.ask(f"{WEB} A").answers


def test_queries_are_counted_by_kind_and_result(zone: ServedZone) -> None:
    zone.service("web", ips="10.0.0.1")
    for question in (
        f"{WEB} A", f"{WEB} AAAA", "x.cluster.local. A", "cluster.local. AXFR",
        "1.0.0.10.in-addr.arpa. PTR", "9.0.0.10.in-addr.arpa. PTR", "example.com. A",
    ):  # fmt: skip
        zone.ask(question)
    counters = zone.handler.counters
    auth = counters.auth
    assert (auth.requests, auth.nodata, auth.nxdomain, auth.refused) == (4, 1, 1, 1)
    assert (counters.reverse.requests, counters.recursive.requests) == (2, 1)
    assert sum(auth.durations_s.counts) == sum(auth.sizes.counts) == 4


@pytest.mark.parametrize("stream", [False, True])
def test_kept_answers_count_as_their_first_did(zone: ServedZone, stream: bool) -> None:
    zone.service("web", ips="10.0.0.1")
    zone.service("db", headless=True)
    zone.slice("d", "db", " ".join(f"10.1.0.{n}" for n in range(1, 61)))
    questions = (
        f"{WEB} A", f"{WEB} AAAA", "x.cluster.local. A", "cluster.local. AXFR",
        "1.0.0.10.in-addr.arpa. PTR", "db.default.svc.cluster.local. A",
    )  # fmt: skip

    def round_of() -> DnsCounters:
        before = zone.handler.totals(hits=zone.hits, absent_hits=zone.absent_hits)
        for question in questions:
            zone.ask(question, stream=stream)
        after = zone.handler.totals(hits=zone.hits, absent_hits=zone.absent_hits)
        return _grown(before, after)

    built, kept = round_of(), round_of()
    assert zone.hits + zone.absent_hits == (0 if stream else 3)
    for kind in ("auth", "reverse", "recursive"):
        first, again = getattr(built, kind), getattr(kept, kind)
        first.nodata = 0  # Not exported.
        assert (first.sizes.counts, sum(first.durations_s.counts)) == (
            again.sizes.counts, sum(again.durations_s.counts)
        )  # fmt: skip
        for name in ("requests", "nxdomain", "refused", "servfail", "truncated"):
            assert getattr(first, name) == getattr(again, name), (kind, name)
    assert (kept.auth.nxdomain, kept.auth.refused, kept.reverse.requests) == (1, 1, 1)
    assert kept.auth.truncated == (0 if stream else 1)


def _grown(before: DnsCounters, after: DnsCounters) -> DnsCounters:
    """What came between two copies."""
    for kind in ("auth", "reverse", "recursive"):
        old, new = getattr(before, kind), getattr(after, kind)
        for name in ("requests", "nodata", "nxdomain", "refused", "servfail", "truncated"):
            setattr(new, name, getattr(new, name) - getattr(old, name))
        for histogram in ("sizes", "durations_s"):
            was, now = getattr(old, histogram), getattr(new, histogram)
            now.counts = [n - w for n, w in zip(now.counts, was.counts, strict=True)]
    return after


def test_unsynced_and_forwarded_durations_go_into_their_bucket(zone: ServedZone) -> None:
    clock = iter([10.0, 10.3])
    zone.handler._now = lambda: next(clock)
    zone.ask("example.com. A")
    histogram = zone.handler.counters.recursive.durations_s
    assert histogram.bounds[histogram.counts.index(1)] == 0.5
    assert histogram.total == pytest.approx(0.3)


def test_read_reply_reads_what_it_should(zone: ServedZone) -> None:
    assert read_reply(zone.exchange(make_query("cluster.local.", "A"))).is_nodata
