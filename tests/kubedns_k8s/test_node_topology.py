"""Zone and region: from the first node with both labels, asked for once, without a wait."""

from __future__ import annotations

import threading
from typing import Any

import pytest

from kubedns.k8s.nodes import RETRY_S, NodeTopology, zone_and_region_of
from tests.fakes.apiserver import Answer, ScriptedServer, Until, json_answer, status_answer, stream
from tests.kubedns_k8s.rim import api_server
from tests.kubedns_k8s.support import list_body
from tests.waiting import eventually

STABLE = {"topology.kubernetes.io/zone": "z1", "topology.kubernetes.io/region": "r1"}
BETA = {
    "failure-domain.beta.kubernetes.io/zone": "z2",
    "failure-domain.beta.kubernetes.io/region": "r2",
}


def node(labels: Any) -> dict[str, Any]:
    return {"metadata": {"name": "n", "labels": labels}, "status": {"images": [{}]}}


def page(*labels: Any, continue_: str = "") -> Answer:
    return json_answer(list_body(*(node(each) for each in labels), rv=5, continue_=continue_))


@pytest.mark.parametrize(
    ("labels", "expected"),
    [
        (STABLE, ("z1", "r1")),
        (BETA, ("z2", "r2")),
        (BETA | STABLE, ("z1", "r1")),
        ({"topology.kubernetes.io/zone": "z1"} | BETA, ("z1", "r2")),
        ({"topology.kubernetes.io/zone": "z1"}, None),
        ({"topology.kubernetes.io/region": "r1"}, None),
        (STABLE | {"topology.kubernetes.io/zone": ""}, None),
        ({}, None),
    ],
)
def test_labels(labels: dict[str, str], expected: tuple[str, str] | None) -> None:
    assert zone_and_region_of(labels) == expected


def test_the_first_node_that_has_both() -> None:
    with ScriptedServer() as server:
        server.on_list(
            "nodes",
            page(None, {"topology.kubernetes.io/zone": "z"}, 7, continue_="more"),
            page({}, STABLE, BETA, continue_="unread"),
        )
        topology = NodeTopology(api_server(server.url))
        assert server.requests == []  # not before somebody wants to know
        eventually(topology.zone_and_region)
        assert topology.zone_and_region() == ("z1", "r1")
        assert [request.query.get("continue") for request in server.requests] == [None, "more"]
        assert server.requests[0].path == "/api/v1/nodes"


def test_nobody_waits_and_one_request_is_under_way() -> None:
    go_on = threading.Event()
    with ScriptedServer() as server:
        server.on_list("nodes", stream(Until(go_on), list_body(node(STABLE), rv=5)))
        topology = NodeTopology(api_server(server.url))
        assert [topology.zone_and_region() for _ in range(5)] == [None] * 5
        go_on.set()
        eventually(topology.zone_and_region)
        assert len(server.requests) == 1


@pytest.mark.parametrize(
    "trouble",
    [status_answer(403, "Forbidden"), json_answer(b"junk"), page({}), page()],
    ids=["403", "junk", "no labels", "no nodes"],
)
def test_after_trouble_it_is_asked_for_again_later(trouble: Answer) -> None:
    now = [1000.0]
    with ScriptedServer() as server:
        server.on_list("nodes", trouble)
        topology = NodeTopology(api_server(server.url), clock=lambda: now[0])
        assert topology.zone_and_region() is None
        eventually(lambda: not topology._asking)
        assert topology.zone_and_region() is None
        assert not topology._asking
        server.on_list("nodes", page(STABLE))
        now[0] += RETRY_S
        eventually(lambda: topology.zone_and_region() == ("z1", "r1"))
        assert len(server.requests) == 2
