"""TTLs of cached answers: they fall by the second, never rise, and end (RFC 2181 8)."""

from __future__ import annotations

from tests.dnsmasq_front.messages import soa
from tests.dnsmasq_front.pure import PureFront

SERVER = "--server=8.8.8.8"


def test_ttl_falls_by_the_second_and_the_answer_ends_with_it() -> None:
    front = PureFront(SERVER)
    front.resolve("a.test. A", "a.test. 10 IN A 10.0.0.1")
    seen = []
    for _ in range(10):
        reply = front.cached("a.test. A")
        assert reply is not None
        seen += reply.ttls
        front.now += 1.0
    assert seen == [10, 9, 8, 7, 6, 5, 4, 3, 2, 1]
    assert front.cached("a.test. A") is None


def test_ttl_between_two_seconds_is_that_of_the_one_that_has_passed() -> None:
    front = PureFront(SERVER)
    front.resolve("a.test. A", "a.test. 10 IN A 10.0.0.1")
    front.now += 1.9
    reply = front.cached("a.test. A")
    assert reply is not None
    assert reply.ttls == [9]


def test_shortest_ttl_ends_the_whole_answer() -> None:
    front = PureFront(SERVER)
    front.resolve(
        "a.test. A",
        "a.test. 60 IN CNAME b.test.\nb.test. 5 IN A 10.0.0.1",
        additional="c.test. 300 IN A 10.0.0.2",
    )
    front.now += 4.9
    reply = front.cached("a.test. A")
    assert reply is not None
    assert reply.ttls == [56, 1]
    front.now += 0.1
    assert front.cached("a.test. A") is None


def test_ttl_of_zero_is_passed_on_and_not_kept() -> None:
    front = PureFront(SERVER)
    reply = front.resolve("a.test. A", "a.test. 0 IN A 10.0.0.1")
    assert reply.ttls == [0]
    assert front.cached("a.test. A") is None


def test_ttl_with_the_top_bit_set_is_not_kept() -> None:  # RFC 2181 8
    front = PureFront(SERVER)
    client = front.ask("a.test. A")
    wire = front.sent[-1].reply("a.test. 1 IN A 10.0.0.1")
    front.deliver(front.sent[-1], wire.replace(b"\0\0\0\1\0\4\n", b"\xff\0\0\1\0\4\n"))
    assert client.answered
    assert front.cached("a.test. A") is None


def test_max_ttl_bounds_what_clients_see_in_the_first_answer_too() -> None:
    front = PureFront(SERVER, "--max-ttl=30")
    first = front.resolve("a.test. A", "a.test. 3600 IN A 10.0.0.1")
    assert first.ttls == [30]


def test_max_ttl_bounds_cached_answers_and_not_their_life() -> None:
    front = PureFront(SERVER, "--max-ttl=30")
    front.resolve("a.test. A", "a.test. 100 IN A 10.0.0.1")
    seen = []
    for _ in range(5):
        reply = front.cached("a.test. A")
        assert reply is not None
        seen += reply.ttls
        front.now += 20
    assert seen == [30, 30, 30, 30, 20]


def test_max_cache_ttl_ends_an_answer_early() -> None:
    front = PureFront(SERVER, "--max-cache-ttl=30")
    first = front.resolve("a.test. A", "a.test. 3600 IN A 10.0.0.1")
    assert first.ttls == [3600]  # as dnsmasq: it bounds the cache only
    front.now += 29
    assert front.cached("a.test. A") is not None
    front.now += 1
    assert front.cached("a.test. A") is None


def test_cached_answer_shows_no_ttl_beyond_its_life_under_max_cache_ttl() -> None:
    front = PureFront(SERVER, "--max-cache-ttl=30")
    front.resolve("a.test. A", "a.test. 3600 IN A 10.0.0.1")
    front.now += 10
    reply = front.cached("a.test. A")
    assert reply is not None
    assert reply.ttls == [20]


def test_min_cache_ttl_keeps_an_answer_longer_than_its_ttl() -> None:
    front = PureFront(SERVER, "--min-cache-ttl=60")
    front.resolve("a.test. A", "a.test. 5 IN A 10.0.0.1")
    front.now += 59
    reply = front.cached("a.test. A")
    assert reply is not None
    assert reply.ttls == [0]
    front.now += 1
    assert front.cached("a.test. A") is None


def test_min_cache_ttl_keeps_an_answer_with_ttl_zero() -> None:
    front = PureFront(SERVER, "--min-cache-ttl=60")
    front.resolve("a.test. A", "a.test. 0 IN A 10.0.0.1")
    assert front.cached("a.test. A") is not None


def test_min_cache_ttl_wins_over_max_cache_ttl() -> None:
    front = PureFront(SERVER, "--min-cache-ttl=60", "--max-cache-ttl=10")
    front.resolve("a.test. A", "a.test. 3600 IN A 10.0.0.1")
    front.now += 59
    reply = front.cached("a.test. A")
    assert reply is not None
    assert reply.ttls[0] <= 10


def test_answers_of_the_clusters_own_server_are_asked_again_within_the_second() -> None:
    front = PureFront("--server=/cluster.local/127.0.0.1#10053", "--min-cache-ttl=60")
    front.resolve("a.cluster.local. A", "a.cluster.local. 30 IN A 10.0.0.1")
    reply = front.cached("a.cluster.local. A")
    assert reply is not None
    assert reply.ttls == [30]
    front.now += 0.5
    assert front.cached("a.cluster.local. A") is None


def test_new_service_is_not_hidden_by_its_own_nxdomain_for_more_than_a_second() -> None:
    front = PureFront("--server=/cluster.local/127.0.0.1#10053")
    authority = soa("cluster.local.", ttl=3600, minimum=3600)
    front.resolve("new.cluster.local. A", authority=authority, rcode=3)
    front.now += 0.5
    assert front.cached("new.cluster.local. A") is None


def test_ttl_of_zero_beside_the_answer_does_not_keep_it_out() -> None:
    front = PureFront(SERVER)
    first = front.resolve(
        "a.test. SRV",
        "a.test. 30 IN SRV 0 0 80 b.test.",
        authority="test. 30 IN NS ns.test.",
        additional="b.test. 0 IN A 10.0.0.1\nns.test. 30 IN A 10.0.0.2",
    )
    assert len(first.message.additional) == 2
    reply = front.cached("a.test. SRV")
    assert reply is not None
    assert (reply.ttls, len(reply.message.authority)) == ([30], 1)
    assert not reply.message.additional, "what may not be kept is not, nor what stands behind it"


def test_ttl_of_zero_in_the_authority_section_leaves_the_answer() -> None:
    front = PureFront(SERVER)
    front.resolve(
        "a.test. A",
        "a.test. 30 IN A 10.0.0.1",
        authority="test. 0 IN NS ns.test.",
        additional="ns.test. 30 IN A 10.0.0.2",
    )
    reply = front.cached("a.test. A")
    assert reply is not None
    assert [len(section) for section in reply.message.sections] == [1, 1, 0, 0]
