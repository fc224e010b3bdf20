"""UDP: queries in, answers to whoever asked, from the address that was asked."""

from __future__ import annotations

import socket
from collections.abc import Iterator, Mapping

import pytest

from dnscore.loop import Loop
from dnscore.net.address import Address
from dnscore.net.udp import FEW, UdpListener, bind_udp
from dnscore.wire.const import UDP_RECEIVE
from tests.dnscore.answering import Recorder, echo, silent
from tests.dnscore.looping import run_until

HOSTS = ["127.0.0.1", "::1"]


@pytest.fixture
def listeners(loop: Loop) -> Iterator[list[UdpListener]]:
    opened: list[UdpListener] = []
    yield opened
    for listener in opened:
        listener.close()


def listen(
    loop: Loop,
    listeners: list[UdpListener],
    handler: Recorder,
    *,
    host: str = "127.0.0.1",
    prebuilt: Mapping[bytes, bytes] | None = None,
) -> UdpListener:
    sock = bind_udp(Address(host, 0), flag="--dns-port")
    listener = UdpListener(loop, sock, handler, prebuilt=prebuilt or {})
    listeners.append(listener)
    return listener


def client(family: int = socket.AF_INET) -> socket.socket:
    sock = socket.socket(family, socket.SOCK_DGRAM)
    sock.setblocking(False)
    return sock


def received(sock: socket.socket) -> tuple[bytes, tuple[str, int]] | None:
    try:
        wire, source = sock.recvfrom(65535)
    except BlockingIOError:
        return None
    return wire, source[:2]


def taken(sock: socket.socket) -> list[bytes]:
    """All that has come to a client by now."""
    answers = []
    while (answer := received(sock)) is not None:
        answers.append(answer[0])
    return answers


def looking(sock: socket.socket) -> tuple[Recorder, list[bytes]]:
    """A handler that echoes, and what a client has had by the time that it is called."""
    before: list[bytes] = []

    def look(wire: bytes) -> bytes:
        before.extend(taken(sock))
        return wire

    return Recorder(look), before


def ask_at_once(
    loop: Loop, sock: socket.socket, wires: list[bytes], server: Address, *, count: int
) -> list[bytes]:
    """Send queries that are read together; so many answers of theirs."""
    for wire in wires:
        sock.sendto(wire, server)
    answers: list[bytes] = []

    def have_come() -> bool:
        answers.extend(taken(sock))
        return len(answers) == count

    run_until(loop, have_come)
    return answers


def ask(loop: Loop, sock: socket.socket, wire: bytes, server: Address) -> tuple[bytes, Address]:
    """Send a query and wait for the answer and where it came from."""
    sock.sendto(wire, server)
    answers: list[tuple[bytes, tuple[str, int]]] = []

    def look() -> bool:
        answer = received(sock)
        if answer is not None:
            answers.append(answer)
        return bool(answers)

    run_until(loop, look, message=f"an answer from {server}")
    return answers[0][0], Address(*answers[0][1])


@pytest.mark.parametrize("host", HOSTS)
def test_answer_at_once(loop: Loop, listeners: list[UdpListener], host: str) -> None:
    handler = Recorder(echo)
    listener = listen(loop, listeners, handler, host=host)
    with client(listener.address.family) as sock:
        assert ask(loop, sock, b"query", listener.address) == (b"query", listener.address)
        port = sock.getsockname()[1]
    wire, peer, via = handler.seen[0]
    assert (wire, via) == (b"query", listener)
    assert via.source(peer) == (host, port)
    assert not via.stream
    assert listener.received == 1


@pytest.mark.parametrize("host", [*HOSTS, "0.0.0.0", "::"])
def test_answer_later(loop: Loop, listeners: list[UdpListener], host: str) -> None:
    handler = Recorder(silent)
    listener = listen(loop, listeners, handler, host=host)
    asked = Address({"0.0.0.0": "127.0.0.3", "::": "::1"}.get(host, host), listener.address.port)
    with client(asked.family) as sock:
        sock.sendto(b"query", asked)
        run_until(loop, lambda: handler.seen)
        assert received(sock) is None
        handler.release(0, b"answer")
        answers: list[tuple[bytes, tuple[str, int]]] = []

        def look() -> bool:
            answers.extend(filter(None, [received(sock)]))
            return bool(answers)

        run_until(loop, look, message="the answer at the end of the turn")
    assert answers == [(b"answer", tuple(asked))]


@pytest.mark.parametrize("asked", ["127.0.0.1", "127.0.0.2", "127.9.8.7"])
def test_wildcard_answers_from_the_address_that_was_asked(
    loop: Loop, listeners: list[UdpListener], asked: str
) -> None:
    listener = listen(loop, listeners, Recorder(echo), host="0.0.0.0")
    server = Address(asked, listener.address.port)
    with client() as sock:
        assert ask(loop, sock, b"query", server) == (b"query", server)
        port = sock.getsockname()[1]
    assert port


@pytest.mark.parametrize("asked", ["127.0.0.53", "127.9.8.7"])
def test_a_question_older_than_its_listener_is_answered_from_the_address_that_was_asked(
    loop: Loop, listeners: list[UdpListener], asked: str
) -> None:
    sock = bind_udp(Address("0.0.0.0", 0), flag="--dns-port")
    server = Address(asked, sock.getsockname()[1])
    with client() as early:
        early.sendto(b"early", server)
        listeners.append(UdpListener(loop, sock, Recorder(echo), prebuilt={}))
        answers: list[tuple[bytes, tuple[str, int]] | None] = []

        def look() -> bool:
            answers.append(received(early))
            return answers[-1] is not None

        run_until(loop, look)
    assert answers[-1] == (b"early", tuple(server))


def test_ipv6_wildcard_answers_and_leaves_ipv4_alone(
    loop: Loop, listeners: list[UdpListener]
) -> None:
    listener = listen(loop, listeners, Recorder(echo), host="::")
    port = listener.address.port
    with client(socket.AF_INET6) as sock:
        assert ask(loop, sock, b"query", Address("::1", port))[1] == Address("::1", port)
    bind_udp(Address("127.0.0.1", port), flag="--x").close()


@pytest.mark.parametrize("host", ["127.0.0.1", "0.0.0.0", "::"])
def test_prebuilt_answer_gets_the_id_of_the_query(
    loop: Loop, listeners: list[UdpListener], host: str
) -> None:
    handler = Recorder(echo)
    prebuilt = {b"question": b" built"}
    listener = listen(loop, listeners, handler, host=host, prebuilt=prebuilt)
    server = Address("::1" if host == "::" else "127.0.0.1", listener.address.port)
    with client(server.family) as sock:
        assert ask(loop, sock, b"\x12\x34question", server) == (b"\x12\x34 built", server)
        assert ask(loop, sock, b"\x12\x35question", server)[0] == b"\x12\x35 built"
        assert ask(loop, sock, b"\x12\x34questioN", server)[0] == b"\x12\x34questioN"
        del prebuilt[b"question"]
        assert ask(loop, sock, b"\x12\x34question", server)[0] == b"\x12\x34question"
    assert len(handler.seen) == 2
    assert (listener.received, listener.prebuilt_hits) == (4, 2)


def test_ready_answers_do_not_wait_for_queries_that_are_handled(
    loop: Loop, listeners: list[UdpListener]
) -> None:
    prebuilt = {b"first": b" built", b"last": b" built"}
    with client() as sock:
        handler, before = looking(sock)
        listener = listen(loop, listeners, handler, prebuilt=prebuilt)
        wires = [b"\0\1first", b"\0\2new", b"\0\3last"]
        after = ask_at_once(loop, sock, wires, listener.address, count=1)
    assert before == [b"\0\1 built", b"\0\3 built"]
    assert after == [b"\0\2new"]
    assert (listener.received, listener.prebuilt_hits) == (3, 2)


def test_many_that_are_handled_leave_with_those_that_are_ready(
    loop: Loop, listeners: list[UdpListener]
) -> None:
    with client() as sock:
        handler, before = looking(sock)
        listener = listen(loop, listeners, handler, prebuilt={b"ready": b" built"})
        wires = [b"\0\0ready", *(bytes((1, number)) + b"new" for number in range(FEW + 1))]
        after = ask_at_once(loop, sock, wires, listener.address, count=FEW + 2)
    assert not before
    assert after[0] == b"\0\0 built"


def test_a_question_that_comes_twice_at_once_is_handled_once(
    loop: Loop, listeners: list[UdpListener]
) -> None:
    prebuilt: dict[bytes, bytes] = {}

    def build(wire: bytes) -> bytes:
        prebuilt[wire[2:]] = b" built"
        return wire[:2] + b" built"

    handler = Recorder(build)
    sock = bind_udp(Address("127.0.0.1", 0), flag="--dns-port")
    listeners.append(UdpListener(loop, sock, handler, prebuilt=prebuilt))
    with client() as asking:
        wires = [bytes((0, number)) + b"same" for number in range(5)]
        answers = ask_at_once(loop, asking, wires, listeners[0].address, count=5)
    assert answers == [bytes((0, number)) + b" built" for number in range(5)]
    assert (len(handler.seen), listeners[0].prebuilt_hits) == (1, 4)


@pytest.mark.parametrize("host", ["127.0.0.1", "0.0.0.0"])
@pytest.mark.parametrize("size", [0, 1, 2, 11, UDP_RECEIVE])
def test_short_and_long_datagrams_reach_the_handler(
    loop: Loop, listeners: list[UdpListener], host: str, size: int
) -> None:
    handler = Recorder(silent)
    listener = listen(loop, listeners, handler, host=host)
    with client() as sock:
        sock.sendto(bytes(size), ("127.0.0.1", listener.address.port))
        run_until(loop, lambda: handler.seen)
    assert handler.wires == [bytes(size)]


def test_longest_datagram_is_cut_and_the_next_one_is_whole(
    loop: Loop, listeners: list[UdpListener]
) -> None:
    handler = Recorder(lambda wire: wire[:10])
    listener = listen(loop, listeners, handler)
    with client() as sock:
        sock.sendto(b"x" * 65507, listener.address)
        run_until(loop, lambda: handler.seen)
        sock.sendto(b"next", listener.address)
        run_until(loop, lambda: len(handler.seen) == 2)
    assert handler.wires == [b"x" * UDP_RECEIVE, b"next"]


def test_closed_listener_is_silent_and_its_port_free(
    loop: Loop, listeners: list[UdpListener]
) -> None:
    handler = Recorder(silent)
    listener = listen(loop, listeners, handler)
    with client() as sock:
        sock.sendto(b"query", listener.address)
        run_until(loop, lambda: handler.seen)
    listener.close()
    handler.release(0, b"answer")
    bind_udp(listener.address, flag="--x").close()
