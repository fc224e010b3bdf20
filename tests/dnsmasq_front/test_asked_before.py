"""Packets that are the same but for their ID are read once; each client gets its own ID back."""

from __future__ import annotations

from dnsmasq_front.asked import AskedBefore
from dnsmasq_front.routes import Routes, parse_server
from tests.dnsmasq_front.messages import query_wire
from tests.dnsmasq_front.pure import PureFront


def test_same_packet_is_read_once() -> None:
    before = AskedBefore()
    first = before.read(query_wire("a.test. A", id_=1))
    assert before.read(query_wire("a.test. A", id_=2)) is first
    assert before.read(query_wire("A.test. A", id_=2)) is not first
    assert before.read(query_wire("a.test. A", id_=2, edns=1232)) is not first
    assert before.read(query_wire("a.test. AAAA", id_=2)) is not first


def test_bounded_in_number() -> None:
    before = AskedBefore(entries_max=10)
    for number in range(100):
        before.read(query_wire(f"n{number}.test. A"))
        assert len(before) <= 10


def test_long_packets_do_not_fill_the_memory() -> None:
    """A pod sent the same question behind ever new options of 65 kB: 130 kB were kept of each."""
    before = AskedBefore()
    question = query_wire("a.test. A")
    for number in range(20):
        option = number.to_bytes(4, "big") + bytes(60_000)
        opt = b"\0\0\x29\x04\xd0\0\0\0\0" + (len(option) + 4).to_bytes(2, "big")
        body = b"\xfd\xe9" + len(option).to_bytes(2, "big") + option
        wire = question[:10] + b"\0\1" + question[12:] + opt + body
        asked = before.read(wire)
        assert asked.query.edns
        assert len(asked.query.wire) == len(question)
    assert len(before) == 0


def test_long_packet_is_answered() -> None:
    front = PureFront("--server=8.8.8.8", "--cache-size=100")
    opt = b"\0\0\x29\x04\xd0\0\0\0\0\x03\xec" + b"\xfd\xe9\x03\xe8" + bytes(1000)
    question = query_wire("a.test. A")
    wire = question[:10] + b"\0\1" + question[12:] + opt
    first = front.ask_wire(wire)
    front.answer("a.test. 30 IN A 10.0.0.1")
    second = front.ask_wire(wire)
    for client in (first, second):
        assert client.reply.answers == ["a.test. 30 IN A 10.0.0.1"]


def test_new_table_of_routes_is_seen() -> None:
    front = PureFront("--server=8.8.8.8", "--cache-size=0")
    old = Routes.of([parse_server("/test/10.0.0.1")], [])
    new = Routes.of([parse_server("/test/10.0.0.2")], [])
    for table in (old, old, new, old):
        front.forwarder.use_routes(table, now=front.now)
        front.ask("a.test. A")
        (route,) = table.all
        assert front.sent[-1].server == route.servers[0]
        front.answer("a.test. 30 IN A 10.0.0.1")


def test_new_names_of_our_own_are_seen() -> None:
    front = PureFront("--server=8.8.8.8", "--cache-size=0")
    known = PureFront("--host-record=a.test,10.0.0.9").local.names
    before = front.local.names
    for names, address in ((before, "10.0.0.1"), (known, "10.0.0.9"), (before, "10.0.0.1")):
        front.local.names = names
        client = front.ask("a.test. A")
        assert client.answered == (names is known)
        if not client.answered:
            front.answer("a.test. 30 IN A 10.0.0.1")
        assert client.reply.answers[0].endswith(address)


def test_every_answer_has_the_id_of_its_query() -> None:
    front = PureFront("--server=8.8.8.8", "--local=/here.test/", "--cache-size=0")
    for question, edns in (
        ("a.test. A", None),
        ("a.test. A", 1232),
        ("x.here.test. A", 1232),
        ("hits.bind. TXT", None),
        ("a.test. AXFR", None),
    ):
        for id_ in (1, 2, 0xFFFF):
            client = front.ask_wire(query_wire(question, id_=id_, edns=edns))
            if not client.answered:
                front.answer("a.test. 30 IN A 10.0.0.1\na.test. 30 IN A 10.0.0.2")
            assert client.reply.wire[:2] == id_.to_bytes(2, "big"), question


def test_clients_that_wait_together_get_their_ids() -> None:
    front = PureFront("--server=8.8.8.8")
    clients = [front.ask_wire(query_wire("a.test. A", id_=id_)) for id_ in range(5)]
    front.answer("a.test. 30 IN A 10.0.0.1")
    assert [client.reply.wire[:2] for client in clients] == [bytes((0, n)) for n in range(5)]


def test_servfail_at_the_end_has_the_id_of_its_query() -> None:
    front = PureFront("--server=8.8.8.8")
    clients = [front.ask_wire(query_wire("a.test. A", id_=id_)) for id_ in (7, 8)]
    front.advance(6)
    assert [client.reply.wire[:2] for client in clients] == [b"\0\7", b"\0\x08"]
