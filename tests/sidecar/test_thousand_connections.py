"""A thousand connections to the real process, of each hostile kind: the kubelet is answered."""

from __future__ import annotations

import resource
import socket
from collections.abc import Iterator
from contextlib import ExitStack, suppress

import pytest

from tests.fakes.dns_server import DnsServer
from tests.sidecar.process import SidecarProcess
from tests.waiting import eventually

COUNT = 1000
NAME = "x.test"


@pytest.fixture
def descriptors() -> Iterator[None]:
    """Room for all connections in this process."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = COUNT + 500
    if hard != resource.RLIM_INFINITY and hard < wanted:
        pytest.skip(f"no more than {hard} descriptors are allowed here")
    resource.setrlimit(resource.RLIMIT_NOFILE, (max(soft, wanted), hard))
    yield
    resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))


@pytest.fixture(scope="module")
def sidecar() -> Iterator[SidecarProcess]:
    with DnsServer(f"{NAME}. 5 IN A 10.0.0.1") as server:
        words = [f"--probe=a,{server.address},{NAME},1,A", f"--dnsmasq-port={server.port}"]
        others = [f"--{who}-url=" for who in ("kubedns-metrics", "kubedns-status")]
        with SidecarProcess(*words, *others, "--dnsmasq-status-url=") as running:
            eventually(lambda: running.health("a")[0] == 200)
            yield running


@pytest.mark.parametrize(
    "said",
    [
        b"",
        b"GET /healthz HTTP/1.1\r\nHost: ",
        b"GET /" + b"x" * 7000,
        b"GET /metrics HTTP/1.1\r\nHost: x\r\n\r\n",
    ],
    ids=["idle", "half a head", "long path", "metrics never read"],
)
@pytest.mark.usefixtures("descriptors")
def test_health_is_told_amid_a_thousand(sidecar: SidecarProcess, said: bytes) -> None:
    with ExitStack() as stack:
        for number in range(COUNT):
            sock = socket.create_connection(("127.0.0.1", sidecar.port), timeout=20)
            stack.enter_context(sock)
            with suppress(OSError):  # it may have been closed to make room
                sock.sendall(said)
            if number % 100 == 99:
                assert sidecar.health("a")[0] == 200
    assert sidecar.alive()
