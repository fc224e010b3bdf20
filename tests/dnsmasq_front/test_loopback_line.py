"""Towards a server on this machine: one socket that stays, questions told apart by their IDs."""

from __future__ import annotations

import itertools
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from dnscore.net.address import Address
from tests.dnsmasq_front.messages import query_wire, response_wire
from tests.dnsmasq_front.sockets import Rig, rig
from tests.fakes.dns_server import DnsServer, Silence


def zone(count: int) -> str:
    return "\n".join(f"n{i}.test. 30 IN A 10.0.0.{i}" for i in range(count))


def connected_to(server: Address) -> int:
    """How many UDP sockets of this network are connected to an IPv4 server (proc(5), net/udp)."""
    remote = f":{server.port:04X}"
    rows = Path("/proc/self/net/udp").read_text().splitlines()[1:]
    return sum(row.split()[2].endswith(remote) for row in rows)


def test_many_questions_share_a_socket_and_each_gets_its_own_answer() -> None:
    with DnsServer(zone(200)) as server, rig() as rim:
        address = Address(server.host, server.port)
        for i in range(200):
            rim.send(address, f"n{i}.test. A")
        rim.until(lambda: len(rim.replies) == 200)
        assert len({query.peer_port for query in server.queries}) == 1
        for attempt, wire in rim.replies:
            assert wire[12 : 12 + len(attempt.question)] == attempt.question


def test_ids_that_are_waiting_are_not_given_again() -> None:
    ids = itertools.chain([b"\0\1"] * (3), (bytes((1, i)) for i in range(256)))
    with DnsServer() as server, rig(lambda: next(ids)) as rim:
        server.on_all(Silence())
        address = Address(server.host, server.port)
        for i in range(2):
            rim.send(address, f"n{i}.test. A")
        rim.until(lambda: len(server.queries) == 2)
        seen = [(query.peer_port, query.wire[:2]) for query in server.queries]
        assert len(set(seen)) == len(seen)


def test_restarted_server_is_asked_over_the_same_socket() -> None:
    with rig() as rim:
        with DnsServer(zone(1)) as server:
            address = Address(server.host, server.port)
            rim.send(address, "n0.test. A")
            rim.until(lambda: len(rim.replies) == 1)
        rim.send(address, "n0.test. A")
        rim.until(lambda: len(rim.lost) == 1)
        before = connected_to(address)
        with DnsServer(zone(1), port=address.port):
            for _ in range(2):
                rim.send(address, "n0.test. A")
            rim.until(lambda: len(rim.replies) == 3)
        assert connected_to(address) == before


def test_closed_port_fails_all_that_wait_there() -> None:
    with DnsServer() as server, rig() as rim:
        server.on_all(Silence())
        address = Address(server.host, server.port)
        for i in range(3):
            rim.send(address, f"n{i}.test. A")
        rim.until(lambda: len(server.queries) == 3)
        server.stop()
        rim.send(address, "m.test. A")
        rim.until(lambda: len(rim.lost) == 4)


def test_ipv6_loopback() -> None:
    with DnsServer(zone(1), host="::1") as server, rig() as rim:
        rim.send(Address(server.host, server.port), "n0.test. A")
        rim.until(lambda: len(rim.replies) == 1)


def test_socket_of_a_server_that_is_not_used_any_more_is_closed() -> None:
    with DnsServer(zone(2)) as server, rig() as rim:
        address = Address(server.host, server.port)
        rim.send(address, "n0.test. A")
        rim.until(lambda: len(rim.replies) == 1)
        before = connected_to(address)
        rim.sockets.keep_only([address])
        assert connected_to(address) == before
        rim.sockets.keep_only([])
        assert connected_to(address) == before - 1
        rim.send(address, "n1.test. A")
        rim.until(lambda: len(rim.replies) == 2)


def test_question_that_waits_there_is_answered_first() -> None:
    with DnsServer(zone(1)) as server, rig() as rim:
        server.on("n0.test.", Silence(), times=1)
        address = Address(server.host, server.port)
        lost = rim.send(address, "n0.test. A")
        rim.send(address, "n0.test. A")
        before = connected_to(address)
        rim.sockets.keep_only([])
        rim.until(lambda: len(rim.replies) == 1)
        assert connected_to(address) == before
        rim.sockets.cancel(lost)
        assert connected_to(address) == before - 1


@contextmanager
def asked() -> Iterator[tuple[Rig, socket.socket, bytes, tuple[str, int]]]:
    """A rig that asks for a.test, the server's socket, the query that came to it and from where."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as server, rig() as rim:
        server.bind(("127.0.0.1", 0))
        server.settimeout(10)
        rim.send(Address(*server.getsockname()), "a.test. A")
        yield rim, server, *server.recvfrom(4096)


def test_datagram_that_answers_another_question_is_a_mismatch() -> None:
    with asked() as (rim, server, query, peer):
        server.sendto(query[:2] + query_wire("b.test. A")[2:], peer)
        server.sendto(query, peer)
        rim.until(lambda: rim.sockets.mismatches == 2)
        server.sendto(response_wire(query, "A.test. 30 IN A 10.0.0.1"), peer)
        rim.until(lambda: rim.replies)
        assert not rim.lost


def test_query_that_carries_an_answer_does_not_end_the_question() -> None:
    """The server counted as one whose answers cannot be read, and the next was asked."""
    with asked() as (rim, server, query, peer):
        answer = response_wire(query, "a.test. 30 IN A 10.0.0.1")
        server.sendto(answer[:2] + bytes((answer[2] & 0x7F,)) + answer[3:], peer)
        rim.until(lambda: rim.sockets.mismatches == 1)
        assert not rim.replies
        server.sendto(answer, peer)
        rim.until(lambda: rim.replies)


def test_giving_up_leaves_the_next_question_under_the_same_id_alone() -> None:
    with DnsServer(zone(1)) as server, rig(lambda: b"\0\1") as rim:
        server.on("lost.test.", Silence())
        address = Address(server.host, server.port)
        lost = rim.send(address, "lost.test. A")
        rim.sockets.cancel(lost)
        rim.send(address, "n0.test. A")
        rim.sockets.cancel(lost)
        rim.until(lambda: len(rim.replies) == 1)
