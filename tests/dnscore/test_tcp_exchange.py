"""A question over TCP: the right answer however it arrives, or None at once."""

from __future__ import annotations

import os
import socket
import struct
from collections.abc import Iterator
from contextlib import suppress

import dns.message
import pytest

from dnscore.loop import Loop
from dnscore.net.address import Address
from dnscore.net.exchange import TcpExchange
from tests.dnscore.looping import run_until
from tests.dnscore.test_udp_exchange import ANSWER, QUERY, QUESTION
from tests.fakes.dns_server import DnsServer


@pytest.fixture
def server() -> Iterator[socket.socket]:
    with socket.create_server(("127.0.0.1", 0)) as sock:
        sock.settimeout(10)
        yield sock


def framed(wire: bytes) -> bytes:
    return len(wire).to_bytes(2, "big") + wire


def ask(loop: Loop, address: Address, replies: list[bytes | None]) -> TcpExchange:
    return TcpExchange(loop, address, QUERY, QUESTION, on_reply=replies.append)


def asked(loop: Loop, server: socket.socket, replies: list[bytes | None]) -> socket.socket:
    """The server's side of an exchange whose query has arrived whole."""
    ask(loop, Address(*server.getsockname()[:2]), replies)
    peer, _ = server.accept()
    peer.setblocking(False)
    received = bytearray()

    def arrived() -> bool:
        try:
            received.extend(peer.recv(4096))
        except BlockingIOError:
            return False
        return len(received) >= 2 + len(QUERY)

    run_until(loop, arrived)
    assert bytes(received) == framed(QUERY)
    return peer


def test_answer_of_a_dns_server(loop: Loop) -> None:
    replies: list[bytes | None] = []
    with DnsServer("svc.test. 5 IN A 10.0.0.1") as dns_server:
        ask(loop, Address(dns_server.host, dns_server.port), replies)
        run_until(loop, lambda: replies)
    assert replies[0] is not None
    assert dns.message.from_wire(replies[0]).answer[0][0].to_text() == "10.0.0.1"


@pytest.mark.parametrize("cut", range(1, len(ANSWER) + 2, 3))
def test_answer_in_two_pieces(loop: Loop, server: socket.socket, cut: int) -> None:
    replies: list[bytes | None] = []
    with asked(loop, server, replies) as peer:
        peer.send(framed(ANSWER)[:cut])
        loop.call_later(0.005, lambda: peer.sendall(framed(ANSWER)[cut:]))
        run_until(loop, lambda: replies)
    assert replies == [ANSWER]


def test_answer_octet_by_octet(loop: Loop, server: socket.socket) -> None:
    replies: list[bytes | None] = []
    with asked(loop, server, replies) as peer:
        peer.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        rest = bytearray(framed(ANSWER))

        def drip() -> None:
            peer.send(rest[:1])
            del rest[:1]
            if rest:
                loop.call_later(0.001, drip)

        loop.call_later(0, drip)
        run_until(loop, lambda: replies)
    assert replies == [ANSWER]


def test_longest_answer(loop: Loop, server: socket.socket) -> None:
    replies: list[bytes | None] = []
    answer = ANSWER + bytes(65535 - len(ANSWER))
    with asked(loop, server, replies) as peer:
        peer.setblocking(True)
        peer.sendall(framed(answer))
        run_until(loop, lambda: replies)
    assert replies == [answer]


@pytest.mark.parametrize(
    "octets",
    [
        framed(b"\x12\x35" + ANSWER[2:]),  # another ID
        framed(ANSWER.replace(b"Svc", b"Svd")),
        framed(QUERY),
        framed(b"\x12"),
        framed(b""),
        b"\xff\xff" + ANSWER,  # says more than it sends
        framed(ANSWER)[:-1],
        b"\x00",
        b"",
    ],
)
def test_wrong_or_cut_answer_is_none(loop: Loop, server: socket.socket, octets: bytes) -> None:
    replies: list[bytes | None] = []
    with asked(loop, server, replies) as peer:
        peer.send(octets)
        peer.shutdown(socket.SHUT_WR)
        run_until(loop, lambda: replies)
    assert replies == [None]


@pytest.mark.parametrize("octets", [framed(b""), framed(b"\x12\x34"), framed(QUERY)])
def test_wrong_answer_is_none_without_waiting_for_the_end(
    loop: Loop, server: socket.socket, octets: bytes
) -> None:
    replies: list[bytes | None] = []
    with asked(loop, server, replies) as peer:
        peer.send(octets)
        run_until(loop, lambda: replies)
    assert replies == [None]


def test_reset_is_none(loop: Loop, server: socket.socket) -> None:
    replies: list[bytes | None] = []
    with asked(loop, server, replies) as peer:
        peer.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    run_until(loop, lambda: replies)
    assert replies == [None]
    assert loop.failures == 0


def test_closed_port_is_none(loop: Loop, server: socket.socket) -> None:
    address = Address(*server.getsockname()[:2])
    server.close()
    replies: list[bytes | None] = []
    try:
        ask(loop, address, replies)
    except ConnectionRefusedError:
        return  # The kernel may say so at once.
    run_until(loop, lambda: replies)
    assert replies == [None]


def test_server_that_never_answers_is_left_by_close(loop: Loop, server: socket.socket) -> None:
    before = len(os.listdir("/proc/self/fd"))
    replies: list[bytes | None] = []
    exchange = ask(loop, Address(*server.getsockname()[:2]), replies)
    loop.call_later(0.02, exchange.close)
    loop.call_later(0.04, loop.stop)
    loop.run()
    exchange.close()
    assert replies == []
    assert len(os.listdir("/proc/self/fd")) == before


def test_answer_ends_the_connection(loop: Loop, server: socket.socket) -> None:
    replies: list[bytes | None] = []
    with asked(loop, server, replies) as peer:
        peer.send(framed(ANSWER) + framed(ANSWER))
        run_until(loop, lambda: replies)
        peer.settimeout(10)
        with suppress(ConnectionResetError):  # The second answer was not read.
            assert peer.recv(1) == b""
    assert replies == [ANSWER]
