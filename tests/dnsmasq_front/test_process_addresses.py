"""Whatever address of the machine is asked, the answer comes from that one, over UDP and TCP."""

from __future__ import annotations

import os
import socket
from collections.abc import Iterator

import pytest

from tests.dnsmasq_front.messages import query_wire, read_reply
from tests.dnsmasq_front.process import FrontProcess

WILDCARDS = ("0.0.0.0", "::") if os.path.exists("/proc/net/if_inet6") else ("0.0.0.0",)
ASKED = ("127.0.0.1", "127.0.0.2", "127.0.0.3") + (("::1",) if len(WILDCARDS) > 1 else ())


@pytest.fixture(scope="module", params=[1, 2], ids=["alone", "workers"])
def front(request: pytest.FixtureRequest) -> Iterator[FrontProcess]:
    flags = ["--no-resolv", "--local=/d.test/", f"--workers={request.param}"]
    with FrontProcess(*flags, listen=WILDCARDS) as running:
        yield running


@pytest.mark.parametrize("host", ASKED)
def test_udp(front: FrontProcess, host: str) -> None:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family, socket.SOCK_DGRAM) as client:
        client.settimeout(10)
        client.sendto(query_wire("x.d.test. A"), (host, front.port))
        wire, source = client.recvfrom(512)
        assert source[:2] == (host, front.port)
        assert read_reply(wire).rcode == "NXDOMAIN"


@pytest.mark.parametrize("host", ASKED)
def test_udp_over_a_socket_that_takes_nothing_else(front: FrontProcess, host: str) -> None:
    assert front.ask("x.d.test. A", host=host).rcode == "NXDOMAIN"


@pytest.mark.parametrize("host", ASKED)
def test_tcp(front: FrontProcess, host: str) -> None:
    assert front.ask("x.d.test. A", host=host, stream=True).rcode == "NXDOMAIN"
