"""The letter case of a question is a secret between us and a server off this machine (0x20)."""

from __future__ import annotations

import os

from hypothesis import given
from hypothesis import strategies as st

from dnscore.wire.query import parse_query
from dnscore.wire.scan import plain_start
from dnsmasq_front.servers import CASE_MISSES_MAX, Server
from dnsmasq_front.spelling import Spelling, repeats
from tests.dnsmasq_front.attack import Scene, scene, send_stream
from tests.dnsmasq_front.messages import query_wire, response_wire
from tests.dnsmasq_front.pure import Client, PureFront

NAME = "www.example-of-a-long-name.test."
RECORD = f"{NAME} 30 IN A 10.0.0.1"
EVIL = f"{NAME} 30 IN A 6.6.6.6"


def spelled(query: bytes) -> bytes:
    """The name as it was sent, with its length octets."""
    return query[12 : query.index(0, 12)]


def folding(query: bytes, records: str) -> bytes:
    """The answer of a server that writes every name in small letters."""
    end = query.index(0, 12)
    return response_wire(query[:12] + query[12:end].lower() + query[end:], records)


def server_of(stage: Scene) -> Server:
    (group,) = stage.forwarder.groups.values()
    return group.servers[0]


def test_case_is_drawn_anew_for_each_question() -> None:
    with scene() as stage:
        seen = set()
        for rtype in ("A", "AAAA", "MX", "TXT", "SRV", "NS"):
            stage.ask(f"{NAME} {rtype}")
            seen.add(spelled(stage.received()[0]))
        assert len(seen) == 6
        assert {text.lower() for text in seen} == {b"\3www\x16example-of-a-long-name\4test"}


def test_client_gets_its_own_case_back() -> None:
    with scene() as stage:
        upper, mixed = stage.ask(f"{NAME.upper()} A"), stage.ask(f"{NAME.title()} A")
        query, peer = stage.received()
        stage.udp.sendto(response_wire(query, RECORD), peer)
        stage.until(lambda: upper.answered and mixed.answered)
        assert str(upper.reply.message.question[0].name) == NAME.upper()
        assert str(mixed.reply.message.question[0].name) == NAME.title()


def test_forgery_in_other_case_makes_us_ask_over_tcp() -> None:
    with scene() as stage:
        client = stage.ask(f"{NAME} A")
        query, peer = stage.received()
        stage.udp.sendto(folding(query, EVIL), peer)
        again, connection = stage.received_stream()
        assert not client.answered
        send_stream(connection, response_wire(again, RECORD))
        stage.until(lambda: client.answered)
        assert client.reply.data == ["10.0.0.1"]
        assert not server_of(stage).folds_case


def test_server_that_folds_case_over_tcp_too_is_remembered() -> None:
    with scene() as stage:
        client = stage.ask(f"{NAME} A")
        query, peer = stage.received()
        stage.udp.sendto(folding(query, RECORD), peer)
        again, connection = stage.received_stream()
        send_stream(connection, folding(again, RECORD))
        stage.until(lambda: client.answered)
        assert client.reply.data == ["10.0.0.1"]
        assert server_of(stage).folds_case
        assert resolved_over_udp(stage, "next.test.").reply.data == ["10.0.0.2"]


def test_server_that_folds_case_and_has_no_tcp_is_remembered_after_some_misses() -> None:
    with scene() as stage:
        stage.tcp.close()
        for i in range(CASE_MISSES_MAX):
            client = stage.ask(f"quite-long-{i}.test. A")
            query, peer = stage.received()
            assert spelled(query) != spelled(query).lower()
            stage.udp.sendto(folding(query, ""), peer)
            stage.until(client.responses.__len__)
            assert client.reply.rcode == "SERVFAIL"
        assert resolved_over_udp(stage, "next.test.").reply.data == ["10.0.0.2"]


def resolved_over_udp(stage: Scene, name: str) -> Client:
    """Ask for a name of a server that folds case."""
    client = stage.ask(f"{name} A")
    query, peer = stage.received()
    stage.udp.sendto(folding(query, f"{name} 30 IN A 10.0.0.2"), peer)
    stage.until(lambda: client.answered)
    return client


def test_servers_on_this_machine_are_asked_in_the_clients_case() -> None:
    front = PureFront("--server=127.0.0.1#10053", random_bytes=os.urandom)
    front.ask("MiXed.TEST. A")
    assert b"\5MiXed\4TEST\0" in front.sent[0].query


LABELS = st.lists(st.binary(min_size=1, max_size=63), max_size=3)


@given(LABELS)
def test_only_letters_change_and_nothing_but_their_case(labels: list[bytes]) -> None:
    name = b"".join(bytes((len(label),)) + label for label in labels) + b"\0"
    question = name + b"\0A\0a"
    start = b"\0\1" + question + b"\xc0\x0c"
    drawn, _, drawn_start = Spelling(bytes(10) + question, question, start).draw(os.urandom)
    assert drawn_start == b"\0\1" + drawn + b"\xc0\x0c"
    assert drawn.lower()[:-4] == question.lower()[:-4]
    assert drawn[-4:] == question[-4:]
    for before, after in zip(name, drawn, strict=False):
        assert before == after or (chr(before).isalpha() and before < 128)


def test_every_letter_may_change() -> None:
    question = b"\4azAZ\0\0\1\0\1"
    spelling = Spelling(bytes(10) + question, question, plain_start(question))
    assert spelling.draw(lambda count: b"\xff" * count)[0] == b"\4AZaz\0\0\1\0\1"
    assert spelling.draw(bytes)[0] == question


def test_question_is_replaced_in_its_place() -> None:
    query = query_wire("a.test. A", edns=1232)[2:]
    original = parse_query(b"\0\0" + query).question
    spelling = Spelling(query, original, plain_start(original))
    question, changed, start = spelling.draw(lambda count: b"\xff" * count)
    assert question == b"\1A\4TEST\0\0\1\0\1"
    assert changed.lower() == query.lower()
    assert repeats(b"\0\0" + changed, question)
    assert start == plain_start(question)
    assert not repeats(b"\0\0" + query, question)
