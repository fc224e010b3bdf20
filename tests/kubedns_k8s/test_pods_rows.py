"""Pods as rows: those that may have an address, with all addresses of either family."""

from __future__ import annotations

import json
from ipaddress import ip_address
from typing import Any

import pytest

from kubedns.k8s.pods import pods
from kubedns.rows import PODS, PodRow
from tests.fakes.apiserver import SILENCE, ScriptedServer, json_answer, stream
from tests.kubedns_k8s.rim import running
from tests.kubedns_k8s.support import Driven, event, list_body, recorded


def pod(rv: int = 2, **status: Any) -> dict[str, Any]:
    return {
        "metadata": {"name": "p", "namespace": "ns", "resourceVersion": str(rv)},
        "spec": {"containers": [{}]},
        "status": status or None,
    }


def addresses(driven: Driven) -> list[str]:
    return [
        str(ip_address(address))
        for row in driven.rows.values()
        if isinstance(row, PodRow)
        for address in row.addresses
    ]


@pytest.mark.parametrize(
    ("status", "expected"),
    [
        ({"phase": "Running", "podIP": "10.0.0.1", "podIPs": [{"ip": "10.0.0.1"}]}, ["10.0.0.1"]),
        (
            {"podIP": "10.0.0.1", "podIPs": [{"ip": "10.0.0.1"}, {"ip": "fd00::1"}]},
            ["10.0.0.1", "fd00::1"],
        ),
        ({"phase": "Running", "podIP": "10.0.0.1"}, ["10.0.0.1"]),
        ({"phase": "Pending", "podIP": "10.0.0.1", "podIPs": None}, ["10.0.0.1"]),
        ({"phase": "Running", "podIPs": [None, {}, {"ip": "10.0.0.1"}]}, ["10.0.0.1"]),
        ({"phase": "Unknown", "podIP": "10.0.0.1"}, ["10.0.0.1"]),
        ({"phase": "Pending"}, []),
        ({"phase": "Succeeded", "podIP": "10.0.0.1"}, []),
        ({"phase": "Failed", "podIP": "10.0.0.1"}, []),
        ({}, []),
    ],
)
def test_addresses(status: dict[str, Any], expected: list[str]) -> None:
    driven = Driven(pods())
    driven.listed(pod(**status), rv=10)
    assert addresses(driven) == expected
    assert driven.bad == []


def test_the_recorded_pods() -> None:
    driven = Driven(pods())
    driven.asks_list()
    body = recorded("pods-prod").body
    driven.reflector.page(body, driven.now)
    driven.take()
    items = json.loads(body)["items"]
    expected = {ip["ip"] for item in items for ip in item["status"].get("podIPs") or ()}
    assert set(addresses(driven)) == expected
    assert {batch.resource for batch in driven.batches} == {PODS}


def test_a_pod_that_ends_or_goes_has_no_row() -> None:
    driven = Driven(pods())
    driven.listed(pod(podIP="10.0.0.1"), rv=10)
    driven.opened()
    driven.sent(event("MODIFIED", pod(11, podIP="10.0.0.1", phase="Succeeded")))
    assert driven.rows == {}
    driven.sent(event("ADDED", pod(12, podIP="10.0.0.1")))
    driven.sent(event("DELETED", pod(13, podIP="10.0.0.1")))
    assert driven.rows == {}


def test_a_bad_address_is_reported() -> None:
    driven = Driven(pods())
    driven.listed(pod(podIP="10.0.0.1.2"), rv=10)
    assert [str(bad) for bad in driven.bad] == ["ns/p: podIP '10.0.0.1.2'"]


def test_the_server_is_asked_to_leave_out_those_that_have_ended() -> None:
    with ScriptedServer() as server:
        server.on_list("pods", json_answer(list_body(pod(podIP="10.0.0.1"), rv=10)))
        server.on_watch("pods", stream(SILENCE))
        with running(server, pods()) as (_, received):
            received.wait_for_names("p")
            for request in server.wait_for(2):
                assert request.path == "/api/v1/pods"
                selector = "status.phase!=Succeeded,status.phase!=Failed"
                assert request.query["fieldSelector"] == selector
