"""A handler that raises on a query costs its client the connection, and nobody else anything."""

from __future__ import annotations

from dnscore.loop import Loop
from tests.dnscore.answering import Recorder
from tests.dnscore.looping import run_until
from tests.dnscore.tcp_clients import Client, listen


def fails_on_bad(wire: bytes) -> bytes:
    if wire == b"bad":
        raise RuntimeError("bug")
    return wire


def test_query_is_not_handled_again_and_the_connection_is_not_stuck(loop: Loop) -> None:
    handler = Recorder(fails_on_bad)
    listener = listen(loop, handler)
    with Client(listener.address) as client, Client(listener.address) as other:
        client.send(b"good", b"bad", b"behind")
        run_until(loop, client.is_closed)
        other.send(b"other")
        run_until(loop, lambda: other.messages() == [b"other"])
    assert handler.wires == [b"good", b"bad", b"other"]
    assert loop.failures == 1
    assert listener.open <= 1
    listener.close()


def test_handler_that_closes_the_connection_gets_no_more_of_its_queries(loop: Loop) -> None:
    handler = Recorder(lambda wire: None)
    listener = listen(loop, handler)

    def close(wire: bytes) -> bytes:
        handler.seen[-1][2].close()  # type: ignore[attr-defined]
        return wire

    handler._answer = close
    with Client(listener.address) as client:
        client.send(b"one", b"two", b"three")
        run_until(loop, client.is_closed)
        assert client.messages() == []
    assert handler.wires == [b"one"]
    assert listener.open == 0
    assert loop.failures == 0
    listener.close()


def test_listener_closed_by_its_handler(loop: Loop) -> None:
    handler = Recorder(lambda wire: None)
    listener = listen(loop, handler)

    def close(wire: bytes) -> bytes:
        listener.close()
        return wire

    handler._answer = close
    with Client(listener.address) as client, Client(listener.address) as other:
        client.send(b"one", b"two")
        run_until(loop, lambda: client.is_closed() and other.is_closed())
    assert handler.wires == [b"one"]
    assert loop.failures == 0


def test_answer_to_a_connection_that_has_ended_goes_nowhere(loop: Loop) -> None:
    handler = Recorder(lambda wire: None)
    listener = listen(loop, handler)
    with Client(listener.address) as client:
        client.send(b"query")
        run_until(loop, lambda: handler.seen)
    listener.close()
    handler.release(0, b"answer")
    assert loop.failures == 0
