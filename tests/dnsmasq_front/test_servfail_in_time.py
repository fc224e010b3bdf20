"""A client is never left without an answer: SERVFAIL in at most five seconds, with the reason."""

from __future__ import annotations

import pytest

from tests.dnsmasq_front.pure import Client, PureFront

EDE_NO_REACHABLE_AUTHORITY = 22
EDE_NETWORK_ERROR = 23


def seconds_to_answer(front: PureFront, client: Client) -> float:
    start = front.now
    while not client.answered:
        front.advance(0.25)
        assert front.now - start < 10, "silence"
    return front.now - start


@pytest.mark.parametrize("count", [1, 2, 3, 5])
@pytest.mark.parametrize("phase", [0.0, 0.01, 0.12, 0.24])
def test_silent_servers(count: int, phase: float) -> None:
    front = PureFront(*(f"--server=10.0.0.{i}" for i in range(count)), now=1000.0 + phase)
    client = front.ask("a.test. A", edns=1232)
    assert seconds_to_answer(front, client) <= 5.0
    assert client.reply.rcode == "SERVFAIL"
    assert client.reply.errors == [EDE_NO_REACHABLE_AUTHORITY]


def test_one_lost_datagram_does_not_fail_a_question_to_the_only_server() -> None:
    front = PureFront("--server=10.0.0.1")
    client = front.ask("a.test. A")
    front.advance(2.5)
    assert len(front.sent) == 2
    front.answer("a.test. 30 IN A 10.1.1.1")
    assert client.reply.data == ["10.1.1.1"]


def test_server_that_accepts_tcp_and_says_nothing() -> None:
    front = PureFront("--server=10.0.0.1")
    client = front.ask("a.test. A")
    front.answer(flags=0x0200)
    assert front.sent[-1].stream
    assert seconds_to_answer(front, client) <= 5.0
    assert client.reply.rcode == "SERVFAIL"


def test_only_server_refuses_at_once_and_so_do_we() -> None:
    front = PureFront("--server=10.0.0.1")
    client = front.ask("a.test. A")
    front.unreachable()
    assert client.reply.rcode == "SERVFAIL"


def test_nothing_can_be_sent() -> None:
    front = PureFront("--server=10.0.0.1")
    front.transport.unsendable.update(route.servers[0] for route in front.forwarder.groups)
    client = front.ask("a.test. A", edns=1232)
    assert client.reply.rcode == "SERVFAIL"
    assert client.reply.errors == [EDE_NETWORK_ERROR]


def test_answer_after_giving_up_changes_nothing() -> None:
    front = PureFront("--server=10.0.0.1")
    client = front.ask("a.test. A")
    front.advance(6)
    front.answer("a.test. 30 IN A 10.1.1.1")
    front.unreachable()
    assert client.reply.rcode == "SERVFAIL"
    assert len(front.cache) == 0
    assert front.forwarder.outstanding == 0


def test_answer_comes_twice() -> None:
    front = PureFront("--server=10.0.0.1")
    client = front.ask("a.test. A")
    front.answer("a.test. 30 IN A 10.1.1.1")
    front.answer("a.test. 30 IN A 10.6.6.6")
    assert client.reply.data == ["10.1.1.1"]
    cached = front.cached("a.test. A")
    assert cached is not None
    assert cached.data == ["10.1.1.1"]


def test_failure_is_not_remembered_and_the_next_query_is_asked_again() -> None:
    front = PureFront("--server=10.0.0.1")
    front.ask("a.test. A")
    front.unreachable()
    front.resolve("a.test. A", "a.test. 30 IN A 10.1.1.1")
