"""A truncated answer is asked for again over TCP, by us; the client gets what fits it."""

from __future__ import annotations

import dns.flags

from tests.dnsmasq_front.messages import addresses
from tests.dnsmasq_front.pure import PureFront

TWO = ("--server=10.0.0.1", "--server=10.0.0.2")
TC = dns.flags.TC


def test_asked_again_over_tcp_and_cut_to_the_client() -> None:
    front = PureFront("--server=10.0.0.1")
    udp, tcp = front.ask("a.test. A"), front.ask("a.test. A", stream=True)
    front.answer(flags=TC)
    assert [sent.stream for sent in front.sent] == [False, True]
    assert not udp.answered
    front.answer(addresses("a.test.", 100))
    assert "TC" in udp.reply.flags
    assert 20 <= len(udp.reply.data) < 100
    assert len(tcp.reply.data) == 100
    assert "TC" not in tcp.reply.flags


def test_whole_answer_is_cached_for_clients_with_room() -> None:
    front = PureFront("--server=10.0.0.1")
    front.ask("a.test. A")
    front.answer(flags=TC)
    front.answer(addresses("a.test.", 70))
    reply = front.cached("a.test. A", edns=1232)
    assert reply is not None
    assert len(reply.data) == 70


def test_server_without_tcp_is_followed_by_the_next_one() -> None:
    front = PureFront(*TWO)
    client = front.ask("a.test. A")
    front.answer(flags=TC)
    front.unreachable()
    assert [(s.server.host, s.stream) for s in front.sent[2:]] == [("10.0.0.2", False)]
    front.answer("a.test. 30 IN A 10.1.1.1")
    assert client.reply.data == ["10.1.1.1"]


def test_second_servers_truncated_answer_is_asked_over_tcp_too() -> None:
    front = PureFront(*TWO)
    client = front.ask("a.test. A")
    front.answer(flags=TC)
    front.unreachable()
    front.answer(flags=TC)
    assert [(s.server.host, s.stream) for s in front.sent[2:]] == [
        ("10.0.0.2", False),
        ("10.0.0.2", True),
    ]
    front.answer(addresses("a.test.", 3))
    assert len(client.reply.data) == 3


def test_tcp_gets_its_own_two_seconds() -> None:
    front = PureFront("--server=10.0.0.1")
    client = front.ask("a.test. A")
    front.advance(1.5)
    front.answer(flags=TC)
    front.advance(1.5)
    assert not front.sent[-1].cancelled
    front.answer("a.test. 30 IN A 10.1.1.1")
    assert client.reply.data == ["10.1.1.1"]


def test_tcp_that_cannot_be_begun_is_a_failure_not_silence() -> None:
    front = PureFront("--server=10.0.0.1")
    client = front.ask("a.test. A")
    front.transport.unsendable.add(front.sent[0].server)
    front.answer(flags=TC)
    assert client.reply.rcode == "SERVFAIL"
