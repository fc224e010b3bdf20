"""Latency at a fixed rate: what is asked, and that the times are those of the server."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import dns.flags
import dns.message
import pytest

from bench import paced
from bench.compiled import compiled
from bench.dnsperf import LoadError
from bench.latency import TIMEOUT_S, Latency, latency
from bench.workloads import Workload
from tests.ports import HOST

WORK = Workload("some", "three names", ("a.test A", "b.test AAAA", "_x._tcp.c.test SRV"), clients=3)
Answer = Callable[[socket.socket, bytes, tuple[str, int]], None]


@pytest.fixture(scope="module")
def program(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return compiled("paced", tmp_path_factory.mktemp("paced"))


@contextmanager
def server(answer: Answer) -> Iterator[int]:
    """A server of one thread, which ends when it is sent a single octet."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
        sock.bind((HOST, 0))

        def serve() -> None:
            while len(asked := sock.recvfrom(4096)) and len(asked[0]) > 1:
                answer(sock, *asked)

        thread = threading.Thread(target=serve)
        thread.start()
        try:
            yield sock.getsockname()[1]
        finally:
            with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as last:
                last.sendto(b"\0", sock.getsockname())
            thread.join()


def asked(program: Path, answer: Answer, *, rate: float) -> Latency:
    with server(answer) as port:
        return latency(paced.ask(program, WORK, port, seconds=0.5, rate=rate, cpu="0-1023"))


def test_messages_are_queries_one_behind_another() -> None:
    octets = paced.messages(["a.Test A", "_x._tcp.b.test SRV"], edns=True)
    queries = []
    while octets:
        size = int.from_bytes(octets[:2], "big")
        queries.append(dns.message.from_wire(octets[2 : 2 + size]))
        octets = octets[2 + size :]
    assert [str(query.question[0]) for query in queries] == [
        "a.Test. IN A",
        "_x._tcp.b.test. IN SRV",
    ]
    assert [query.payload for query in queries] == [1232, 1232]
    assert all(query.flags == dns.flags.RD for query in queries)
    plain = paced.messages(["a.test A"], edns=False)
    assert dns.message.from_wire(plain[2:]).edns == -1


def test_types_that_no_workload_has_are_refused() -> None:
    with pytest.raises(ValueError, match="no type"):
        paced.messages(["a.test HTTPS"], edns=False)


@pytest.mark.needs_cc
def test_all_names_are_asked_in_turn_over_all_sockets_at_the_rate(program: Path) -> None:
    seen: list[tuple[bytes, int]] = []

    def answer(sock: socket.socket, query: bytes, peer: tuple[str, int]) -> None:
        seen.append((query, peer[1]))
        sock.sendto(query, peer)

    found = asked(program, answer, rate=600)
    assert found.lost == 0
    assert 200 < len(seen) < 400
    names = [str(dns.message.from_wire(query).question[0].name) for query, _ in seen[:6]]
    assert names == ["a.test.", "b.test.", "_x._tcp.c.test."] * 2
    assert [int.from_bytes(query[:2], "big") for query, _ in seen[:6]] == [0, 0, 0, 1, 1, 1]
    assert len({port for _, port in seen}) == 3


@pytest.mark.needs_cc
def test_the_time_is_that_of_the_answer(program: Path) -> None:
    def answer(sock: socket.socket, query: bytes, peer: tuple[str, int]) -> None:
        time.sleep(0.02)
        for _ in range(2):  # The second one is no answer to anything.
            sock.sendto(query, peer)

    found = asked(program, answer, rate=10)
    assert found.p50_us >= 20_000
    assert found.lost == 0


@pytest.mark.needs_cc
def test_what_is_not_answered_is_lost(program: Path) -> None:
    found = asked(program, lambda *_: None, rate=50)
    assert found.lost > 0
    assert found.p50_us == TIMEOUT_S * 1e6


@pytest.mark.needs_cc
def test_a_program_that_cannot_ask_is_an_error(program: Path) -> None:
    many = Workload("many", "more sockets than there can be", ("a.test A",), clients=10_000_000)
    with pytest.raises(LoadError, match="many: paced: socket"):
        paced.ask(program, many, 53, seconds=0.1, rate=10, cpu="0-1023")
