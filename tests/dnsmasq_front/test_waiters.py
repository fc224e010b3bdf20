"""One question is outstanding once; all who wait for it get the answer, each in its own way."""

from __future__ import annotations

import dns.flags

from dnsmasq_front.outstanding import WAITERS_MAX
from tests.dnsmasq_front.messages import addresses
from tests.dnsmasq_front.pure import PureFront

SERVER = "--server=8.8.8.8"


def test_each_waiter_gets_its_own_id_spelling_flags_size_and_opt() -> None:
    front = PureFront(SERVER)
    plain = front.ask("big.test. A", id_=1)
    upper = front.ask("BIG.test. A", id_=2, flags=0)
    small = front.ask("big.TEST. A", id_=3, edns=512)
    large = front.ask("big.test. A", id_=4, edns=1232)
    stream = front.ask("big.test. A", id_=5, stream=True)
    assert len(front.sent) == 1
    front.answer(addresses("big.test.", 60))
    assert [c.reply.message.id for c in (plain, upper, small, large, stream)] == [1, 2, 3, 4, 5]
    assert str(upper.reply.message.question[0].name) == "BIG.test."
    assert "RD" not in upper.reply.flags
    assert len(plain.reply.wire) <= 512 and "TC" in plain.reply.flags
    assert plain.reply.message.edns == -1
    assert len(small.reply.wire) <= 512 and small.reply.message.edns == 0
    assert "TC" not in large.reply.flags and len(large.reply.data) == 60
    assert "TC" not in stream.reply.flags and len(stream.reply.data) == 60


def test_do_and_cd_do_not_wait_with_others() -> None:
    front = PureFront(SERVER)
    front.ask("a.test. A", edns=1232)
    front.ask("a.test. A", edns=1232, do=True)
    front.ask("a.test. A", edns=1232, flags=dns.flags.RD | dns.flags.CD)
    front.ask("a.test. AAAA")
    assert len(front.sent) == 4


def test_waiters_of_one_question_are_bounded_and_the_surplus_is_told_at_once() -> None:
    front = PureFront(SERVER)
    clients = [front.ask("a.test. A", id_=i) for i in range(WAITERS_MAX + 5)]
    told = [c for c in clients if c.answered]
    assert len(told) == 5
    assert {c.reply.rcode for c in told} == {"SERVFAIL"}
    front.answer("a.test. 30 IN A 10.0.0.1")
    assert [c.reply.message.id for c in clients] == list(range(WAITERS_MAX + 5))


def test_same_client_asking_again_meanwhile_costs_no_second_question() -> None:
    front = PureFront(SERVER)
    front.ask("a.test. A", id_=1)
    front.now += 1
    again = front.ask("a.test. A", id_=1)
    front.answer("a.test. 30 IN A 10.0.0.1")
    assert len(front.sent) == 1
    assert again.reply.data == ["10.0.0.1"]


def test_first_answer_passes_on_aa_and_a_cached_one_does_not() -> None:
    front = PureFront(SERVER)
    first = front.resolve("a.test. A", "a.test. 30 IN A 10.0.0.1", flags=dns.flags.AA)
    assert "AA" in first.flags
    reply = front.cached("a.test. A")
    assert reply is not None
    assert "AA" not in reply.flags
