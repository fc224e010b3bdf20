"""How connections end: half-closed clients get their answers, resets and closes harm nobody."""

from __future__ import annotations

import socket
import struct

from dnscore.loop import Loop
from tests.dnscore.answering import Recorder, echo, silent
from tests.dnscore.looping import run_until
from tests.dnscore.tcp_clients import Client, framed, listen


def test_half_closed_client_gets_an_answer_that_is_ready_at_once(loop: Loop) -> None:
    listener = listen(loop, Recorder(echo))
    with Client(listener.address) as client:
        client.send(b"one", b"two")
        client.sock.shutdown(socket.SHUT_WR)
        run_until(loop, client.is_closed)
        assert client.messages() == [b"one", b"two"]
    listener.close()


def test_half_closed_client_gets_an_answer_that_comes_later(loop: Loop) -> None:
    handler = Recorder(silent)
    listener = listen(loop, handler)
    with Client(listener.address) as client:
        client.send(b"one", b"two")
        client.sock.shutdown(socket.SHUT_WR)
        run_until(loop, lambda: len(handler.seen) == 2)
        loop.call_later(0.01, lambda: handler.release(1, b"second"))
        loop.call_later(0.02, lambda: handler.release(0, b"first"))
        run_until(loop, client.is_closed)
        assert client.messages() == [b"second", b"first"]
    assert listener.open == 0
    listener.close()


def test_half_closed_client_gets_long_answers_whole(loop: Loop) -> None:
    listener = listen(loop, Recorder(lambda wire: wire + bytes(60000)))
    with Client(listener.address, receive_buffer=4096) as client:
        client.send(*[b"%03d" % n for n in range(200)])
        client.sock.shutdown(socket.SHUT_WR)
        run_until(loop, client.is_closed)
        assert [m[:3] for m in client.messages()] == [b"%03d" % n for n in range(200)]
    listener.close()


def test_client_that_waits_half_closed_without_an_answer_does_not_spin_and_is_closed() -> None:
    asked: list[int] = []
    base = Loop()

    def clock() -> float:
        asked.append(1)
        return base.now()

    loop = Loop(clock=clock)
    handler = Recorder(silent)
    listener = listen(loop, handler, idle_s=0.5)
    with Client(listener.address) as client:
        client.send(b"query")
        client.sock.shutdown(socket.SHUT_WR)
        run_until(loop, lambda: handler.seen)
        asked.clear()
        ended: list[float] = []
        started = base.now()

        def look() -> None:
            if client.is_closed():
                ended.append(base.now() - started)
                loop.stop()
            elif base.now() - started < 10:
                loop.call_later(0.05, look)
            else:
                loop.stop()

        loop.call_later(0, look)
        loop.run()
    assert ended
    assert ended[0] > 0.4, "not before it is idle: an answer might still come"
    assert len(asked) < 100 * ended[0], "each turn of the loop asks the clock a few times"
    listener.close()
    loop.close()
    base.close()


def test_end_inside_a_message(loop: Loop) -> None:
    handler = Recorder(echo)
    listener = listen(loop, handler)
    for cut in range(1, 6):
        with Client(listener.address) as client:
            client.sock.sendall(framed(b"query")[:cut])
            client.sock.shutdown(socket.SHUT_WR)
            run_until(loop, client.is_closed)
    assert handler.seen == []
    assert listener.open == 0
    listener.close()


def test_reset_by_the_client(loop: Loop) -> None:
    handler = Recorder(silent)
    listener = listen(loop, handler)
    with Client(listener.address) as client:
        client.send(b"query")
        run_until(loop, lambda: handler.seen)
        client.sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    run_until(loop, lambda: listener.open == 0)
    handler.release(0, b"answer")
    assert loop.failures == 0
    listener.close()


def test_answer_to_a_client_that_is_gone(loop: Loop) -> None:
    handler = Recorder(silent)
    listener = listen(loop, handler)
    with Client(listener.address) as client:
        client.send(b"one", b"two")
        run_until(loop, lambda: len(handler.seen) == 2)
    handler.release(0, b"answer")
    handler.release(1, b"answer")
    run_until(loop, lambda: listener.open == 0)
    assert loop.failures == 0
    listener.close()


def test_closed_listener_ends_its_connections_and_frees_its_port(loop: Loop) -> None:
    listener = listen(loop, Recorder(echo))
    with Client(listener.address) as client:
        client.send(b"query")
        run_until(loop, client.messages)
        listener.close()
        run_until(loop, client.is_closed)
        with socket.socket() as probe:
            assert probe.connect_ex(listener.address) != 0
    listener.close()
