"""A socket that has served one question serves later ones, on another port and as clean as new."""

from __future__ import annotations

import socket
from collections.abc import Sized

import pytest

from dnsmasq_front.app import random_ids
from dnsmasq_front.fresh import RESTING_MAX
from tests.dnsmasq_front.messages import response_wire
from tests.dnsmasq_front.sockets import Elsewhere, Rig, rig
from tests.fakes.dns_server import DnsServer

RECORD = "a.test. 30 IN A 10.0.0.1"


def open_sockets(rim: Rig) -> int:
    return len(rim.sockets.fresh_sockets)


def until_count(rim: Rig, what: Sized, count: int) -> None:
    rim.until(lambda: len(what) == count)


def same_id() -> bytes:
    return b"\x12\x34"


@pytest.mark.parametrize("host", ["127.0.0.1", "::1"])
def test_one_socket_serves_question_after_question_each_on_its_own_port(host: str) -> None:
    with DnsServer(RECORD, host=host) as server, rig(random_ids()) as rim:
        for count in range(1, 21):
            rim.send(Elsewhere(server.host, server.port), "a.test. A")
            until_count(rim, rim.replies, count)
        assert len({query.peer_port for query in server.queries}) >= 15
        assert open_sockets(rim) <= 4


def test_what_came_late_for_one_question_is_no_answer_to_the_next() -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as server, rig(same_id) as rim:
        server.bind(("127.0.0.1", 0))
        server.settimeout(10)
        for turn in range(30):
            rim.send(Elsewhere(*server.getsockname()), "a.test. A")
            query, peer = server.recvfrom(4096)
            # The ID is always the same, so nothing but the port tells the second and the third
            # from an answer to the next question.
            for _ in range(3):
                server.sendto(response_wire(query, f"a.test. 30 IN A 10.0.0.{turn}"), peer)
            until_count(rim, rim.replies, turn + 1)
        expected = [response_wire(query, f"a.test. 30 IN A 10.0.0.{n}") for n in range(30)]
        assert [wire for _, wire in rim.replies] == expected


def test_only_so_many_sockets_are_kept() -> None:
    with DnsServer(RECORD) as server, rig(random_ids()) as rim:
        many = RESTING_MAX + 40
        for _ in range(many):
            rim.send(Elsewhere(server.host, server.port), "a.test. A")
        assert open_sockets(rim) == many
        rim.until(lambda: len(rim.replies) == many)
        assert open_sockets(rim) == RESTING_MAX


def test_a_closed_port_spoils_no_socket() -> None:
    with DnsServer() as gone:
        closed = Elsewhere(gone.host, gone.port)
    with DnsServer(RECORD) as server, rig(random_ids()) as rim:
        for count in range(1, 11):
            rim.send(closed, "a.test. A")
            until_count(rim, rim.lost, count)
            rim.send(Elsewhere(server.host, server.port), "a.test. A")
            until_count(rim, rim.replies, count)
