"""Every forwarder forwards both ways, and caches or does not, as it is told."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import dns.message
import dns.query
import dns.rcode
import pytest

from bench.cluster import Backends
from bench.measure import start
from bench.peers import DNSMASQ, OURS, UNBOUND, Setting
from bench.processors import here
from devcluster.cluster import DevCluster
from tests.fakes.dns_server import DnsServer
from tests.ports import HOST, free_port

INSIDE, OUTSIDE = "svc1.ns1.svc.cluster.local.", "host1.example.test."
SERVERS = [
    OURS,
    pytest.param(DNSMASQ, marks=pytest.mark.needs_dnsmasq),
    pytest.param(UNBOUND, marks=pytest.mark.needs_unbound),
]


@pytest.fixture
def zone() -> Iterator[DnsServer]:
    with DnsServer(f"{INSIDE} 30 IN A 10.0.0.1") as server:
        yield server


@pytest.fixture
def outside() -> Iterator[DnsServer]:
    with DnsServer(f"{OUTSIDE} 300 IN A 10.0.0.2") as server:
        yield server


def asked_twice(peer: str, tmp_path: Path, zone: DnsServer, outside: DnsServer, cache: int) -> None:
    behind = Backends(DevCluster(), tmp_path / "kubeconfig", zone.port, outside.port)
    port, processors = free_port(), here()
    setting = Setting(port, cache, behind, tmp_path, tmp_path / "responder", processors)
    process = start(peer, setting, custom={}, cpu=processors.workers)
    try:
        for name in (INSIDE, OUTSIDE) * 2:
            answer = dns.query.udp(dns.message.make_query(name, "A"), HOST, timeout=5, port=port)
            assert answer.rcode() == dns.rcode.NOERROR
            assert [str(record) for record in answer.answer[-1]] in (["10.0.0.1"], ["10.0.0.2"])
    finally:
        process.stop()


@pytest.mark.parametrize("peer", SERVERS)
def test_with_a_cache_the_second_question_is_not_forwarded(
    peer: str, tmp_path: Path, zone: DnsServer, outside: DnsServer
) -> None:
    asked_twice(peer, tmp_path, zone, outside, 10_000)
    assert outside.count(OUTSIDE) == 1
    # The front keeps names of the cluster for a moment only.
    assert zone.count(INSIDE) in (1, 2)


@pytest.mark.parametrize("peer", SERVERS[:2])
def test_without_a_cache_every_question_is_forwarded(
    peer: str, tmp_path: Path, zone: DnsServer, outside: DnsServer
) -> None:
    asked_twice(peer, tmp_path, zone, outside, 0)
    assert (outside.count(OUTSIDE), zone.count(INSIDE)) == (2, 2)
