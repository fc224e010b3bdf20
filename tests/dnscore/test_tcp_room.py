"""A bounded number of connections: the one idle longest makes room, nothing spins or leaks."""

from __future__ import annotations

import os
import resource
import socket

from dnscore.loop import Loop
from dnscore.net.tcp import Places
from tests.dnscore.answering import Recorder, echo, silent
from tests.dnscore.looping import run_for, run_until
from tests.dnscore.tcp_clients import Client, listen


def test_the_one_idle_longest_is_closed(loop: Loop) -> None:
    listener = listen(loop, Recorder(echo), most=3)
    clients = []
    for number in range(3):
        clients.append(Client(listener.address))
        run_until(loop, lambda n=number: listener.open == n + 1)  # type: ignore[misc]
    clients[0].send(b"in use")
    run_until(loop, lambda: clients[0].messages() == [b"in use"])
    clients.append(Client(listener.address))
    run_until(loop, clients[1].is_closed)
    clients[3].send(b"new")
    run_until(loop, lambda: clients[3].messages() == [b"new"])
    assert not clients[0].is_closed()
    assert not clients[2].is_closed()
    assert (listener.open, listener.accepted, listener.places.closed_for_room) == (3, 4, 1)
    for client in clients:
        client.sock.close()
    listener.close()


def test_one_that_waits_for_its_answer_is_not_idle(loop: Loop) -> None:
    handler = Recorder(silent)
    listener = listen(loop, handler, most=2)
    with Client(listener.address) as waiting, Client(listener.address) as idle:
        run_until(loop, lambda: listener.open == 2)
        waiting.send(b"slow")
        run_until(loop, lambda: handler.wires == [b"slow"])
        idle.sock.sendall(b"\0\1i")
        run_until(loop, lambda: len(handler.wires) == 2)
        handler.release(1, b"i")
        run_until(loop, lambda: idle.messages() == [b"i"])
        with Client(listener.address):
            run_until(loop, idle.is_closed)
            handler.release(0, b"answer")
            run_until(loop, lambda: waiting.messages() == [b"answer"])
    listener.close()


def test_when_all_wait_for_answers_the_oldest_makes_room(loop: Loop) -> None:
    handler = Recorder(silent)
    listener = listen(loop, handler, most=2)
    with Client(listener.address) as first, Client(listener.address) as second:
        for number, client in enumerate((first, second), start=1):
            client.send(b"slow")
            run_until(loop, lambda n=number: len(handler.wires) == n)  # type: ignore[misc]
        with Client(listener.address) as third:
            run_until(loop, first.is_closed)
            handler.release(0, b"for nobody")
            handler.release(1, b"answer")
            run_until(loop, lambda: second.messages() == [b"answer"])
            assert not third.is_closed()
    listener.close()


def test_listeners_may_share_their_places(loop: Loop) -> None:
    places = Places(2)
    listeners = [listen(loop, Recorder(echo), places=places) for _ in range(2)]
    clients = []
    for number, listener in enumerate((*listeners, listeners[0]), start=1):
        clients.append(Client(listener.address))
        run_until(loop, lambda n=number: sum(x.accepted for x in listeners) == n)  # type: ignore[misc]
    run_until(loop, clients[0].is_closed)
    assert [listener.open for listener in listeners] == [1, 1]
    assert places.highest == 2
    listeners[0].close()
    assert [listener.open for listener in listeners] == [0, 1], "each closes its own"
    listeners[1].close()
    for client in clients:
        client.sock.close()


def test_thousand_idle_connections_leave_room_for_one_more(loop: Loop) -> None:
    listener = listen(loop, Recorder(echo), most=100)
    idle: list[socket.socket] = []
    try:
        for _ in range(1000):
            idle.append(socket.create_connection(listener.address))
            if len(idle) % 50 == 0:
                run_until(loop, lambda: listener.accepted == len(idle))
        with Client(listener.address) as client:
            client.send(b"query")
            run_until(loop, lambda: client.messages() == [b"query"])
        assert listener.open <= 100
        assert listener.places.closed_for_room >= 900
    finally:
        for sock in idle:
            sock.close()
    listener.close()


def test_connections_leave_no_descriptors_behind(loop: Loop) -> None:
    listener = listen(loop, Recorder(echo))
    before = len(os.listdir("/proc/self/fd"))
    for _ in range(50):
        with Client(listener.address) as client:
            client.send(b"query")
            run_until(loop, client.messages)
    run_until(loop, lambda: listener.open == 0)
    assert len(os.listdir("/proc/self/fd")) == before
    listener.close()


def test_out_of_descriptors_it_waits_without_spinning_and_then_goes_on() -> None:
    asked: list[int] = []
    base = Loop()

    def clock() -> float:
        asked.append(1)
        return base.now()

    loop = Loop(clock=clock)
    listener = listen(loop, Recorder(echo))
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    with Client(listener.address) as client:
        resource.setrlimit(resource.RLIMIT_NOFILE, (client.sock.fileno() + 1, hard))
        try:
            run_for(loop, 0.3)
            turns = len(asked)
        finally:
            resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
        assert listener.open == 0
        assert turns < 50, "each turn of the loop asks the clock once or twice"
        client.send(b"query")
        run_until(loop, lambda: client.messages() == [b"query"])
    listener.close()
    loop.close()
    base.close()
