"""Go servers write null for empty lists, and leave fields out."""

from __future__ import annotations

import json
from typing import Any

import pytest

from kubedns.k8s import model
from kubedns.k8s.errors import Malformed
from kubedns.k8s.project import project_service, project_slice, services
from kubedns.rows import Batch, ServiceRow, SliceRow
from tests.kubedns_k8s.support import Driven

META = {"name": "a", "namespace": "ns", "resourceVersion": "1"}
SLICE_META = {**META, "labels": {"kubernetes.io/service-name": "svc"}}


def service_row(spec: Any) -> ServiceRow:
    decoded = model.decode_service(json.dumps({"metadata": META, "spec": spec}).encode())
    return project_service(services().key_of(decoded.metadata), decoded)


def slice_row(**fields: Any) -> SliceRow | None:
    body = {"metadata": SLICE_META, "addressType": "IPv4", **fields}
    decoded = model.decode_slice(json.dumps(body).encode())
    return project_slice(services().key_of(decoded.metadata), decoded)


def test_a_list_with_null_items_is_empty() -> None:
    driven = Driven()
    driven.asks_list()
    driven.reflector.page(b'{"metadata":{"resourceVersion":"5"},"items":null}', driven.now)
    assert driven.take() == [Batch("services", (), synced=True)]


@pytest.mark.parametrize(
    "body",
    [
        b"{}",
        b"null",
        b"[]",
        b"",
        b"<html>login</html>",
        b'{"metadata":{"resourceVersion":"5"}}',
        b'{"items":[]}',
        b'{"metadata":{"resourceVersion":""},"items":[]}',
        b'{"kind":"Status","status":"Failure","code":500}',
        b'{"metadata":{"resourceVersion":"5"},"items":[{}',
    ],
)
def test_what_is_not_a_list_is_not_taken_for_an_empty_one(body: bytes) -> None:
    with pytest.raises(Malformed):
        model.decode_list(body)


@pytest.mark.parametrize("field", ["ports", "clusterIPs", "publishNotReadyAddresses"])
def test_null_fields_of_a_service(field: str) -> None:
    found = service_row({"clusterIP": "10.0.0.1", field: None})
    assert found == ServiceRow("ns", "a", (b"\x0a\0\0\1",), False, "", (), False)


def test_a_service_without_a_spec_is_headless_like_one_without_an_address() -> None:
    assert service_row(None).headless
    assert service_row({}).headless
    assert service_row({"clusterIP": "", "clusterIPs": []}).headless


@pytest.mark.parametrize(
    "fields",
    [
        {"endpoints": None, "ports": None},
        {},
        {"endpoints": [None]},
        {"endpoints": [{"addresses": None, "conditions": None, "targetRef": None}]},
        {"endpoints": [{}], "ports": [{"port": None}]},
    ],
)
def test_null_fields_of_a_slice(fields: dict[str, Any]) -> None:
    assert slice_row(**fields) == SliceRow("ns", "a", "svc", b"", 4, (), (), ())


def test_null_readiness_is_ready() -> None:
    found = slice_row(
        endpoints=[
            {"addresses": ["10.0.0.1"], "conditions": None},
            {"addresses": ["10.0.0.2"], "conditions": {"ready": None}},
            {"addresses": ["10.0.0.3"], "conditions": {"ready": False}},
            {"addresses": ["10.0.0.4"], "conditions": {"ready": True}},
        ]
    )
    assert found is not None
    assert found.addresses == b"\x0a\0\0\1\x0a\0\0\2\x0a\0\0\4"
