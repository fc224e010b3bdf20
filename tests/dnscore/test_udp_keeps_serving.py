"""UDP: nothing that a client or a handler does ends the listening, or is lost from the counts."""

from __future__ import annotations

import socket
import struct

import pytest

from dnscore.loop import Loop
from dnscore.net.address import Address
from dnscore.net.udp import DRAIN_MAX, UdpListener
from tests.dnscore.answering import Recorder, echo
from tests.dnscore.looping import run_until
from tests.dnscore.test_udp_answers import ask, client, listen, listeners, received

__all__ = ["listeners"]  # a fixture

HOSTS = ["127.0.0.1", "0.0.0.0"]


def loopback(listener: UdpListener) -> Address:
    return Address("127.0.0.1", listener.address.port)


@pytest.mark.parametrize("host", HOSTS)
def test_clients_that_are_gone(loop: Loop, listeners: list[UdpListener], host: str) -> None:
    listener = listen(loop, listeners, Recorder(echo), host=host)
    server = loopback(listener)
    for _ in range(3):
        for _ in range(20):
            with client() as gone:
                gone.sendto(b"query", server)
        with client() as sock:
            assert ask(loop, sock, b"still there", server)[0] == b"still there"
    assert listener.received == 63
    assert loop.failures == 0


@pytest.mark.parametrize("host", HOSTS)
def test_answer_too_long_for_a_datagram_is_lost_alone(
    loop: Loop, listeners: list[UdpListener], host: str
) -> None:
    handler = Recorder(lambda wire: bytes(65508) if wire == b"long" else wire)
    listener = listen(loop, listeners, handler, host=host)
    with client() as sock:
        sock.sendto(b"long", loopback(listener))
        assert ask(loop, sock, b"short", loopback(listener))[0] == b"short"
    assert listener.send_failures == 1
    assert listener.received == 2


def raw_datagram(source_port: int, server: Address, payload: bytes) -> bytes:
    """A UDP header without a checksum, which IPv4 allows, and its payload."""
    return struct.pack("!4H", source_port, server.port, 8 + len(payload), 0) + payload


@pytest.mark.parametrize("host", HOSTS)
def test_query_from_port_0_cannot_be_answered_and_harms_nobody(
    loop: Loop, listeners: list[UdpListener], host: str
) -> None:
    listener = listen(loop, listeners, Recorder(echo), host=host)
    server = loopback(listener)
    try:
        raw = socket.socket(socket.AF_INET, socket.SOCK_RAW, socket.IPPROTO_UDP)
    except PermissionError:
        # Without the right to forge a port: the same failure through the public way in.
        peer = struct.pack("=HH", socket.AF_INET, 0) + socket.inet_aton("127.0.0.1") + bytes(8)
        listener.send(b"answer", peer)
    else:
        with raw:
            raw.sendto(raw_datagram(0, server, b"weird"), ("127.0.0.1", 0))
    with client() as sock:
        assert ask(loop, sock, b"query", server)[0] == b"query"
    assert listener.send_failures == 1
    assert loop.failures == 0


@pytest.mark.parametrize("host", HOSTS)
@pytest.mark.parametrize("error", [RuntimeError("bug"), OSError(24, "Too many open files")])
def test_handler_that_raises_is_reported_and_the_next_query_answered(
    loop: Loop, listeners: list[UdpListener], host: str, error: Exception
) -> None:
    def answer(wire: bytes) -> bytes:
        if wire == b"bad":
            raise error
        return wire

    listener = listen(loop, listeners, Recorder(answer), host=host)
    with client() as sock:
        for _ in range(3):
            sock.sendto(b"bad", loopback(listener))
        assert ask(loop, sock, b"good", loopback(listener))[0] == b"good"
    assert loop.failures == 3
    assert listener.received == 4
    assert listener.send_failures == 0


@pytest.mark.parametrize("host", HOSTS)
def test_handler_out_of_a_resource_does_not_look_like_an_empty_socket(
    loop: Loop, listeners: list[UdpListener], host: str
) -> None:
    def answer(wire: bytes) -> bytes:
        raise BlockingIOError(11, "Resource temporarily unavailable")

    handler = Recorder(answer)
    listener = listen(loop, listeners, handler, host=host)
    with client() as sock:
        sock.sendto(b"query", loopback(listener))
        run_until(loop, lambda: handler.seen)
    assert loop.failures == 1
    assert listener.received == 1


@pytest.mark.parametrize("host", HOSTS)
def test_one_wake_up_reads_a_bounded_number_and_the_rest_comes_next(
    loop: Loop, listeners: list[UdpListener], host: str
) -> None:
    turns: list[int] = []
    handler = Recorder(lambda wire: None)
    listener = listen(loop, listeners, handler, host=host)
    with client() as sock:
        for number in range(DRAIN_MAX + 44):
            sock.sendto(number.to_bytes(2, "big"), loopback(listener))

    def count() -> None:
        turns.append(len(handler.seen))
        if len(handler.seen) < DRAIN_MAX + 44:
            loop.call_from_thread(count)

    loop.call_from_thread(count)
    run_until(loop, lambda: len(handler.seen) == DRAIN_MAX + 44)
    assert DRAIN_MAX in turns, "others had their turn between"
    assert listener.received == DRAIN_MAX + 44
    assert handler.wires == [n.to_bytes(2, "big") for n in range(DRAIN_MAX + 44)]


@pytest.mark.parametrize("host", HOSTS)
def test_every_client_of_a_burst_gets_its_own_answer(
    loop: Loop, listeners: list[UdpListener], host: str
) -> None:
    listener = listen(loop, listeners, Recorder(lambda wire: b"re " + wire), host=host)
    socks = [client() for _ in range(100)]
    try:
        for number, sock in enumerate(socks):
            sock.sendto(b"%d" % number, loopback(listener))
        run_until(loop, lambda: listener.received == 100)
        answers = [received(sock) for sock in socks]
    finally:
        for sock in socks:
            sock.close()
    assert answers == [(b"re %d" % n, tuple(loopback(listener))) for n in range(100)]
