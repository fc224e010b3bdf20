"""The endpoints that are not ready are asked of the API server, within bounds."""

from __future__ import annotations

import contextlib
import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kubedns.k8s.errors import ApiError, Malformed
from kubedns.k8s.not_ready import ENDPOINTS_MAX, endpoints_in, not_ready
from tests.fakes.apiserver import ScriptedServer, json_answer, status_answer
from tests.kubedns_k8s.rim import api_server


def endpoint(address: str, ready: bool | None, **fields: Any) -> dict[str, Any]:
    return {"addresses": [address], "conditions": {"ready": ready}, **fields}


def slices(*endpoints: dict[str, Any]) -> dict[str, Any]:
    return {"metadata": {"resourceVersion": "1"}, "items": [{"endpoints": list(endpoints)}]}


def test_a_list_of_slices() -> None:
    web_2 = {"kind": "Pod", "name": "web-2"}
    answer = slices(
        endpoint("10.0.0.1", True),
        endpoint("10.0.0.2", False, targetRef=web_2, hostname="h"),
        endpoint("10.0.0.3", None),
        {"addresses": ["10.0.0.4"]},
        {"addresses": ["10.0.0.5"], "conditions": {"ready": False, "terminating": True}},
    )
    with ScriptedServer() as server:
        server.on_list("endpointslices", json_answer(answer))
        assert not_ready(api_server(server.url), "shop", "web") == (
            "10.0.0.2 (Pod web-2) hostname h: not ready",
            "10.0.0.5: terminating",
        )
        (request,) = server.requests
        assert "/namespaces/shop/endpointslices" in request.path
        assert request.query["labelSelector"] == "kubernetes.io/service-name=web"
        assert int(request.query["limit"]) <= 20


def test_endpoints_where_slices_are_not_allowed() -> None:
    answer = {
        "metadata": {"resourceVersion": "1"},
        "items": [{"subsets": [{"notReadyAddresses": [{"ip": "10.0.0.2"}, None]}, None]}],
    }
    with ScriptedServer() as server:
        server.on_list("endpointslices", status_answer(403, "no"))
        server.on_list("endpoints", json_answer(answer))
        found = not_ready(api_server(server.url), "shop", "web")
        assert found == ("10.0.0.2: not ready",)
        assert server.requests[-1].query["fieldSelector"] == "metadata.name=web"


def test_another_refusal_is_told() -> None:
    with ScriptedServer() as server:
        server.on_list("endpointslices", status_answer(400, "bad selector"))
        with pytest.raises(ApiError, match="bad selector"):
            not_ready(api_server(server.url), "shop", "web")


def test_a_long_list_is_cut() -> None:
    many = slices(*(endpoint(f"10.0.0.{n}", False) for n in range(200)))
    assert len(endpoints_in(json.dumps(many).encode())) == ENDPOINTS_MAX


@given(st.binary() | st.recursive(st.none() | st.text() | st.integers(), st.lists).map(
    lambda value: json.dumps({"items": value}).encode()
))  # fmt: skip
def test_what_is_no_list_is_malformed(body: bytes) -> None:
    with contextlib.suppress(Malformed):
        assert endpoints_in(body) == ()
