"""DNS over TCP: two octets of length, however the octets arrive (RFC 1035 4.2.2, RFC 7766 8)."""

from __future__ import annotations

import pytest

from dnscore.loop import Loop
from tests.dnscore.answering import Recorder, echo, silent
from tests.dnscore.looping import run_until
from tests.dnscore.tcp_clients import Client, framed, listen


def test_cut_at_every_octet(loop: Loop) -> None:
    handler = Recorder(lambda wire: b"re " + wire)
    listener = listen(loop, handler)
    octets = framed(b"one") + framed(b"second") + framed(b"x")
    for cut in range(1, len(octets)):
        del handler.seen[:]
        with Client(listener.address) as client:
            client.sock.sendall(octets[:cut])
            whole = [b"one", b"second", b"x"][: sum(cut >= end for end in (5, 13, 16))]
            run_until(loop, lambda: handler.wires == whole)  # noqa: B023
            client.sock.sendall(octets[cut:])
            run_until(loop, lambda: len(client.messages()) == 3)
            assert client.messages() == [b"re one", b"re second", b"re x"]
            assert handler.wires == [b"one", b"second", b"x"]
    listener.close()


def test_octet_by_octet(loop: Loop) -> None:
    listener = listen(loop, Recorder(echo))
    with Client(listener.address) as client:
        rest = bytearray(framed(b"abc") + framed(b"defg"))

        def drip() -> None:
            client.sock.send(rest[:1])
            del rest[:1]
            if rest:
                loop.call_later(0.001, drip)

        loop.call_later(0, drip)
        run_until(loop, lambda: client.messages() == [b"abc", b"defg"])
    listener.close()


@pytest.mark.parametrize("size", [1, 2, 255, 256, 4097, 65535])
def test_messages_of_all_sizes(loop: Loop, size: int) -> None:
    listener = listen(loop, Recorder(echo))
    wire = bytes(n & 0xFF for n in range(size))
    with Client(listener.address) as client:
        client.send(wire, b"behind")
        run_until(loop, lambda: client.messages() == [wire, b"behind"])
    listener.close()


def test_empty_and_short_messages_go_to_the_handler_and_the_next_is_answered(loop: Loop) -> None:
    handler = Recorder(lambda wire: wire if len(wire) > 2 else None)
    listener = listen(loop, handler)
    with Client(listener.address) as client:
        client.send(b"", b"\0", b"query")
        run_until(loop, lambda: client.messages() == [b"query"])
    assert handler.wires == [b"", b"\0", b"query"]
    assert listener.received == 3
    listener.close()


def test_client_is_known_by_its_address(loop: Loop) -> None:
    handler = Recorder(silent)
    listener = listen(loop, handler)
    with Client(listener.address) as client:
        client.send(b"query")
        run_until(loop, lambda: handler.seen)
        _, peer, via = handler.seen[0]
        assert via.source(peer) == client.sock.getsockname()[:2]
        assert via.stream
    listener.close()
