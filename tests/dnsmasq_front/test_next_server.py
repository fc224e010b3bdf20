"""Which server of a group is asked, and when the next one is."""

from __future__ import annotations

import dns.rcode
import pytest

from dnscore.net.address import Address
from tests.dnsmasq_front.pure import PureFront

A, B, C = (Address(f"10.0.0.{i}", 53) for i in (1, 2, 3))
TWO = ("--server=10.0.0.1", "--server=10.0.0.2")
RECORD = "a.test. 30 IN A 10.1.1.1"


def servers(front: PureFront) -> list[Address]:
    return [sent.server for sent in front.sent]


def test_try_ends_after_two_seconds_and_the_next_server_is_asked() -> None:
    front = PureFront(*TWO, "--strict-order")
    client = front.ask("a.test. A")
    front.advance(1.9)
    assert servers(front) == [A]
    front.advance(0.3)
    assert servers(front) == [A, B]
    assert front.sent[0].cancelled
    front.answer(RECORD)
    assert client.reply.data == ["10.1.1.1"]


@pytest.mark.parametrize("rcode", [dns.rcode.SERVFAIL, dns.rcode.REFUSED])
def test_failure_of_one_server_does_not_beat_the_good_answer_of_a_slower_one(rcode: int) -> None:
    front = PureFront(*TWO)
    client = front.ask("a.test. A")
    front.answer(rcode=rcode)
    assert not client.answered
    assert servers(front) == [A, B]
    front.advance(0.2)
    front.answer(RECORD)
    assert client.reply.data == ["10.1.1.1"]


@pytest.mark.parametrize("rcode", [dns.rcode.SERVFAIL, dns.rcode.REFUSED])
def test_failure_of_every_server_is_passed_on_at_once(rcode: int) -> None:
    front = PureFront(*TWO)
    client = front.ask("a.test. A")
    front.answer(rcode=rcode)
    front.answer(rcode=rcode)
    assert client.reply.rcode == dns.rcode.to_text(dns.rcode.Rcode(rcode))


@pytest.mark.parametrize("rcode", [dns.rcode.NXDOMAIN, dns.rcode.NOERROR])
def test_no_is_an_answer(rcode: int) -> None:
    front = PureFront(*TWO)
    front.resolve("a.test. A", rcode=rcode)
    assert servers(front) == [A]


def test_closed_port_fails_over_at_once() -> None:
    front = PureFront(*TWO)
    front.ask("a.test. A")
    front.unreachable()
    assert servers(front) == [A, B]


def test_server_without_a_route_fails_over_at_once() -> None:
    front = PureFront(*TWO)
    front.transport.unsendable.add(A)
    front.ask("a.test. A")
    assert servers(front) == [B]


def test_unreadable_answer_counts_and_the_next_server_is_asked() -> None:
    front = PureFront(*TWO)
    front.ask("a.test. A")
    front.deliver(front.sent[0], front.sent[0].reply(RECORD)[:-3])
    assert front.forwarder.malformed == 1
    assert servers(front) == [A, B]


def test_no_other_group_is_asked_for_the_domain() -> None:
    front = PureFront("--server=/d.test/10.0.0.1", "--server=8.8.8.8")
    client = front.ask("x.d.test. A")
    front.unreachable()
    assert client.reply.rcode == "SERVFAIL"
    assert servers(front) == [A]


def test_when_all_are_set_aside_they_are_asked_all_the_same() -> None:
    front = PureFront(*TWO)
    front.ask("a.test. A")
    front.unreachable()
    front.unreachable()
    client = front.ask("b.test. A")
    front.answer("b.test. 30 IN A 10.1.1.1")
    assert client.reply.data == ["10.1.1.1"]


def test_faster_server_is_preferred() -> None:
    front = PureFront(*TWO)
    for name, seconds in (("a.test.", 0.3), ("b.test.", 0.01)):
        front.ask(f"{name} A")
        front.now += seconds
        front.answer(f"{name} 30 IN A 10.1.1.1")
    assert servers(front) == [A, B]
    front.ask("c.test. A")
    assert servers(front)[-1] == B
