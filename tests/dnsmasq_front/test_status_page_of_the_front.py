"""`--statusAddress`: what a running front tells of itself, and that DNS does not depend on it."""

from __future__ import annotations

import json
import socket
import urllib.error
import urllib.request
from typing import Any

import pytest

from sidecar.peer_documents import FrontDocument, read_document
from tests.dnsmasq_front.process import FrontProcess
from tests.fakes.dns_server import DnsServer
from tests.ports import HOST, free_port
from tests.waiting import eventually

ZONE = "web.shop.svc.cluster.local. 30 IN A 10.0.0.1"


def _told(port: int) -> str:
    with urllib.request.urlopen(f"http://{HOST}:{port}/status.json", timeout=10) as answer:
        assert answer.headers["Content-Type"] == "application/json"
        return str(answer.read().decode())


def _front(server: DnsServer, status: int, *flags: str) -> FrontProcess:
    return FrontProcess(
        f"--statusAddress={HOST}:{status}",
        *flags,
        "--",
        "--no-resolv",
        f"--server=/cluster.local/{server.host}#{server.port}",
    )


@pytest.mark.parametrize("flags", [(), ("--workers=2",)])
def test_it_tells_what_it_does(flags: tuple[str, ...]) -> None:
    status = free_port()
    with DnsServer(ZONE) as server, _front(server, status, *flags) as front:

        def document() -> FrontDocument | None:
            front.addresses("Web.Shop.svc.cluster.local.")
            try:
                found = read_document(_told(status), FrontDocument)
            except urllib.error.URLError:
                return None  # Another worker answers already, and the first has no page yet.
            # Of several workers the first one looks: not every query is its own.
            return found if found.popular.names and found.cache.hits else None

        found = eventually(document)
        assert found is not None
        assert found.program == "dnsmasq_front"
        assert "web.shop.svc.cluster.local." in {one.item for one in found.popular.names}
        assert [one.item for one in found.popular.namespaces] == ["shop"]
        assert found.cache.misses >= 1
        (group,) = found.upstreams
        assert group.domain == "cluster.local."
        assert group.servers[0].address == f"{server.host}:{server.port}"
        assert {one.name for one in found.options} >= {"cache.records", "status_address"}
        fields: dict[str, Any] = json.loads(_told(status))
        known = set(FrontDocument.__struct_fields__)
        assert set(fields) == known, "the sidecar reads other fields than the front tells"


def test_a_port_that_is_taken_is_no_reason_to_end() -> None:
    with (
        socket.create_server((HOST, free_port())) as taken,
        DnsServer(ZONE) as server,
        _front(server, taken.getsockname()[1]) as front,
    ):
        assert front.addresses("web.shop.svc.cluster.local.") == ["10.0.0.1"]
        assert any("no status page is served" in line for line in front.log)


def test_nothing_else_is_there() -> None:
    status = free_port()
    with DnsServer(ZONE) as server, _front(server, status):
        with pytest.raises(urllib.error.HTTPError) as refused:
            urllib.request.urlopen(f"http://{HOST}:{status}/", timeout=10)
        refused.value.close()
        assert refused.value.code == 404
