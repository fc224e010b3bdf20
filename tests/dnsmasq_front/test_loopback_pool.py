"""Towards servers on this machine: a few sockets that stay, questions told apart by their IDs."""

from __future__ import annotations

import itertools
import os

from dnscore.net.address import Address
from dnsmasq_front.transport import POOL_SIZE
from tests.dnsmasq_front.sockets import rig
from tests.fakes.dns_server import DnsServer, Silence


def zone(count: int) -> str:
    return "\n".join(f"n{i}.test. 30 IN A 10.0.0.{i}" for i in range(count))


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
        before = len(os.listdir("/proc/self/fd"))
        with DnsServer(zone(1), port=address.port):
            for _ in range(2 * POOL_SIZE):
                rim.send(address, "n0.test. A")
            rim.until(lambda: len(rim.replies) == 1 + 2 * POOL_SIZE)
        assert len(os.listdir("/proc/self/fd")) == before


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
