"""Connections that are idle, drip octets or do not read are closed; the others stay."""

from __future__ import annotations

from dnscore.loop import Loop
from dnscore.net import tcp
from tests.dnscore.answering import Recorder, echo, silent
from tests.dnscore.looping import run_until
from tests.dnscore.tcp_clients import Client, framed, listen


def test_idle_connection_is_closed_and_a_used_one_stays(loop: Loop) -> None:
    listener = listen(loop, Recorder(echo), idle_s=0.5)
    with Client(listener.address) as idle, Client(listener.address) as used:

        def use() -> None:
            if not idle.is_closed():
                used.send(b"query")
                loop.call_later(0.05, use)

        loop.call_later(0, use)
        run_until(loop, idle.is_closed)
        count = len(used.messages())
        assert count >= 5
        used.send(b"last")
        run_until(loop, lambda: used.messages()[-1:] == [b"last"])
    listener.close()


def test_client_that_drips_octets_counts_as_idle(loop: Loop) -> None:
    handler = Recorder(echo)
    listener = listen(loop, handler, idle_s=0.5)
    with Client(listener.address) as client:
        octets = iter(framed(bytes(1000)))

        def drip() -> None:
            if not client.is_closed():
                client.sock.send(bytes([next(octets)]))
                loop.call_later(0.02, drip)

        loop.call_later(0, drip)
        run_until(loop, client.is_closed)
    assert handler.seen == []
    listener.close()


def test_client_that_never_reads_stops_being_read_and_is_closed(loop: Loop) -> None:
    handler = Recorder(lambda wire: bytes(60000))
    listener = listen(loop, handler, idle_s=0.5)
    with Client(listener.address, receive_buffer=4096) as client:
        client.send(*[b"query"] * 2000)
        run_until(loop, lambda: listener.open == 1)
        run_until(loop, lambda: listener.open == 0)
    assert len(handler.seen) * 60000 < 20_000_000, "what the kernel takes, and little more"
    listener.close()


def test_client_that_reads_late_gets_everything(loop: Loop) -> None:
    handler = Recorder(lambda wire: wire + bytes(60000))
    listener = listen(loop, handler)
    wires = [b"%04d" % n for n in range(300)]
    with Client(listener.address, receive_buffer=4096) as client:
        client.send(*wires)
        seen = -1

        def stalled() -> bool:
            nonlocal seen
            before, seen = seen, len(handler.seen)
            return before == seen and seen > 0

        run_until(loop, stalled)
        run_until(loop, lambda: len(client.messages()) == 300)
        assert [wire[:4] for wire in client.messages()] == wires
    assert loop.failures == 0
    listener.close()


def test_unread_answers_that_come_later_are_bounded(loop: Loop) -> None:
    handler = Recorder(silent)
    listener = listen(loop, handler)
    with Client(listener.address, receive_buffer=4096) as client:
        client.send(*[b"query"] * tcp.PENDING_MAX)
        run_until(loop, lambda: len(handler.seen) == tcp.PENDING_MAX)
        for number in range(tcp.PENDING_MAX):
            handler.release(number, bytes(65535))
        run_until(loop, lambda: listener.open == 0)
    listener.close()
