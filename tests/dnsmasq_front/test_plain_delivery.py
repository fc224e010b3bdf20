"""Plain answers take a short way to their clients, which get what the long way would bring."""

from __future__ import annotations

import itertools

import dns.flags
import pytest

from tests.dnsmasq_front.pure import PureFront

RECORD = "a.test. 30 IN A 10.0.0.1"
LONG_WAY = "--filter-rr=MX"
"""With a type to take out every answer is looked at."""


@pytest.mark.parametrize(
    ("edns", "flags", "aa", "stream"),
    list(
        itertools.product(
            (None, 512, 1232),
            (0, dns.flags.RD, dns.flags.CD, dns.flags.RD | dns.flags.CD | dns.flags.AD),
            (False, True),
            (False, True),
        )
    ),
)
def test_octet_by_octet_the_same(edns: int | None, flags: int, aa: bool, stream: bool) -> None:
    replies = []
    for more in ((), (LONG_WAY,)):
        front = PureFront("--server=8.8.8.8", "--cache-size=0", *more)
        client = front.ask("A.test. A", stream=stream, edns=edns, flags=flags)
        front.answer(RECORD, flags=dns.flags.QR | (dns.flags.AA if aa else 0), edns=False)
        replies.append(client.reply)
    assert replies[0].answers
    assert replies[0].wire == replies[1].wire


def test_several_clients_get_their_own_spelling_and_options() -> None:
    front = PureFront("--server=8.8.8.8", "--cache-size=0")
    clients = [
        front.ask("a.TEST. A", id_=1),
        front.ask("A.test. A", id_=2, edns=1232),
        front.ask("a.test. A", id_=3, flags=0, stream=True),
    ]
    assert len(front.sent) == 1
    front.answer(RECORD)
    for client in clients:
        assert client.reply.wire[:2] == client.wire[:2]
        assert client.reply.wire[12:20] == client.wire[12:20]
        assert (client.reply.wire[2] & 1) == (client.wire[2] & 1)
    assert [client.reply.wire[10:12] for client in clients] == [b"\0\0", b"\0\1", b"\0\0"]
    assert front.forwarder.outstanding == 0


def test_answer_is_kept() -> None:
    front = PureFront("--server=8.8.8.8", "--cache-size=10")
    front.resolve("a.test. A", RECORD)
    front.advance(10)
    kept = front.cached("a.test. A")
    assert kept is not None
    assert kept.answers == ["a.test. 20 IN A 10.0.0.1"]


def test_largest_ttl_shown_holds_for_the_first_client_too() -> None:
    front = PureFront("--server=8.8.8.8", "--max-ttl=5")
    assert front.resolve("a.test. A", RECORD).answers == ["a.test. 5 IN A 10.0.0.1"]


def test_rebinding_is_seen() -> None:
    front = PureFront("--server=8.8.8.8", "--stop-dns-rebind")
    assert front.resolve("a.test. A", RECORD).answers == []
