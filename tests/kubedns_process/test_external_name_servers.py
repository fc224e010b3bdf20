"""ExternalName targets are looked up where any other name is: stub domains first (dns#131)."""

from __future__ import annotations

import json
from pathlib import Path

from devcluster.cluster import DevCluster
from tests.fakes.dns_server import DnsServer
from tests.kubedns_process.daemon import Kubedns
from tests.waiting import eventually

NAME = "supplier.shop.svc.cluster.local."
TARGET = "www.example.com."


def zone(address: str) -> str:
    return f"{TARGET} 300 IN A {address}"


def answers(address: str) -> list[str]:
    return sorted([f"{NAME} CNAME {TARGET}", f"{TARGET} A {address}"])


def test_a_stub_domain_goes_before_the_upstream_servers(
    cluster: DevCluster, tmp_path: Path
) -> None:
    with DnsServer(zone("192.0.2.1")) as upstream, DnsServer(zone("192.0.2.2")) as stub:
        (tmp_path / "upstreamNameservers").write_text(json.dumps([upstream.address]))
        flags = (f"--config-dir={tmp_path}", "--config-period=100ms")
        with Kubedns(*flags, api=cluster.url) as running:
            running.wait_ready()
            assert running.answers(NAME) == answers("192.0.2.1")
            stubs = {"example.com": [stub.address]}
            (tmp_path / "stubDomains").write_text(json.dumps(stubs))
            eventually(lambda: running.answers(NAME) == answers("192.0.2.2"), 10.0)
            (tmp_path / "upstreamNameservers").unlink()
            assert running.answers(NAME) == answers("192.0.2.2")
