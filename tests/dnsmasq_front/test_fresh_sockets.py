"""Towards servers off this machine: a socket for each question, and only its answer is taken."""

from __future__ import annotations

import socket
from pathlib import Path

import pytest

from dnscore.net.address import Address
from dnsmasq_front.app import random_ids
from tests.dnsmasq_front.messages import query_wire, response_wire
from tests.dnsmasq_front.sockets import Elsewhere, rig
from tests.fakes.dns_server import DnsServer, Raw, Silence

RECORD = "a.test. 30 IN A 10.0.0.1"


def test_every_question_has_a_port_and_an_id_of_its_own() -> None:
    with DnsServer(RECORD) as server, rig(random_ids()) as rim:
        for _ in range(50):
            rim.send(Elsewhere(server.host, server.port), "a.test. A")
        rim.until(lambda: len(rim.replies) == 50)
        ports = [query.peer_port for query in server.queries]
        assert len(set(ports)) == 50
        assert ports != sorted(ports)
        assert len({query.wire[:2] for query in server.queries}) >= 48


def connected_to(port: int) -> int:
    """How many UDP sockets of this machine are connected to a port, as the kernel counts."""
    lines = Path("/proc/net/udp").read_text().splitlines()[1:]
    return sum(line.split()[2].endswith(f":{port:04X}") for line in lines)


def test_sockets_are_given_back() -> None:
    with DnsServer(RECORD) as server, rig() as rim:
        server.on("a.test.", Silence(), times=10)
        attempts = [rim.send(Elsewhere(server.host, server.port), "a.test. A") for _ in range(20)]
        assert connected_to(server.port) == 20
        rim.until(lambda: len(rim.replies) == 10)
        assert connected_to(server.port) == 10
        for attempt in attempts:
            rim.sockets.cancel(attempt)
        assert connected_to(server.port) == 0


@pytest.mark.parametrize(
    "forge",
    [
        lambda query: bytes((query[0] ^ 1,)) + response_wire(query, RECORD)[1:],
        lambda query: response_wire(query_wire("b.test. A", id_=int.from_bytes(query[:2], "big"))),
        lambda query: response_wire(query_wire("a.test. MX", id_=int.from_bytes(query[:2], "big"))),
        lambda query: query,
        lambda query: query[:2] + b"\x80\0" + bytes(8),
        lambda query: query[:5],
        lambda query: b"",
    ],
    ids=["id", "name", "type", "no response", "no question", "cut", "empty"],
)
@pytest.mark.parametrize("kind", [Elsewhere, Address], ids=["far", "near"])
def test_forged_answer_is_dropped_and_the_wait_goes_on(kind: type[Address], forge: object) -> None:
    assert callable(forge)
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as server, rig() as rim:
        server.bind(("127.0.0.1", 0))
        server.settimeout(10)
        rim.send(kind(*server.getsockname()), "a.test. A")
        query, peer = server.recvfrom(4096)
        for _ in range(3):
            server.sendto(forge(query), peer)
        server.sendto(response_wire(query, RECORD), peer)
        rim.until(lambda: rim.replies or rim.lost)
        assert not rim.lost
        assert [wire for _, wire in rim.replies] == [response_wire(query, RECORD)]


def test_forged_answers_are_counted() -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as server, rig() as rim:
        server.bind(("127.0.0.1", 0))
        server.settimeout(10)
        attempt = rim.send(Elsewhere(*server.getsockname()), "a.test. A")
        query, peer = server.recvfrom(4096)
        for _ in range(5):
            server.sendto(query, peer)
        rim.until(lambda: rim.sockets.mismatches == 5)
        rim.sockets.cancel(attempt)


@pytest.mark.parametrize("kind", [Elsewhere, Address], ids=["far", "near"])
def test_answer_from_another_address_is_never_seen(kind: type[Address]) -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as server, rig() as rim:
        server.bind(("127.0.0.1", 0))
        server.settimeout(10)
        rim.send(kind(*server.getsockname()), "a.test. A")
        query, peer = server.recvfrom(4096)
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as forger:
            forger.sendto(response_wire(query, "a.test. 30 IN A 6.6.6.6"), peer)
        server.sendto(response_wire(query, RECORD), peer)
        rim.until(lambda: rim.replies)
        assert [wire for _, wire in rim.replies] == [response_wire(query, RECORD)]


@pytest.mark.parametrize("stream", [False, True], ids=["udp", "tcp"])
@pytest.mark.parametrize("kind", [Elsewhere, Address], ids=["far", "near"])
def test_closed_port_is_known_at_once(kind: type[Address], stream: bool) -> None:
    with DnsServer() as server:
        closed = kind(server.host, server.port)
    with rig() as rim:
        start = rim.loop.now()
        rim.send(closed, "a.test. A", stream=stream)
        rim.until(lambda: rim.lost)
        assert rim.loop.now() - start < 1.0


def test_tcp_answer_to_another_question_is_no_answer() -> None:
    with DnsServer() as server, rig() as rim:
        server.on("a.test.", Raw(response_wire(query_wire("b.test. A"))))
        rim.send(Elsewhere(server.host, server.port), "a.test. A", stream=True)
        rim.until(lambda: rim.lost)
        assert not rim.replies


def test_answer_after_cancelling_is_not_delivered() -> None:
    with DnsServer(RECORD) as server, rig() as rim:
        server.on("lost.test.", Silence())
        for kind in (Elsewhere, Address):
            attempt = rim.send(kind(server.host, server.port), "a.test. A")
            rim.sockets.cancel(attempt)
            rim.sockets.cancel(attempt)
        rim.send(Address(server.host, server.port), "c.test. A")
        rim.until(lambda: rim.replies)
        assert [p.question[:2] for p, _ in rim.replies] == [b"\1c"]
