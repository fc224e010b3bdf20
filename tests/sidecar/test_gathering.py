"""kubedns's page is fetched behind the scenes: whatever it does, a scrape is answered."""

from __future__ import annotations

import socket
from collections.abc import Iterator

import pytest

from dnscore.httpd import HttpServer, Reply, bind_http
from tests.fakes.dns_server import DnsServer, Silence
from tests.ports import HOST
from tests.sidecar.process import SidecarProcess
from tests.waiting import eventually

COUNTERS = "".join(
    f'{name}.bind. 0 CH TXT "7"\n'
    for name in ("hits", "misses", "evictions", "insertions", "cachesize")
)


@pytest.fixture
def front() -> Iterator[DnsServer]:
    with DnsServer(COUNTERS) as server:
        yield server


def sidecar_of(front: DnsServer, port: int) -> SidecarProcess:
    return SidecarProcess(
        "--v=2",
        f"--dnsmasq-port={front.port}",
        "--dnsmasq-poll-interval-ms=100",
        f"--kubedns-metrics-url=http://{HOST}:{port}/metrics",
        "--kubedns-status-url=",
        "--dnsmasq-status-url=",
    )


def has(sidecar: SidecarProcess, line: str) -> bool:
    status, body = sidecar.get("/metrics")
    assert status == 200
    return line in body.splitlines()


def page(ready: int) -> Reply:
    return Reply(200, "text/plain", f"kubedns_ready {ready}\n".encode())


def test_figures_come_and_go_with_the_page(front: DnsServer) -> None:
    http = HttpServer(bind_http(0, host=HOST, flag="x"), {"/metrics": lambda query: page(1)})
    http.start()
    with sidecar_of(front, http.port) as sidecar:
        eventually(lambda: has(sidecar, "kubedns_daemon_ready 1.0"))
        assert has(sidecar, "kubedns_daemon_up 1.0")
        http.close()
        eventually(lambda: has(sidecar, "kubedns_daemon_up 0.0"))
        assert "kubedns_daemon_ready" not in sidecar.get("/metrics")[1]
        assert any("kubedns shows its metrics no more" in line for line in sidecar.log)


@pytest.mark.parametrize("said", [b"", b"HTTP/1.0 200 OK\r\n\r\nkubedns_rea", b"\xff\n\n" * 100])
def test_a_page_that_never_ends_or_is_none_holds_up_nothing(front: DnsServer, said: bytes) -> None:
    with (
        socket.create_server((HOST, 0)) as listening,
        sidecar_of(front, listening.getsockname()[1]) as sidecar,
    ):
        caller, _address = listening.accept()
        with caller:
            caller.sendall(said)
            eventually(lambda: has(sidecar, "kubedns_dnsmasq_hits 7.0"))
            for _ in range(10):
                assert sidecar.get("/metrics")[0] == 200
        assert "kubedns_daemon_" not in sidecar.get("/metrics")[1]
        assert not any("Traceback" in line for line in sidecar.log)


def test_a_cache_that_is_silent_to_names_it_does_not_know_has_its_counters(
    front: DnsServer,
) -> None:
    for name in ("auth", "notifies", "told", "servers"):
        front.on(f"{name}.bind.", Silence())
    with sidecar_of(front, 9) as sidecar:
        eventually(lambda: front.count("hits.bind.") >= 2)
        assert has(sidecar, "kubedns_dnsmasq_hits 7.0")
        assert has(sidecar, "kubedns_dnsmasq_up 1.0")
        assert has(sidecar, "kubedns_dnsmasq_errors 0.0")
