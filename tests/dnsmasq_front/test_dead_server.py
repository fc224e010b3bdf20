"""A dead server costs one try: questions go elsewhere, and probes find out when it is back."""

from __future__ import annotations

import dns.rcode
import pytest

from dnscore.net.address import Address
from tests.dnsmasq_front.pure import PureFront

A, B = (Address(f"10.0.0.{i}", 53) for i in (1, 2))
TWO = ("--server=10.0.0.1", "--server=10.0.0.2")


def record(name: str) -> str:
    return f"{name} 30 IN A 10.1.1.1"


def front_with_dead_server(*flags: str) -> PureFront:
    """A is known to be dead, B answers within 50 ms."""
    front = PureFront(*TWO, *flags)
    front.ask("a.test. A")
    front.unreachable()
    front.now += 0.05
    front.answer(record("a.test."))
    front.transport.sent.clear()
    return front


def asked_of(front: PureFront, question: str) -> Address:
    front.ask(question)
    return front.sent[-1].server


def test_no_client_pays_while_it_is_dead() -> None:
    front = front_with_dead_server()
    for i in range(200):
        client = front.ask(f"q{i}.test. A")
        front.answer(record(f"q{i}.test."))
        assert client.answered
        front.advance(0.1)
    assert {sent.server for sent in front.sent} == {B}
    assert {probe.server for probe in front.probes} == {A}


def test_probes_are_one_a_second_and_each_is_given_up() -> None:
    front = front_with_dead_server()
    front.advance(10.0)
    assert 9 <= len(front.probes) <= 11
    assert all(probe.cancelled for probe in front.probes[:-1])


def test_probe_that_is_answered_brings_it_back() -> None:
    front = front_with_dead_server()
    front.advance(1.1)
    probe = front.probes[-1]
    front.deliver(probe, probe.reply(rcode=dns.rcode.REFUSED))
    assert asked_of(front, "b.test. A") == A


def test_probe_that_gets_servfail_does_not() -> None:
    front = front_with_dead_server()
    front.advance(1.1)
    probe = front.probes[-1]
    front.deliver(probe, probe.reply(rcode=dns.rcode.SERVFAIL))
    assert asked_of(front, "b.test. A") == B


def test_late_answer_to_a_probe_counts_for_nothing() -> None:
    front = front_with_dead_server()
    front.advance(2.5)
    first = front.probes[0]
    front.deliver(first, first.reply())
    assert asked_of(front, "b.test. A") == B


def test_only_server_of_a_domain_is_not_probed() -> None:
    front = PureFront("--server=10.0.0.1")
    front.ask("a.test. A")
    front.advance(10.0)
    assert front.probes == []


def test_failure_that_another_server_belies_three_times_sets_aside() -> None:
    front = PureFront(*TWO)
    for i in range(3):
        client = front.ask(f"q{i}.test. A")
        assert front.sent[-1].server == A
        front.answer(rcode=dns.rcode.SERVFAIL)
        front.now += 0.01
        front.answer(record(f"q{i}.test."))
        assert client.reply.data == ["10.1.1.1"]
        front.forwarder.groups[next(iter(front.forwarder.groups))].servers[1].srtt_s = 9.0
    assert asked_of(front, "b.test. A") == B


def test_failure_of_all_is_the_names_fault() -> None:
    front = PureFront(*TWO)
    for i in range(10):
        front.ask(f"q{i}.test. A")
        front.answer(rcode=dns.rcode.SERVFAIL)
        front.answer(rcode=dns.rcode.SERVFAIL)
    assert not any(s.doubt for g in front.forwarder.groups.values() for s in g.servers)


def test_server_that_fails_at_a_name_must_know_it_to_be_trusted_again() -> None:
    front = PureFront(*TWO)
    group = next(iter(front.forwarder.groups.values()))
    for i in range(3):
        front.ask(f"q{i}.test. A")
        front.answer(rcode=dns.rcode.SERVFAIL)
        front.answer(record(f"q{i}.test."))
        group.servers[1].srtt_s = 9.0
    front.advance(1.1)
    probe = front.probes[-1]
    assert b"\2q2\4test" in probe.query
    front.deliver(probe, probe.reply(rcode=dns.rcode.REFUSED))
    assert group.servers[0].doubt
    front.advance(1.1)
    probe = front.probes[-1]
    front.deliver(probe, probe.reply(record("q2.test.")))
    assert not group.servers[0].doubt


@pytest.mark.parametrize("rcode", [dns.rcode.FORMERR, dns.rcode.NOTIMP, dns.rcode.SERVFAIL])
def test_failure_is_followed_by_the_next_server_at_once(rcode: int) -> None:
    front = PureFront(*TWO)
    client = front.ask("a.test. A")
    front.answer(rcode=rcode)
    front.answer(record("a.test."))
    assert client.reply.data == ["10.1.1.1"]


def test_servfail_is_the_best_failure() -> None:
    front = PureFront(*TWO)
    client = front.ask("a.test. A")
    front.answer(rcode=dns.rcode.REFUSED)
    front.answer(rcode=dns.rcode.SERVFAIL)
    assert client.reply.rcode == "SERVFAIL"
    client = front.ask("b.test. A")
    front.answer(rcode=dns.rcode.SERVFAIL)
    front.answer(rcode=dns.rcode.REFUSED)
    assert client.reply.rcode == "SERVFAIL"


def test_failure_waits_for_a_server_that_may_know_better() -> None:
    front = PureFront(*TWO)
    client = front.ask("a.test. A")
    front.answer(rcode=dns.rcode.SERVFAIL)
    front.advance(1.0)
    assert not client.answered
    front.answer(record("a.test."), at=1)
    assert client.reply.data == ["10.1.1.1"]


def test_failure_is_passed_on_when_the_other_stays_silent() -> None:
    front = PureFront(*TWO)
    client = front.ask("a.test. A")
    front.answer(rcode=dns.rcode.REFUSED)
    front.advance(2.3)
    assert client.reply.rcode == "REFUSED"
