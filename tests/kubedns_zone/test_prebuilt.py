"""Answers kept as bytes: gone when their name changes, there while others do, bounded."""

from __future__ import annotations

import dns.edns
import dns.message
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dnscore.wire.const import NXDOMAIN
from dnscore.wire.rotate import Rotation
from kubedns.counters import Tally
from kubedns.prebuilt import ENTRY_OVERHEAD, AnswerStore, Tallied
from tests.kubedns_zone.served import ServedZone, make_query

WEB = "web.default.svc.cluster.local."


def prebuilt(zone: ServedZone, name: str, rdtype: str = "A") -> bool:
    return make_query(name, rdtype)[2:] in zone.handler._datagrams


def test_single_and_negative_answers_are_kept(zone: ServedZone) -> None:
    zone.service("web", ips="10.0.0.1")
    for question in (
        f"{WEB} A", f"{WEB} AAAA", f"{WEB} SRV", "1.0.0.10.in-addr.arpa. PTR",
        "x.example.com.default.svc.cluster.local. A", "www.google.com.cluster.local. A",
        "dns-version.cluster.local. TXT", "default.svc.cluster.local. A",
    ):  # fmt: skip
        name, rdtype = question.split()
        fresh = zone.ask(question)
        assert prebuilt(zone, name, rdtype), question
        kept = zone.ask(question)
        assert (kept.answers, kept.authority, kept.flags) == (
            fresh.answers, fresh.authority, fresh.flags
        )  # fmt: skip


def test_the_id_is_that_of_each_query(zone: ServedZone) -> None:
    zone.service("web", ips="10.0.0.1")
    query = make_query(WEB, "A")
    for id_ in (b"\0\1", b"\xff\xff"):
        assert zone.exchange(id_ + query[2:])[:2] == id_


def test_changes_elsewhere_keep_an_answer(zone: ServedZone) -> None:
    zone.service("web", ips="10.0.0.1")
    zone.service("db", headless=True)
    zone.ask(f"{WEB} A")
    zone.ask("1.0.0.10.in-addr.arpa. PTR")
    zone.service("webb", ips="10.0.0.2")
    zone.service("web", ns="other", ips="10.0.0.3")
    zone.slice("a", "db", "h@10.1.0.1")
    zone.slice("w", "web", "h@10.1.0.2")
    zone.no_service("webb")
    assert prebuilt(zone, WEB)
    assert prebuilt(zone, "1.0.0.10.in-addr.arpa.", "PTR")


@pytest.mark.parametrize("stream", [True, False])
@pytest.mark.parametrize(
    "question",
    [
        f"{WEB} A", f"{WEB} AAAA", f"_http._tcp.{WEB} SRV", f"_tcp.{WEB} A", f"h.{WEB} A",
        "1.0.0.10.in-addr.arpa. PTR", "1.0.1.10.in-addr.arpa. PTR", "default.svc.cluster.local. A",
        "alias.default.svc.cluster.local. A",
    ],
)  # fmt: skip
def test_a_change_is_never_hidden(zone: ServedZone, question: str, *, stream: bool) -> None:
    def build(served: ServedZone, step: int) -> None:
        match step:
            case 0:
                served.service("web", ips="10.0.0.1", ports="http/tcp:80")
            case 1:
                served.slice("s", "web", "h@10.1.0.1 10.1.0.2", ports="http/tcp:8080")
            case 2:
                served.service("web", headless=True)
            case 3:
                served.slice("s", "web", "h@10.1.0.2", ports="http/tcp:8080")
            case 4:
                served.slice("s", "web", "10.1.0.1 h@10.1.0.3", ports="https/tcp:8080")
            case 5:
                served.no_service("web")
            case 6:
                served.service("alias", external=WEB)
            case 7:
                served.service("web", ips="10.0.0.1 fd00::1")
            case 8:
                served.no_service("alias")

    for step in range(9):
        build(zone, step)
        fresh = ServedZone()
        for before in range(step + 1):
            build(fresh, before)
        expected = fresh.ask(question, stream=stream, edns=1232)
        for _ in range(2):
            got = zone.ask(question, stream=stream, edns=1232)
            assert (got.rcode, got.answers, got.authority) == (
                expected.rcode, expected.answers, expected.authority
            ), step  # fmt: skip


def test_the_soa_is_never_kept(zone: ServedZone) -> None:
    zone.ask("cluster.local. SOA")
    assert not prebuilt(zone, "cluster.local.", "SOA")


def test_what_others_said_is_never_kept(zone: ServedZone) -> None:
    zone.service("out", external="example.com")
    zone.ask("example.com. A")
    zone.ask("out.default.svc.cluster.local. A")
    zone.ask("9.9.9.9.in-addr.arpa. PTR")
    assert zone.handler.prebuilt == {}


def test_queries_with_a_cookie_are_not_kept(zone: ServedZone) -> None:
    zone.service("web", ips="10.0.0.1")
    query = dns.message.make_query(WEB, "A", use_edns=0)
    query.use_edns(options=[dns.edns.GenericOption(dns.edns.OptionType.COOKIE, b"8 octets")])
    assert zone.reply(query.to_wire()).answers
    assert zone.handler.prebuilt == {}


def test_the_dictionary_given_away_stays_the_same(zone: ServedZone) -> None:
    given_away = zone.handler.prebuilt
    zone.service("web", ips="10.0.0.1")
    zone.ask(f"{WEB} A")
    assert len(given_away) == 1
    zone.handler.changed(frozenset((zone.tree.zone.domain,)))
    assert given_away == {}
    assert zone.handler.prebuilt is given_away


def test_a_million_names_do_not_fill_the_memory(zone: ServedZone) -> None:
    for n in range(12_000):
        zone.exchange(make_query(f"n{n}.cluster.local.", "A"))
        assert len(zone.handler.prebuilt_absent) <= 10_000


Step = tuple[int, int, int]


@given(st.lists(st.tuples(st.integers(0, 3), st.integers(0, 20), st.integers(0, 4000))))
def test_the_store_keeps_its_bounds_and_drops_by_name(steps: list[Step]) -> None:
    store = AnswerStore(entries_max=8, octets_max=20_000)
    for kind, number, size in steps:
        key, name = b"k%d" % number, b"n%d" % (number % 5)
        if kind == 0:
            store.drop([name])
            assert all(int(k[1:]) % 5 != number % 5 for k in _held(store))
        else:
            response: bytes | Tallied = bytes((0, NXDOMAIN if number % 2 else 0)) + bytes(size)
            if kind == 2:
                block = bytes(size // 2 * 2 + 2)
                response = Tallied(Rotation(b"", block, b"", count=2, shown=2), Tally())
            store.put(key, response, (name, b"always"))
            place = store.tallied if kind == 2 else store.absent if number % 2 else store.fixed
            assert key in place
        held = _held(store)
        assert len(store) == len(held) <= 8
        assert store.octets == sum(len(k) + n + ENTRY_OVERHEAD for k, n in held.items()) <= 20_000
    store.drop([b"always"])
    assert (len(store), store.octets) == (0, 0)
    assert not store._keys


def _held(store: AnswerStore) -> dict[bytes, int]:
    """The sizes of the responses; no key is in two places."""
    tallied = {key: kept.size for key, kept in store.tallied.items()}
    plain = [{k: len(r) for k, r in held.items()} for held in (store.fixed, store.absent)]
    assert sum(map(len, (tallied, *plain))) == len({*tallied, *plain[0], *plain[1]})
    return {**tallied, **plain[0], **plain[1]}


def test_a_response_over_the_bound_is_not_kept() -> None:
    store = AnswerStore(octets_max=1000)
    store.put(b"k", bytes(1001), ())
    assert len(store) == 0
