"""What a create fills in, and what it refuses."""

from __future__ import annotations

import re
from typing import Any

import pytest

from devcluster.cluster import DevCluster
from tests.devcluster.support import Json, call, config_map, namespace, service

IN_DEFAULT = "/api/v1/namespaces/default"


def test_server_fills_in_the_metadata(cluster: DevCluster) -> None:
    answer = call(cluster, "POST", f"{IN_DEFAULT}/configmaps", {"metadata": {"name": "a"}})
    meta = answer.json["metadata"]
    assert answer.code == 201
    assert list(answer.json)[:3] == ["kind", "apiVersion", "metadata"]
    assert re.fullmatch(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", meta["uid"])
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", meta["creationTimestamp"])
    assert meta["resourceVersion"] == str(cluster.resource_version)
    assert meta["namespace"] == "default"


def test_generated_names_differ(cluster: DevCluster) -> None:
    body = {"metadata": {"generateName": "job-"}}
    names = {
        call(cluster, "POST", f"{IN_DEFAULT}/configmaps", body).json["metadata"]["name"]
        for _ in range(5)
    }
    assert len(names) == 5
    assert all(re.fullmatch(r"job-[a-z0-9]{5}", name) for name in names)


def test_taken_name_is_409(cluster: DevCluster) -> None:
    cluster.create(config_map("a"))
    answer = call(cluster, "POST", f"{IN_DEFAULT}/configmaps", config_map("a"))
    assert (answer.code, answer.json["reason"]) == (409, "AlreadyExists")
    assert answer.json["message"] == 'configmaps "a" already exists'
    assert answer.json["details"] == {"name": "a", "kind": "configmaps"}


def test_missing_namespace_is_404(cluster: DevCluster) -> None:
    answer = call(cluster, "POST", "/api/v1/namespaces/nowhere/configmaps", config_map("a", ""))
    assert (answer.code, answer.json["message"]) == (404, 'namespaces "nowhere" not found')


def test_names_are_separate_per_namespace(cluster: DevCluster) -> None:
    cluster.create(namespace("other"))
    cluster.create(config_map("a", x="1"))
    cluster.create(config_map("a", "other", x="2"))
    assert cluster.get("configmaps", "a", "other")["data"] == {"x": "2"}


def test_dry_run_leaves_no_trace(cluster: DevCluster) -> None:
    version = cluster.resource_version
    answer = call(cluster, "POST", f"{IN_DEFAULT}/services?dryRun=All", service("a"))
    assert answer.code == 201
    address = answer.json["spec"]["clusterIP"]
    assert cluster.resource_version == version
    cluster.create(service("b", clusterIP=address))


def test_cluster_scoped_object_has_no_namespace(cluster: DevCluster) -> None:
    assert "namespace" not in cluster.create(namespace("n"))["metadata"]
    assert cluster.get("namespaces", "n")["status"] == {"phase": "Active"}


REFUSED: list[tuple[Any, int, str]] = [
    ({}, 422, "name or generateName is required"),
    ({"metadata": {"name": ""}}, 422, "name or generateName is required"),
    ({"metadata": {"name": "Upper"}}, 422, "lowercase RFC 1123 subdomain"),
    ({"metadata": {"name": "a" * 254}}, 422, "no more than 253"),
    ({"metadata": {"name": "a", "namespace": "other"}}, 400, "does not match the namespace sent"),
    ({"metadata": {"name": "a", "resourceVersion": "1"}}, 400, "should not be set on objects"),
    ({"metadata": {"name": "a"}, "kind": "Pod"}, 400, "cannot be handled as a ConfigMap"),
    ({"metadata": {"name": "a"}, "apiVersion": "v2"}, 400, "does not match the expected"),
    ({"metadata": {"name": "a"}, "data": {"k": 1}}, 400, "Expected `str`"),
    ({"metadata": {"name": "a", "labels": ["x"]}}, 400, "cannot be handled"),
    ({"metadata": "a"}, 400, "cannot be handled"),
    ([1], 400, "not a JSON object"),
    (b"{", 400, "unable to decode"),
    (b"", 400, "unable to decode"),
    (b"\xff\xfe", 400, "unable to decode"),
]


@pytest.mark.parametrize("body, code, words", REFUSED)
def test_objects_that_are_refused(cluster: DevCluster, body: Any, code: int, words: str) -> None:
    version = cluster.resource_version
    answer = call(cluster, "POST", f"{IN_DEFAULT}/configmaps", body)
    status: Json = answer.json
    assert (answer.code, status["kind"], status["status"]) == (code, "Status", "Failure")
    assert words in status["message"]
    assert cluster.resource_version == version


def test_protobuf_is_415(cluster: DevCluster) -> None:
    answer = call(
        cluster,
        "POST",
        f"{IN_DEFAULT}/configmaps",
        b"k8s\x00...",
        content_type="application/vnd.kubernetes.protobuf",
    )
    assert (answer.code, answer.json["reason"]) == (415, "UnsupportedMediaType")


def test_yaml_body_is_read(cluster: DevCluster) -> None:
    body = b"metadata:\n  name: a\ndata:\n  when: '2026'\n"
    path = f"{IN_DEFAULT}/configmaps"
    assert call(cluster, "POST", path, body, content_type="application/yaml").code == 201
    assert cluster.get("configmaps", "a", "default")["data"] == {"when": "2026"}


def test_body_beyond_the_limit_is_413(cluster: DevCluster) -> None:
    headers = {"Content-Length": str(4 * 1024 * 1024)}
    answer = call(cluster, "POST", f"{IN_DEFAULT}/configmaps", b"", headers=headers)
    assert answer.code == 413


def test_client_that_wants_only_protobuf_gets_406(cluster: DevCluster) -> None:
    accept = {"Accept": "application/vnd.kubernetes.protobuf"}
    assert call(cluster, "GET", "/api/v1/services", headers=accept).code == 406


@pytest.mark.parametrize(
    "method, path, code",
    [
        ("GET", "/nothing", 404),
        ("GET", "/api/v1/unknowns", 404),
        ("GET", "/apis/apps/v2/deployments", 404),
        ("GET", "/apis/discovery.k8s.io", 200),
        ("GET", "/api/v1/namespaces/default/services/a/b/c", 404),
        ("GET", "/api/v1/services/kubernetes", 404),
        ("GET", "/api/v1/namespaces/default/namespaces/a", 404),
        ("POST", "/api/v1/services", 405),
        ("PUT", "/api/v1/namespaces/default/services", 405),
        ("DELETE", "/api/v1/namespaces", 405),
        ("POST", "/version", 405),
        ("GET", "/healthz", 200),
        ("GET", "/livez/ping", 200),
        ("GET", "/readyz", 200),
    ],
)
def test_paths_and_methods(cluster: DevCluster, method: str, path: str, code: int) -> None:
    assert call(cluster, method, path).code == code
