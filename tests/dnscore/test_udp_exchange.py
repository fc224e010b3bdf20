"""A question over UDP takes the right answer, and nothing else, from the right server."""

from __future__ import annotations

import os
import socket
from collections.abc import Iterator

import dns.message
import pytest

from dnscore.loop import Loop
from dnscore.net.address import Address
from dnscore.net.exchange import MISMATCHES_MAX, UdpExchange
from dnscore.wire.query import parse_query
from tests.dnscore.looping import run_until
from tests.fakes.dns_server import DnsServer

QUERY = dns.message.make_query("Svc.test.", "A", id=0x1234).to_wire()
QUESTION = parse_query(QUERY).question
ANSWER = QUERY[:2] + b"\x84\x00" + QUERY[4:]


@pytest.fixture(params=["127.0.0.1", "::1"])
def server(request: pytest.FixtureRequest) -> Iterator[socket.socket]:
    family = socket.AF_INET6 if ":" in request.param else socket.AF_INET
    with socket.socket(family, socket.SOCK_DGRAM) as sock:
        sock.bind((request.param, 0))
        sock.settimeout(10)
        yield sock


def ask(loop: Loop, address: Address, replies: list[bytes | None]) -> UdpExchange:
    return UdpExchange(loop, address, QUERY, QUESTION, on_reply=replies.append)


def address_of(sock: socket.socket) -> Address:
    return Address(*sock.getsockname()[:2])


def test_answer_of_a_dns_server(loop: Loop) -> None:
    replies: list[bytes | None] = []
    with DnsServer("svc.test. 5 IN A 10.0.0.1") as dns_server:
        ask(loop, Address(dns_server.host, dns_server.port), replies)
        run_until(loop, lambda: replies)
    assert replies[0] is not None
    assert dns.message.from_wire(replies[0]).answer[0][0].to_text() == "10.0.0.1"


def test_query_goes_out_unchanged_and_the_answer_comes_back_unchanged(
    loop: Loop, server: socket.socket
) -> None:
    replies: list[bytes | None] = []
    ask(loop, address_of(server), replies)
    wire, peer = server.recvfrom(4096)
    assert wire == QUERY
    server.sendto(ANSWER + b"tail", peer)
    run_until(loop, lambda: replies)
    assert replies == [ANSWER + b"tail"]


@pytest.mark.parametrize(
    "wrong",
    [
        b"\x12\x35" + ANSWER[2:],  # another ID
        QUERY,  # a query
        ANSWER[:4] + b"\0\0" + ANSWER[6:],  # no question
        ANSWER[:4] + b"\0\2" + ANSWER[6:],
        ANSWER.replace(b"Svc", b"Svd"),  # another name
        ANSWER[:-4] + b"\0\x1c\0\1",  # another type
        ANSWER[:-4] + b"\0\1\0\3",  # another class
        ANSWER[:-1],
        ANSWER[:12],
        ANSWER[:2],
        b"\x12",
        b"",
    ],
)
def test_what_does_not_repeat_the_question_is_counted_and_the_wait_goes_on(
    loop: Loop, server: socket.socket, wrong: bytes
) -> None:
    replies: list[bytes | None] = []
    exchange = ask(loop, address_of(server), replies)
    _, peer = server.recvfrom(4096)
    server.sendto(wrong, peer)
    run_until(loop, lambda: exchange.mismatches == 1)
    assert replies == []
    server.sendto(ANSWER, peer)
    run_until(loop, lambda: replies)
    assert replies == [ANSWER]


def test_question_may_come_back_in_another_case(loop: Loop, server: socket.socket) -> None:
    replies: list[bytes | None] = []
    ask(loop, address_of(server), replies)
    _, peer = server.recvfrom(4096)
    answer = ANSWER.replace(b"Svc", b"sVC")
    server.sendto(answer, peer)
    run_until(loop, lambda: replies)
    assert replies == [answer]


def test_answer_from_another_sender_is_not_even_seen(loop: Loop, server: socket.socket) -> None:
    replies: list[bytes | None] = []
    exchange = ask(loop, address_of(server), replies)
    _, peer = server.recvfrom(4096)
    with socket.socket(server.family, socket.SOCK_DGRAM) as other:
        other.sendto(ANSWER, peer)
    server.sendto(b"\x12\x35" + ANSWER[2:], peer)
    run_until(loop, lambda: exchange.mismatches)
    assert replies == [], "the forged answer came first"
    assert exchange.mismatches == 1
    exchange.close()


def test_closed_port_is_told_at_once(loop: Loop, server: socket.socket) -> None:
    address = address_of(server)
    server.close()
    replies: list[bytes | None] = []
    ask(loop, address, replies)
    run_until(loop, lambda: replies)
    assert replies == [None]


def test_closed_exchange_calls_nobody_and_leaves_no_descriptor(
    loop: Loop, server: socket.socket
) -> None:
    before = len(os.listdir("/proc/self/fd"))
    replies: list[bytes | None] = []
    exchange = ask(loop, address_of(server), replies)
    _, peer = server.recvfrom(4096)
    server.sendto(ANSWER, peer)
    exchange.close()
    exchange.close()
    fence: list[bytes | None] = []
    ask(loop, address_of(server), fence)
    server.sendto(ANSWER, server.recvfrom(4096)[1])
    run_until(loop, lambda: fence)
    assert replies == []
    assert len(os.listdir("/proc/self/fd")) == before


def test_only_the_first_answer_counts(loop: Loop, server: socket.socket) -> None:
    replies: list[bytes | None] = []
    ask(loop, address_of(server), replies)
    _, peer = server.recvfrom(4096)
    server.sendto(ANSWER, peer)
    server.sendto(ANSWER, peer)
    run_until(loop, lambda: replies)
    assert replies == [ANSWER]
    assert loop.failures == 0


def test_each_exchange_has_its_own_source_port(loop: Loop, server: socket.socket) -> None:
    exchanges = [ask(loop, address_of(server), []) for _ in range(20)]
    ports = {server.recvfrom(4096)[1][1] for _ in exchanges}
    for exchange in exchanges:
        exchange.close()
    assert len(ports) == 20


def test_server_that_cannot_be_sent_to_is_an_os_error_and_leaks_nothing(loop: Loop) -> None:
    before = len(os.listdir("/proc/self/fd"))
    with pytest.raises(OSError, match=r"."):
        ask(loop, Address("255.255.255.255", 53), [])
    assert len(os.listdir("/proc/self/fd")) == before


def test_flood_of_forgeries_ends_the_question(loop: Loop, server: socket.socket) -> None:
    replies: list[bytes | None] = []
    exchange = ask(loop, address_of(server), replies)
    _, peer = server.recvfrom(4096)
    for _ in range(MISMATCHES_MAX):
        server.sendto(b"forged", peer)
    run_until(loop, lambda: replies)
    assert replies == [None]
    assert exchange.mismatches == MISMATCHES_MAX
