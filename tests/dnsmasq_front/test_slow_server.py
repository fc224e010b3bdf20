"""A server that is slower than it uses to be gets another one beside it; clients do not wait."""

from __future__ import annotations

import pytest

from dnscore.net.address import Address
from tests.dnsmasq_front.pure import PureFront

A, B, C = (Address(f"10.0.0.{i}", 53) for i in (1, 2, 3))
THREE = tuple(f"--server=10.0.0.{i}" for i in (1, 2, 3))


def record(name: str) -> str:
    return f"{name} 30 IN A 10.1.1.1"


def warmed(*flags: str) -> PureFront:
    """A front whose servers have each answered once, A the fastest and C the slowest."""
    front = PureFront(*flags)
    for i, seconds in enumerate((0.001, 0.002, 0.003)):
        front.ask(f"warm{i}.test. A")
        front.now += seconds
        front.answer(record(f"warm{i}.test."))
    front.transport.sent.clear()
    return front


def servers(front: PureFront) -> list[Address]:
    return [sent.server for sent in front.sent]


def test_second_server_is_asked_beside_the_first_which_may_still_answer() -> None:
    front = warmed(*THREE)
    client = front.ask("a.test. A")
    front.advance(0.4)
    assert servers(front) == [A, B]
    assert not front.sent[0].cancelled
    front.answer(record("a.test."), at=0)
    assert client.reply.data == ["10.1.1.1"]
    assert front.sent[1].cancelled


def test_answer_of_the_second_server_ends_the_question() -> None:
    front = warmed(*THREE)
    client = front.ask("a.test. A")
    front.advance(0.4)
    front.answer(record("a.test."))
    assert client.reply.data == ["10.1.1.1"]
    assert front.sent[0].cancelled
    assert front.forwarder.outstanding == 0


def test_each_server_has_the_question_once_at_a_time() -> None:
    front = warmed(*THREE)
    front.ask("a.test. A")
    for _ in range(50):
        front.advance(0.1)
        waiting = [sent.server for sent in front.sent if not sent.cancelled]
        assert len(set(waiting)) == len(waiting)
    assert len(front.sent) > 3


def test_later_questions_do_not_wait_for_a_server_that_is_overdue() -> None:
    front = warmed(*THREE)
    front.ask("a.test. A")
    front.advance(0.4)
    for i in range(20):
        front.ask(f"q{i}.test. A")
        front.answer(record(f"q{i}.test."))
    assert A not in servers(front)[2:]


def test_under_load_a_server_that_falls_silent_is_noticed_before_anything_is_overdue() -> None:
    front = warmed(*THREE)
    clients = []
    for i in range(500):
        clients.append(front.ask(f"q{i}.test. A"))
        front.now += 0.001
        if front.sent[-1].server != A:
            front.answer(record(f"q{i}.test."))
    assert servers(front).count(A) < 40
    assert sum(client.answered for client in clients) > 460
    front.advance(0.5)
    for sent in [sent for sent in front.sent if sent.server != A and not sent.cancelled]:
        front.deliver(sent, sent.reply())
    assert all(client.answered for client in clients)


def test_server_that_answers_some_of_many_questions_is_not_silent() -> None:
    front = warmed(*THREE)
    for i in range(100):
        front.ask(f"q{i}.test. A")
        front.now += 0.001
        if i % 5 == 0:
            front.answer(record(f"q{i}.test."))
    assert servers(front) == [A] * 100


def test_an_answer_clears_the_doubt() -> None:
    front = warmed(*THREE)
    front.ask("a.test. A")
    front.advance(0.4)
    front.answer(record("a.test."), at=0)
    front.forwarder.groups[next(iter(front.forwarder.groups))].servers[0].srtt_s = 0.0001
    front.ask("b.test. A")
    assert servers(front)[-1] == A


def test_slow_failure_clears_the_doubt_too() -> None:
    front = warmed(*THREE)
    front.ask("a.test. A")
    front.advance(0.4)
    front.answer(rcode=2, at=0)
    server = next(iter(front.forwarder.groups.values())).servers[0]
    assert not server.doubt


@pytest.mark.parametrize("flags", [("--server=10.0.0.1",), (*THREE, "--strict-order")])
def test_no_second_server_without_one_or_in_strict_order(flags: tuple[str, ...]) -> None:
    front = PureFront(*flags)
    front.ask("a.test. A")
    front.advance(1.8)
    assert servers(front) == [A]


def test_usually_slow_server_is_given_its_time() -> None:
    front = PureFront(*THREE[:2])
    for i in range(30):
        client = front.ask(f"q{i}.test. A")
        front.advance(0.6)
        while not client.answered:
            front.answer(record(f"q{i}.test."), at=[s.cancelled for s in front.sent].index(False))
        for sent in front.sent:
            sent.cancelled = True
    front.transport.sent.clear()
    front.ask("a.test. A")
    front.advance(0.6)
    assert len(front.sent) == 1


def test_when_all_have_become_slow_few_questions_are_asked_twice() -> None:
    front = warmed(*THREE, "--dns-forward-max=100000")
    for i in range(3000):
        front.ask(f"q{i}.test. A")
    front.advance(1.5)
    assert 3000 <= len(front.sent) <= 3000 + 256 + 300


def test_slow_server_is_known_to_be_well_by_a_probe_not_by_a_client() -> None:
    front = warmed(*THREE)
    front.ask("a.test. A")
    front.advance(0.4)
    front.answer(record("a.test."))
    front.advance(1.0)
    (probe,) = front.probes
    assert probe.server == A
    front.deliver(probe, probe.reply())
    assert not any(s.doubt for g in front.forwarder.groups.values() for s in g.servers)
