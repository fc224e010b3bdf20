"""`--strict-order`: the servers are asked in the order given, and the last failure is told."""

from __future__ import annotations

import dns.rcode

from tests.dnsmasq_front.pure import PureFront

FLAGS = ("--strict-order", *(f"--server=10.0.0.{i}" for i in (3, 1, 2)))


def hosts(front: PureFront) -> list[str]:
    return [sent.server.host for sent in front.sent]


def test_speed_changes_nothing() -> None:
    front = PureFront(*FLAGS)
    for i in range(5):
        front.ask(f"q{i}.test. A")
        front.now += 1.0
        front.answer(f"q{i}.test. 30 IN A 10.1.1.1")
    assert hosts(front) == ["10.0.0.3"] * 5


def test_failures_move_on_in_order_and_the_last_one_is_told() -> None:
    front = PureFront(*FLAGS)
    client = front.ask("a.test. A")
    for _ in range(3):
        front.answer(rcode=dns.rcode.SERVFAIL)
    assert hosts(front) == ["10.0.0.3", "10.0.0.1", "10.0.0.2"]
    assert client.reply.rcode == "SERVFAIL"


def test_dead_first_server_costs_one_try_and_leads_again_when_it_is_back() -> None:
    front = PureFront(*FLAGS)
    front.ask("a.test. A")
    front.unreachable()
    front.answer("a.test. 30 IN A 10.1.1.1")
    front.ask("b.test. A")
    assert hosts(front) == ["10.0.0.3", "10.0.0.1", "10.0.0.1"]
    front.advance(1.1)
    probe = front.probes[-1]
    front.deliver(probe, probe.reply())
    front.ask("c.test. A")
    assert hosts(front)[-1] == "10.0.0.3"
