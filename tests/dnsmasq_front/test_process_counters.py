"""`*.bind` of the real process: one or several workers, whichever of them is asked."""

from __future__ import annotations

import dns.message
import dns.query
import pytest

from tests.dnsmasq_front.process import FrontProcess
from tests.dnsmasq_front.test_process_serving import server_flag
from tests.fakes.dns_server import DnsServer, Rcode
from tests.ports import HOST
from tests.waiting import eventually

ZONE = "a.test. 300 IN A 10.0.0.1\nb.test. 300 IN A 10.0.0.2"


def servers(front: FrontProcess) -> list[str]:
    """The strings of `servers.bind`."""
    query = dns.message.make_query("servers.bind.", "TXT", "CH")
    reply = dns.query.udp(query, HOST, port=front.port, timeout=10)
    return [string.decode() for string in reply.answer[0][0].strings]


def test_polls_are_no_hits_and_tcp_counts() -> None:
    with DnsServer(ZONE) as server, FrontProcess("--no-resolv", server_flag(server)) as front:
        for stream in (False, True, False, True):
            front.ask("a.test. A", stream=stream)
        for _ in range(5):
            assert (front.counter("hits"), front.counter("misses")) == (3, 1)
        assert front.counter("auth") == 0


@pytest.mark.parametrize("workers", [1, 2])
def test_servers_are_counted_over_all_workers(workers: int) -> None:
    with DnsServer(ZONE) as server:
        server.on("bad.test.", Rcode(2))
        flags = ["--no-resolv", server_flag(server), f"--workers={workers}", "--cache-size=0"]
        with FrontProcess(*flags) as front:
            for _ in range(20):
                front.ask("a.test. A")
            before = len(server.queries)
            front.ask("bad.test. A")
            sent = len(server.queries)
            failed = sent - before
            name = f"{server.host}#{server.port}"
            eventually(lambda: servers(front) == [f"{name} {sent} {failed}"])
            for _ in range(10):  # From whichever worker.
                assert servers(front) == [f"{name} {sent} {failed}"]


def test_no_servers_is_an_empty_string() -> None:
    with FrontProcess("--no-resolv") as front:
        assert servers(front) == [""]
