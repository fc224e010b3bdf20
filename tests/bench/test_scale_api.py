"""The lean API server: pages, watches that go on where a list ended, and 410."""

from __future__ import annotations

import http.client
import json
import threading
from collections.abc import Iterator
from typing import Any

import pytest

from bench.scale import api
from bench.scale.api import Cluster, Server
from bench.scale.design import Design
from tests.waiting import eventually

SLICES = "/apis/discovery.k8s.io/v1/endpointslices"
DESIGN = Design(services=30, endpoints=70, per_slice=10)


@pytest.fixture
def server() -> Iterator[Server]:
    with Server(Cluster(DESIGN)) as found:
        thread = threading.Thread(target=found.serve_forever, args=(0.05,), daemon=True)
        thread.start()
        yield found
        found.shutdown()
        thread.join()


def request(server: Server, path: str, *, method: str = "GET") -> http.client.HTTPResponse:
    connection = http.client.HTTPConnection("127.0.0.1", server.server_port, timeout=10)
    connection.request(method, path)
    return connection.getresponse()


def get(server: Server, path: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(request(server, path).read())
    return found


def next_event(watch: http.client.HTTPResponse) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(watch.readline())
    return found


@pytest.mark.parametrize("path", ["/api/v1/services", SLICES, "/api/v1/namespaces"])
def test_pages_add_up_to_the_list(server: Server, path: str) -> None:
    items, token = [], ""
    while True:
        page = get(server, f"{path}?limit=4" + (f"&continue={token}" if token else ""))
        assert len(page["items"]) <= 4
        items += page["items"]
        token = page["metadata"].get("continue", "")
        if not token:
            break
    assert items == get(server, path)["items"]
    keys = [(i["metadata"].get("namespace", ""), i["metadata"]["name"]) for i in items]
    assert keys == sorted(set(keys))


def test_an_update_is_in_the_watch_and_in_the_next_list(server: Server) -> None:
    since = get(server, f"{SLICES}?limit=2")["metadata"]["resourceVersion"]
    watch = request(server, f"{SLICES}?watch=true&resourceVersion={since}")
    server.cluster.update()
    event = next_event(watch)
    assert event["type"] == "MODIFIED"
    items = {item["metadata"]["name"]: item for item in get(server, f"{SLICES}?limit=9")["items"]}
    assert items[event["object"]["metadata"]["name"]] == event["object"]
    assert event["object"]["endpoints"][0]["addresses"] == ["100.64.0.0"]


def test_a_watch_gets_what_happened_after_its_list(server: Server) -> None:
    for _ in range(3):
        server.cluster.update()
    watch = request(server, f"{SLICES}?watch=1&resourceVersion=2")
    versions = [next_event(watch)["object"]["metadata"]["resourceVersion"] for _ in range(2)]
    assert versions == ["3", "4"]


def test_gone_ends_every_watch_with_410(server: Server) -> None:
    watches = [request(server, f"{path}?watch=1") for path in (SLICES, "/api/v1/services")]
    eventually(lambda: sum(server.cluster.state()["watches"].values()) == 2)
    assert request(server, "/bench/gone", method="POST").status == 200
    for watch in watches:
        event = next_event(watch)
        assert (event["type"], event["object"]["code"]) == ("ERROR", 410)
        assert watch.read() == b""
    again = next_event(request(server, f"{SLICES}?watch=1&resourceVersion=1"))
    assert again["object"]["code"] == 410


def test_a_version_whose_events_are_forgotten_is_410(
    server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(api, "HISTORY", 2)
    cluster = Cluster(DESIGN)
    server.cluster = cluster
    for _ in range(4):
        cluster.update()
    assert next_event(request(server, f"{SLICES}?watch=1&resourceVersion=2"))["type"] == "ERROR"
    kept = next_event(request(server, f"{SLICES}?watch=1&resourceVersion=3"))
    assert kept["object"]["metadata"]["resourceVersion"] == "4"


def test_ordered_updates_are_all_made(server: Server) -> None:
    request(server, "/bench/updates?rate=1000&count=25", method="POST").read()
    eventually(lambda: get(server, "/bench")["updates"] == 25)


def test_what_is_not_there_is_404_and_watch_lists_are_422(server: Server) -> None:
    assert request(server, "/api/v1/secrets").status == 404
    assert request(server, f"{SLICES}?watch=true&sendInitialEvents=true").status == 422
