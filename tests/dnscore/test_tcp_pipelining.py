"""Several queries on one connection are answered as their answers are ready (RFC 7766 6.2.1.1)."""

from __future__ import annotations

from dnscore.loop import Loop
from dnscore.net.tcp import PENDING_MAX, QUERIES_PER_TURN
from tests.dnscore.answering import Recorder, echo, silent
from tests.dnscore.looping import run_for, run_until
from tests.dnscore.tcp_clients import Client, listen


def test_answers_out_of_order(loop: Loop) -> None:
    handler = Recorder(lambda wire: wire if wire == b"fast" else None)
    listener = listen(loop, handler)
    with Client(listener.address) as client:
        client.send(b"slow", b"fast", b"slower")
        run_until(loop, lambda: client.messages() == [b"fast"])
        handler.release(2, b"slower")
        handler.release(0, b"slow")
        run_until(loop, lambda: client.messages() == [b"fast", b"slower", b"slow"])
    listener.close()


def test_handler_may_answer_from_within(loop: Loop) -> None:
    handler = Recorder(silent)
    listener = listen(loop, handler)

    def answer(wire: bytes) -> None:
        handler.release(len(handler.seen) - 1, b"re " + wire)

    handler._answer = answer
    with Client(listener.address) as client:
        client.send(b"a", b"b")
        run_until(loop, lambda: client.messages() == [b"re a", b"re b"])
    listener.close()


def test_too_many_unanswered_queries_wait_and_are_all_answered_in_the_end(loop: Loop) -> None:
    handler = Recorder(silent)
    listener = listen(loop, handler)
    wires = [b"%d" % n for n in range(PENDING_MAX * 2 + 10)]
    with Client(listener.address) as client:
        client.send(*wires)
        run_until(loop, lambda: len(handler.seen) == PENDING_MAX)
        run_for(loop, 0.02)
        assert len(handler.seen) == PENDING_MAX, "no more until one is answered"
        handler.release(5, wires[5])
        run_until(loop, lambda: len(handler.seen) == PENDING_MAX + 1)
        for number in range(len(wires)):
            if number != 5:
                run_until(loop, lambda n=number: len(handler.seen) > n)  # type: ignore[misc]
                handler.release(number, wires[number])
        run_until(loop, lambda: len(client.messages()) == len(wires))
        assert sorted(client.messages()) == sorted(wires)
    listener.close()


def test_queries_that_never_get_an_answer_give_their_places_back(loop: Loop) -> None:
    handler = Recorder(silent)
    listener = listen(loop, handler, unanswered_s=0.1)
    with Client(listener.address) as client:
        client.send(*[b"lost"] * PENDING_MAX, b"next")
        run_until(loop, lambda: len(handler.seen) == PENDING_MAX)
        run_until(loop, lambda: handler.wires[-1] == b"next")
        handler.release(0, b"late")
        handler.release(PENDING_MAX, b"answer")
        run_until(loop, lambda: client.messages() == [b"late", b"answer"])
        assert next(iter(listener.places.taken.values())).pending == 0
    listener.close()


def test_an_answered_query_is_not_counted_twice(loop: Loop) -> None:
    handler = Recorder(silent)
    listener = listen(loop, handler)
    with Client(listener.address) as client:
        client.send(b"a", b"b")
        run_until(loop, lambda: len(handler.seen) == 2)
        handler.release(0, b"a")
        handler.release(0, b"again")
        assert next(iter(listener.places.taken.values())).pending == 1
    listener.close()


def test_one_client_with_many_queries_does_not_disturb_another(loop: Loop) -> None:
    listener = listen(loop, Recorder(echo))
    with Client(listener.address) as busy, Client(listener.address) as other:
        busy.send(*[b"q%d" % n for n in range(2000)])
        other.send(b"other")
        run_until(loop, lambda: other.messages() == [b"other"])
        run_until(loop, lambda: len(busy.messages()) == 2000)
        assert busy.messages() == [b"q%d" % n for n in range(2000)]
    listener.close()


def test_burst_of_one_client_is_answered_in_parts_with_others_between(loop: Loop) -> None:
    order: list[bytes] = []

    def answer(wire: bytes) -> bytes:
        order.append(wire[:1])
        return wire

    listener = listen(loop, Recorder(answer))
    with Client(listener.address) as busy, Client(listener.address) as other:
        run_until(loop, lambda: listener.open == 2)
        busy.send(*[b"busy"] * (10 * QUERIES_PER_TURN))
        other.send(b"other")
        run_until(loop, lambda: len(busy.messages()) == 10 * QUERIES_PER_TURN)
        assert other.messages() == [b"other"]
    assert order.index(b"o") <= 2 * QUERIES_PER_TURN
    listener.close()


def test_answer_of_a_query_does_not_meet_the_failure_of_the_next(loop: Loop) -> None:
    def answer(wire: bytes) -> None:
        if wire == b"bad":
            raise RuntimeError("bug")

    handler = Recorder(answer)
    listener = listen(loop, handler)
    with Client(listener.address) as client:
        client.send(*[b"slow"] * PENDING_MAX, b"bad")
        run_until(loop, lambda: len(handler.seen) == PENDING_MAX)
        handler.release(0, b"answer")  # raises nothing
        run_until(loop, lambda: loop.failures == 1)
    listener.close()
