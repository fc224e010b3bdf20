"""The running pod that the tests of this directory share."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.fakes.dns_server import DnsServer
from tests.processes.pod import Pod

OUTSIDE = """
www.example.com. 300 IN A 192.0.2.80
www.example.com. 300 IN AAAA 2001:db8::80
txt.example.com. 300 IN TXT "hello"
explained.example.com. 300 IN TXT "why"
53.2.0.192.in-addr.arpa. 300 IN PTR ns.example.com.
example.com. 300 IN SOA ns.example.com. host.example.com. 1 2 3 4 60
"""


@pytest.fixture(scope="session")
def upstream() -> Iterator[DnsServer]:
    """The name server of the world outside."""
    with DnsServer(OUTSIDE) as server:
        yield server


@pytest.fixture(scope="session")
def pod(tmp_path_factory: pytest.TempPathFactory, upstream: DnsServer) -> Iterator[Pod]:
    """Four real processes with the sample cluster."""
    with Pod(tmp_path_factory.mktemp("pod"), upstream) as running:
        yield running
