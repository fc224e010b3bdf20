"""A sample cluster, a kubedns and an outside DNS server, shared by tests that only ask."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from devcluster.cluster import DevCluster, Settings
from tests.fakes.dns_server import DnsServer
from tests.kubedns_process.daemon import Kubedns

OUTSIDE_ZONE = """
www.example.com. 300 IN CNAME host.example.com.
host.example.com. 300 IN A 192.0.2.10
mail.example.com. 300 IN A 192.0.2.20
9.113.0.203.in-addr.arpa. 300 IN PTR outside.example.com.
"""


@pytest.fixture(scope="package")
def cluster() -> Iterator[DevCluster]:
    """The API with the sample cluster; not to be changed."""
    with DevCluster(Settings(sample=True)) as running:
        yield running


@pytest.fixture(scope="package")
def outside() -> Iterator[DnsServer]:
    """The only upstream of `kubedns`."""
    with DnsServer(OUTSIDE_ZONE) as server:
        yield server


@pytest.fixture(scope="package")
def kubedns(cluster: DevCluster, outside: DnsServer) -> Iterator[Kubedns]:
    """Ready, on the sample cluster."""
    flags = (f"--nameservers={outside.address}", "--v=2")
    with Kubedns(*flags, api=cluster.url, metrics=True) as running:
        yield running.wait_ready()
