"""Towards servers on this machine: a few sockets that stay, questions told apart by their IDs."""

from __future__ import annotations

import itertools
from pathlib import Path

from dnscore.net.address import Address
from dnsmasq_front.transport import POOL_SIZE
from tests.dnsmasq_front.sockets import rig
from tests.fakes.dns_server import DnsServer, Silence


def zone(count: int) -> str:
    return "\n".join(f"n{i}.test. 30 IN A 10.0.0.{i}" for i in range(count))


def connected_to(server: Address) -> int:
    """How many UDP sockets of this network are connected to an IPv4 server (proc(5), net/udp)."""
    remote = f":{server.port:04X}"
    rows = Path("/proc/self/net/udp").read_text().splitlines()[1:]
    return sum(row.split()[2].endswith(remote) for row in rows)


def test_many_questions_share_the_pool_and_each_gets_its_own_answer() -> None:
    with DnsServer(zone(200)) as server, rig() as rim:
        address = Address(server.host, server.port)
        for i in range(200):
            rim.send(address, f"n{i}.test. A")
        rim.until(lambda: len(rim.replies) == 200)
        assert len({query.peer_port for query in server.queries}) == POOL_SIZE
        for pending, wire in rim.replies:
            assert wire[12 : 12 + len(pending.question)] == pending.question


def test_ids_that_are_waiting_are_not_given_again() -> None:
    ids = itertools.chain([b"\0\1"] * (3 * POOL_SIZE), (bytes((1, i)) for i in range(256)))
    with DnsServer() as server, rig(lambda: next(ids)) as rim:
        server.on_all(Silence())
        address = Address(server.host, server.port)
        for i in range(2 * POOL_SIZE):
            rim.send(address, f"n{i}.test. A")
        rim.until(lambda: len(server.queries) == 2 * POOL_SIZE)
        seen = [(query.peer_port, query.wire[:2]) for query in server.queries]
        assert len(set(seen)) == len(seen)


def test_restarted_server_is_asked_over_the_same_sockets() -> None:
    with rig() as rim:
        with DnsServer(zone(1)) as server:
            address = Address(server.host, server.port)
            rim.send(address, "n0.test. A")
            rim.until(lambda: len(rim.replies) == 1)
        for _ in range(POOL_SIZE):
            rim.send(address, "n0.test. A")
        rim.until(lambda: len(rim.lost) == POOL_SIZE)
        before = connected_to(address)
        with DnsServer(zone(1), port=address.port):
            for _ in range(2 * POOL_SIZE):
                rim.send(address, "n0.test. A")
            rim.until(lambda: len(rim.replies) == 1 + 2 * POOL_SIZE)
        assert connected_to(address) == before


def test_closed_port_fails_all_that_wait_there() -> None:
    with DnsServer() as server, rig() as rim:
        server.on_all(Silence())
        address = Address(server.host, server.port)
        for i in range(3 * POOL_SIZE):
            rim.send(address, f"n{i}.test. A")
        rim.until(lambda: len(server.queries) == 3 * POOL_SIZE)
        server.stop()
        for i in range(POOL_SIZE):
            rim.send(address, f"m{i}.test. A")
        rim.until(lambda: len(rim.lost) == 4 * POOL_SIZE)


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
        assert connected_to(address) == before - POOL_SIZE
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
        assert connected_to(address) == before - POOL_SIZE
