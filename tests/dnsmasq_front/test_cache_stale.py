"""`--use-stale-cache`: what has expired is given at once and asked again behind it (RFC 8767)."""

from __future__ import annotations

import dns.flags
import pytest

from dnsmasq_front.refresh import AGAIN_S, OUTSTANDING_MAX
from tests.dnsmasq_front.messages import addresses, soa
from tests.dnsmasq_front.pure import PureFront

SERVER = "--server=8.8.8.8"
STALE = "--use-stale-cache"
ANSWER = "a.test. 10 IN A 10.0.0.1"


def stale_front(*flags: str) -> PureFront:
    """A front whose answer for a.test. has just expired."""
    front = PureFront(SERVER, *(flags or (STALE,)))
    front.resolve("a.test. A", ANSWER)
    front.new_epoch()
    front.advance(10)
    return front


def test_expired_answer_is_given_at_once_with_ttl_zero_and_the_reason() -> None:
    front = stale_front()
    reply = front.ask("a.test. A", edns=1232).reply
    assert reply.answers == ["a.test. 0 IN A 10.0.0.1"]
    assert reply.errors == [3]
    assert "AA" not in reply.flags


def test_client_without_opt_gets_the_answer_alone() -> None:
    reply = stale_front().ask("a.test. A").reply
    assert (reply.data, reply.message.edns) == (["10.0.0.1"], -1)


def test_answer_is_asked_again_with_nobody_waiting_and_then_fresh() -> None:
    front = stale_front()
    client = front.ask("a.test. A")
    assert len(front.sent) == 2
    front.answer("a.test. 10 IN A 10.0.0.2")
    assert len(client.responses) == 1
    reply = front.cached("a.test. A")
    assert reply is not None
    assert (reply.data, reply.ttls) == (["10.0.0.2"], [10])
    assert front.server.refresher.outstanding == 0


def test_clients_never_wait_while_it_is_asked_again_and_it_is_asked_once() -> None:
    front = stale_front()
    for _ in range(5):
        assert front.ask("a.test. A").reply.data == ["10.0.0.1"]
    assert len(front.sent) == 2


@pytest.mark.parametrize("rcode", [0, 3], ids=["nodata", "nxdomain"])
def test_negative_answers_too(rcode: int) -> None:
    front = PureFront(SERVER, STALE)
    front.resolve("x.test. A", authority=soa("test.", ttl=300, minimum=5), rcode=rcode)
    front.advance(6)
    reply = front.ask("x.test. A", edns=1232).reply
    assert (reply.message.rcode(), reply.errors) == (rcode, [3])
    assert [rrset.ttl for rrset in reply.message.authority] == [0]


@pytest.mark.parametrize(("after_s", "answered"), [(59, True), (60, False)])
def test_not_longer_than_it_is_allowed(after_s: int, answered: bool) -> None:
    front = stale_front(f"{STALE}=60")
    front.advance(after_s)
    assert front.ask("a.test. A").answered is answered


def test_zero_is_for_ever() -> None:
    front = stale_front(f"{STALE}=0")
    front.now += 1e9
    assert front.ask("a.test. A").reply.data == ["10.0.0.1"]


def test_without_the_flag_nothing_expired_is_given() -> None:
    front = stale_front("--cache-size=150")
    assert not front.ask("a.test. A").answered


def test_failure_of_the_servers_leaves_it_and_they_are_asked_again_after_a_while() -> None:
    front = stale_front()
    front.ask("a.test. A")
    front.answer(rcode=2)
    front.ask("a.test. A")
    assert len(front.sent) == 2
    front.now += AGAIN_S
    assert front.ask("a.test. A").reply.data == ["10.0.0.1"]
    assert len(front.sent) == 3


@pytest.mark.parametrize(
    ("answers", "rcode"),
    [("a.test. 0 IN A 10.0.0.2", 0), ("", 3), ("b.test. 30 IN A 10.6.6.6", 0)],
    ids=["ttl 0", "gone without soa", "unrelated"],
)
def test_newer_answer_that_may_not_be_kept_ends_the_stale_one(answers: str, rcode: int) -> None:
    front = stale_front()
    front.ask("a.test. A")
    front.answer(answers, rcode=rcode)
    assert not front.ask("a.test. A").answered


def test_stale_answers_of_several_addresses_over_both_transports() -> None:
    front = PureFront(SERVER, STALE)
    front.resolve("a.test. A", addresses("a.test.", 3, ttl=1))
    front.advance(2)
    for stream in (False, True):
        assert len(front.ask("a.test. A", stream=stream).reply.data) == 3


def test_validators_question_is_one_of_its_own() -> None:
    front = stale_front()
    assert not front.ask("a.test. A", edns=1232, do=True).answered
    assert not front.ask("a.test. A", flags=dns.flags.RD | dns.flags.CD).answered


def test_refreshes_never_take_the_places_of_clients() -> None:
    front = PureFront(SERVER, STALE, "--cache-size=1000")
    names = [f"n{i}.test." for i in range(2 * OUTSTANDING_MAX)]
    for name in names:
        front.resolve(f"{name} A", f"{name} 1 IN A 10.0.0.1")
    front.new_epoch()
    front.advance(2)
    before = len(front.sent)
    for name in names:
        assert front.ask(f"{name} A").answered
    assert len(front.sent) - before == OUTSTANDING_MAX
    front.advance(5)  # None of them is answered.
    assert front.server.refresher.outstanding == 0


def test_counts_are_those_of_clients() -> None:
    front = stale_front()
    misses = front.forwarder.forwarded - front.server.refresher.begun
    hits = front.server.hits
    front.ask("a.test. A")
    front.answer("a.test. 10 IN A 10.0.0.2")
    assert front.forwarder.forwarded - front.server.refresher.begun == misses
    assert (front.server.hits, front.server.stale_hits) == (hits + 1, 1)
