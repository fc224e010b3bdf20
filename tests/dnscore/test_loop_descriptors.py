"""Readers and writers: what is wanted of a descriptor, its reuse, and no spinning."""

from __future__ import annotations

import os
import socket
from collections.abc import Iterator

import pytest

from dnscore.loop import Loop
from tests.dnscore.looping import run_for, run_until


@pytest.fixture
def pair() -> Iterator[tuple[socket.socket, socket.socket]]:
    ours, theirs = socket.socketpair()
    ours.setblocking(False)
    with ours, theirs:
        yield ours, theirs


Pair = tuple[socket.socket, socket.socket]


def test_reader_is_called_as_long_as_something_is_left(loop: Loop, pair: Pair) -> None:
    ours, theirs = pair
    read: list[bytes] = []
    loop.on_readable(ours.fileno(), lambda: read.append(ours.recv(1)))
    theirs.send(b"abc")
    run_until(loop, lambda: len(read) == 3)
    assert b"".join(read) == b"abc"


def test_writer_is_called_until_it_is_taken_away(loop: Loop, pair: Pair) -> None:
    ours, _ = pair
    calls: list[int] = []
    loop.on_writable(ours.fileno(), lambda: calls.append(1))
    run_until(loop, lambda: len(calls) >= 3)
    loop.on_writable(ours.fileno(), None)
    count = len(calls)
    run_for(loop, 0.02)
    assert len(calls) == count


def test_reader_stays_when_the_writer_goes(loop: Loop, pair: Pair) -> None:
    ours, theirs = pair
    read: list[bytes] = []
    loop.on_writable(ours.fileno(), lambda: loop.on_writable(ours.fileno(), None))
    loop.on_readable(ours.fileno(), lambda: read.append(ours.recv(1)))
    run_for(loop, 0.01)
    theirs.send(b"x")
    run_until(loop, lambda: read == [b"x"])


def test_callback_may_be_replaced(loop: Loop, pair: Pair) -> None:
    ours, theirs = pair
    ran: list[str] = []
    loop.on_readable(ours.fileno(), lambda: ran.append("first"))
    loop.on_readable(ours.fileno(), lambda: ran.append(ours.recv(1).decode()))
    theirs.send(b"x")
    run_until(loop, lambda: ran)
    assert ran == ["x"]


def test_writer_is_not_called_when_the_reader_forgot_the_descriptor(loop: Loop, pair: Pair) -> None:
    ours, theirs = pair
    ran: list[str] = []

    def read() -> None:
        ran.append("read")
        loop.forget(ours.fileno())

    theirs.send(b"x")
    loop.on_readable(ours.fileno(), read)
    loop.on_writable(ours.fileno(), lambda: ran.append("write"))
    run_until(loop, lambda: ran)
    assert ran == ["read"]


def test_number_used_again_by_another_socket_is_watched(loop: Loop) -> None:
    first, first_peer = socket.socketpair()
    number = first.fileno()
    loop.on_readable(number, lambda: None)
    loop.forget(number)
    first.close()
    second, second_peer = socket.socketpair()
    if second.fileno() != number:
        os.dup2(second.fileno(), number)
        second.close()
        second = socket.socket(fileno=number)
    with first_peer, second, second_peer:
        read: list[bytes] = []
        loop.on_readable(number, lambda: read.append(second.recv(9)))
        second_peer.send(b"x")
        run_until(loop, lambda: read == [b"x"])
        loop.forget(number)


def test_forgetting_twice_or_the_unknown_is_harmless(loop: Loop, pair: Pair) -> None:
    ours, _ = pair
    loop.on_readable(ours.fileno(), lambda: None)
    loop.forget(ours.fileno())
    loop.forget(ours.fileno())
    loop.on_writable(ours.fileno(), None)


def test_peer_that_hangs_up_reaches_the_reader(loop: Loop, pair: Pair) -> None:
    ours, theirs = pair
    read: list[bytes] = []

    def reader() -> None:
        read.append(ours.recv(10))
        loop.forget(ours.fileno())

    loop.on_readable(ours.fileno(), reader)
    theirs.close()
    run_until(loop, lambda: read)
    assert read == [b""]


def test_peer_that_hangs_up_reaches_a_writer_alone(loop: Loop, pair: Pair) -> None:
    ours, theirs = pair
    while True:
        try:
            ours.send(bytes(65536))
        except BlockingIOError:
            break
    failed: list[OSError] = []

    def writer() -> None:
        try:
            ours.send(b"x")
        except OSError as error:
            failed.append(error)
            loop.forget(ours.fileno())

    loop.on_writable(ours.fileno(), writer)
    theirs.close()
    run_until(loop, lambda: failed)


def test_hang_up_on_a_descriptor_without_a_wish_does_not_spin() -> None:
    asked: list[int] = []
    base = Loop()

    def clock() -> float:
        asked.append(1)
        return base.now()

    loop = Loop(clock=clock)
    ours, theirs = socket.socketpair()
    with ours:
        loop.on_readable(ours.fileno(), lambda: None)
        loop.on_readable(ours.fileno(), None)
        theirs.close()
        run_for(loop, 0.1)
    loop.close()
    base.close()
    assert len(asked) < 50, "each turn of the loop asks the clock once or twice"


def test_close_gives_back_every_descriptor() -> None:
    before = len(os.listdir("/proc/self/fd"))
    for _ in range(5):
        Loop().close()
    assert len(os.listdir("/proc/self/fd")) == before


def test_stop_leaves_and_run_may_be_called_again(loop: Loop) -> None:
    ran: list[int] = []
    for number in range(3):
        loop.call_from_thread(lambda: ran.append(1))
        loop.call_from_thread(loop.stop)
        loop.run()
        assert len(ran) == number + 1
