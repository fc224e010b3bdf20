"""An attacker who answers before the server does: each thing he may not know makes him fail.

RFC 5452 9.1: the source address and port, the destination port, the ID and the question; beside
these the letter case of the question. The kernel picks the port, so what is sent there from
elsewhere is never read.
"""

from __future__ import annotations

import itertools
import socket
from collections.abc import Callable

import pytest

from dnsmasq_front.fresh import MISMATCHES_MAX
from tests.dnsmasq_front.attack import Scene, scene, send_stream
from tests.dnsmasq_front.messages import query_wire, response_wire
from tests.ports import HOST

NAME = "www.example-of-a-long-name.test."
RECORD = f"{NAME} 30 IN A 10.0.0.1"
EVIL = f"{NAME} 30 IN A 6.6.6.6"

Forge = Callable[[bytes], bytes]


def other_id(query: bytes) -> bytes:
    return bytes((query[0] ^ 0x55, query[1])) + response_wire(query, EVIL)[2:]


def other_name(query: bytes) -> bytes:
    return query[:2] + response_wire(query_wire("evil.test. A"), "evil.test. 30 IN A 6.6.6.6")[2:]


def other_type(query: bytes) -> bytes:
    return query[:2] + response_wire(query_wire(f"{NAME} MX"), "")[2:]


def no_question(query: bytes) -> bytes:
    answer = response_wire(query, EVIL)
    end = 12 + len(query[12:].split(b"\0")[0]) + 5
    return answer[:4] + b"\0\0" + answer[6:12] + answer[end:]


def a_query(query: bytes) -> bytes:
    return query


FORGERIES = [other_id, other_name, other_type, no_question, a_query]


def answered_after(stage: Scene, attack: Callable[[bytes, tuple[str, int]], None]) -> list[str]:
    """What the client gets when the server answers after the attack; it must be cached so too."""
    client = stage.ask(f"{NAME} A")
    query, peer = stage.received()
    attack(query, peer)
    stage.settle()
    assert not client.answered
    stage.udp.sendto(response_wire(query, RECORD), peer)
    stage.until(lambda: client.answered)
    return client.reply.data


@pytest.mark.parametrize("forge", FORGERIES)
def test_forgery_in_the_servers_name_is_dropped_and_the_wait_goes_on(forge: Forge) -> None:
    with scene() as stage:

        def attack(query: bytes, peer: tuple[str, int]) -> None:
            for _ in range(MISMATCHES_MAX - 1):
                stage.udp.sendto(forge(query), peer)

        assert answered_after(stage, attack) == ["10.0.0.1"]
        assert stage.sockets.mismatches == MISMATCHES_MAX - 1


@pytest.mark.parametrize("source", [HOST, "127.0.0.66"], ids=["wrong port", "wrong address"])
def test_right_answer_from_elsewhere_is_never_read(source: str) -> None:
    with scene() as stage, socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as attacker:
        port = stage.udp.getsockname()[1]
        attacker.bind((source, 0 if source == HOST else port))

        def attack(query: bytes, peer: tuple[str, int]) -> None:
            attacker.sendto(response_wire(query, EVIL), peer)

        assert answered_after(stage, attack) == ["10.0.0.1"]
        assert stage.sockets.mismatches == 0


def test_answer_to_the_port_of_another_question_is_dropped() -> None:
    with scene() as stage:
        first = stage.ask(f"{NAME} A")
        query, _ = stage.received()
        second = stage.ask("other.test. A")
        _, other_peer = stage.received()
        stage.udp.sendto(response_wire(query, EVIL), other_peer)
        stage.settle()
        assert not first.answered
        assert not second.answered
        assert stage.sockets.mismatches == 1


@pytest.mark.parametrize("forge", FORGERIES)
def test_flood_of_forgeries_makes_us_ask_over_tcp(forge: Forge) -> None:
    with scene() as stage:
        client = stage.ask(f"{NAME} A")
        query, peer = stage.received()
        for _ in range(MISMATCHES_MAX):
            stage.udp.sendto(forge(query), peer)
        stage.until(lambda: stage.forwarder.forgeries == 1)
        stage.udp.sendto(response_wire(query, EVIL), peer)  # He has guessed it, but too late.
        again, connection = stage.received_stream()
        assert again[12:].lower() == query[12:].lower()
        assert not client.answered
        send_stream(connection, response_wire(again, RECORD))
        stage.until(lambda: client.answered)
        assert client.reply.data == ["10.0.0.1"]


def test_ports_and_ids_cannot_be_foretold() -> None:
    with scene() as stage:
        seen = []
        for i in range(64):
            stage.ask(f"q{i}.test. A")
            seen.append(stage.received())
        ports = [peer[1] for _, peer in seen]
        assert len(set(ports)) == 64
        assert ports != sorted(ports)
        assert len({query[:2] for query, _ in seen}) >= 62
        steps = {(b - a) % 65536 for a, b in itertools.pairwise(ports)}
        assert len(steps) > 32


def test_one_question_is_outstanding_once_however_many_clients_ask_it() -> None:
    with scene() as stage:
        clients = [stage.ask(f"{name} A") for name in [NAME, NAME.upper()] * 20]
        query, peer = stage.received()
        stage.udp.sendto(response_wire(query, RECORD), peer)
        stage.until(lambda: all(client.answered for client in clients))
        stage.udp.settimeout(0)
        with pytest.raises(BlockingIOError):
            stage.received()
