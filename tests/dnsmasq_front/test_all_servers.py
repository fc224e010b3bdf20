"""`--all-servers`: all of a group are asked at once, and the first good answer wins."""

from __future__ import annotations

import dns.flags
import dns.rcode
import pytest

from tests.dnsmasq_front.pure import PureFront

FLAGS = ("--all-servers", *(f"--server=10.0.0.{i}" for i in (1, 2, 3)))
RECORD = "a.test. 30 IN A 10.1.1.1"


def hosts(front: PureFront) -> list[str]:
    return [sent.server.host for sent in front.sent]


def test_every_server_is_asked_once() -> None:
    front = PureFront(*FLAGS)
    front.ask("a.test. A")
    assert sorted(hosts(front)) == ["10.0.0.1", "10.0.0.2", "10.0.0.3"]


@pytest.mark.parametrize("winner", [0, 1, 2])
def test_first_answer_wins_and_the_others_are_given_up(winner: int) -> None:
    front = PureFront(*FLAGS)
    client = front.ask("a.test. A")
    front.answer(RECORD, at=winner)
    assert client.reply.data == ["10.1.1.1"]
    assert [i for i, sent in enumerate(front.sent) if sent.cancelled] == [
        i for i in range(3) if i != winner
    ]


@pytest.mark.parametrize("rcode", [dns.rcode.SERVFAIL, dns.rcode.REFUSED])
def test_failure_is_held_back_as_long_as_another_may_answer(rcode: int) -> None:
    front = PureFront(*FLAGS)
    client = front.ask("a.test. A")
    front.answer(rcode=rcode, at=0)
    front.answer(rcode=rcode, at=1)
    assert not client.answered
    front.advance(0.2)
    front.answer(RECORD, at=2)
    assert client.reply.data == ["10.1.1.1"]


def test_failure_of_all_is_passed_on() -> None:
    front = PureFront(*FLAGS)
    client = front.ask("a.test. A")
    for i in range(3):
        front.answer(rcode=dns.rcode.SERVFAIL, at=i)
    assert client.reply.rcode == "SERVFAIL"


def test_truncated_answer_of_one_is_asked_over_tcp_there() -> None:
    front = PureFront(*FLAGS)
    client = front.ask("a.test. A")
    front.answer(flags=dns.flags.TC, at=1)
    assert front.sent[-1].stream
    assert front.sent[-1].server == front.sent[1].server
    front.answer(RECORD)
    assert client.reply.data == ["10.1.1.1"]


def test_all_are_asked_again_when_all_were_silent() -> None:
    front = PureFront(*FLAGS)
    client = front.ask("a.test. A", edns=1232)
    front.advance(2.3)
    assert len(front.sent) == 6
    front.advance(2.7)
    assert (client.reply.rcode, client.reply.errors) == ("SERVFAIL", [22])
