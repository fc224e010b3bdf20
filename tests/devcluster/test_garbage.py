"""No request, however odd, is answered with 500 or ends the server."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from typing import Any
from urllib.parse import quote, urlencode

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from devcluster.cluster import DevCluster, Settings
from tests.devcluster.support import SERVICES, call

RESOURCES = [
    "/api/v1/namespaces/default/services",
    "/api/v1/namespaces/default/pods",
    "/api/v1/namespaces/default/endpoints",
    "/api/v1/namespaces/default/configmaps",
    "/api/v1/namespaces",
    "/api/v1/nodes",
    "/apis/discovery.k8s.io/v1/namespaces/default/endpointslices",
    "/apis/apps/v1/namespaces/default/deployments",
]
FIELDS = [
    "metadata", "name", "namespace", "labels", "annotations", "finalizers", "ownerReferences",
    "uid", "resourceVersion", "deletionTimestamp", "spec", "status", "ports", "port", "protocol",
    "targetPort", "selector", "type", "clusterIP", "clusterIPs", "ipFamilies", "ipFamilyPolicy",
    "externalName", "phase", "podIP", "podIPs", "ip", "conditions", "containers", "endpoints",
    "addresses", "addressType", "subsets", "notReadyAddresses", "data", "kind", "apiVersion",
]  # fmt: skip
WORDS = ["a", "b", "web", "None", "ClusterIP", "ExternalName", "IPv4", "IPv6", "TCP",
         "10.96.0.9", "fd00:10:96::9", "10.1.0.1", "Running", "PreferDualStack", "Ready", "True",
         ""]  # fmt: skip
values = st.recursive(
    st.none() | st.booleans() | st.integers(-1, 70000) | st.sampled_from(WORDS) | st.floats(0, 9),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(FIELDS), inner, max_size=5)
    ),
    max_leaves=30,
)
named = st.fixed_dictionaries(
    {
        "metadata": st.fixed_dictionaries(
            {"name": st.sampled_from(["a", "b"])},
            optional={"labels": values, "finalizers": values, "ownerReferences": values},
        )
    },
    optional=dict.fromkeys(("spec", "status", "endpoints", "subsets", "addressType"), values),
)


@pytest.fixture(scope="module")
def shared() -> Iterator[DevCluster]:
    with DevCluster(Settings(sample=True)) as cluster:
        yield cluster


fuzz = settings(
    max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)


@fuzz
@given(
    st.sampled_from(RESOURCES),
    st.sampled_from([("POST", ""), ("PUT", "/a"), ("PATCH", "/a"), ("DELETE", "/a")]),
    st.sampled_from(
        [
            "application/json",
            "application/merge-patch+json",
            "application/json-patch+json",
            "application/strategic-merge-patch+json",
            "application/apply-patch+yaml",
        ]
    ),
    named | values,
)
def test_writes(
    shared: DevCluster, path: str, how: tuple[str, str], content_type: str, body: Any
) -> None:
    method, name = how
    answer = call(shared, method, path + name, body, content_type=content_type)
    assert answer.code < 500, answer.json


@fuzz
@given(
    st.sampled_from([SERVICES, "/api/v1/pods", "/apis/discovery.k8s.io/v1/endpointslices"]),
    st.dictionaries(
        st.sampled_from(
            [
                "limit",
                "continue",
                "resourceVersion",
                "resourceVersionMatch",
                "labelSelector",
                "fieldSelector",
                "timeoutSeconds",
                "allowWatchBookmarks",
                "sendInitialEvents",
            ]
        ),
        st.text(max_size=8) | st.sampled_from(["0", "1", "true", "Exact", "NotOlderThan", "a=b"]),
    ),
)
def test_reads(shared: DevCluster, path: str, query: dict[str, str]) -> None:
    answer = call(shared, "GET", f"{path}?{urlencode(query, errors='surrogatepass')}")
    assert answer.code in (200, 400, 410, 422, 504), answer.json


@fuzz
@given(st.text(max_size=30), st.sampled_from(["GET", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"]))
def test_paths(shared: DevCluster, tail: str, method: str) -> None:
    path = "/api/v1/" + quote(tail, errors="surrogatepass")
    assert call(shared, method, path, {} if method == "POST" else None).code < 500


@pytest.mark.parametrize(
    "request_bytes",
    [
        b"\r\n\r\n",
        b"GET\r\n\r\n",
        b"\x16\x03\x01\x00\xff" * 20 + b"\r\n\r\n",
        b"GET / HTTP/9.9\r\n\r\n",
        b"POST /api/v1/namespaces HTTP/1.1\r\nContent-Length: -1\r\n\r\n",
        b"POST /api/v1/namespaces HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
        b"POST /api/v1/namespaces HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n-5\r\n",
        b"POST /api/v1/namespaces HTTP/1.1\r\nContent-Length: 50\r\n\r\nshort",
        b"GET /" + b"a" * 70000 + b" HTTP/1.1\r\n\r\n",
    ],
)
def test_bytes_that_are_no_request(shared: DevCluster, request_bytes: bytes) -> None:
    with socket.create_connection(("127.0.0.1", shared.port), timeout=5) as connection:
        connection.sendall(request_bytes)
        connection.shutdown(socket.SHUT_WR)
        answer = b""
        try:
            while data := connection.recv(65536):
                answer += data
        except ConnectionResetError:
            pass
        assert b" 500 " not in answer.partition(b"\r\n")[0]
    assert call(shared, "GET", "/readyz").code == 200


def test_chunked_body_is_read(shared: DevCluster) -> None:
    body = b'{"metadata":{"name":"chunked"}}'
    chunks = b"%x;ext=1\r\n%b\r\n%x\r\n%b\r\n0\r\nTrailer: x\r\n\r\n" % (
        10, body[:10], len(body) - 10, body[10:]
    )  # fmt: skip
    head = b"POST /api/v1/namespaces HTTP/1.1\r\nTransfer-Encoding: chunked\r\n"
    with socket.create_connection(("127.0.0.1", shared.port), timeout=5) as connection:
        connection.sendall(head + b"Connection: close\r\n\r\n" + chunks)
        assert connection.recv(65536).startswith(b"HTTP/1.1 201")
    assert shared.get("namespaces", "chunked")


@pytest.mark.parametrize("spec", [[None], "x", 1, True])
@pytest.mark.parametrize(
    "path",
    [
        "/api/v1/namespaces/default/services",
        "/api/v1/namespaces/default/pods",
        "/api/v1/nodes",
        "/apis/apps/v1/namespaces/default/deployments",
    ],
)
def test_spec_that_is_no_object_is_a_bad_request(
    shared: DevCluster, path: str, spec: object
) -> None:
    body = {"metadata": {"name": "odd"}, "spec": spec}
    assert call(shared, "POST", path, body).code in (400, 422)


def test_addresses_in_what_is_no_service_are_nobodys(shared: DevCluster) -> None:
    path = "/api/v1/namespaces/default/configmaps"
    body = {"metadata": {"name": "odd"}, "spec": {"clusterIPs": ["10.96.0.1"]}}
    assert call(shared, "POST", path, body).code == 201
    call(shared, "PUT", f"{path}/odd", {"metadata": {"name": "odd"}})
    call(shared, "DELETE", f"{path}/odd")
    spec = {"clusterIP": "10.96.0.1", "ports": [{"port": 1}]}
    thief = {"metadata": {"name": "thief"}, "spec": spec}
    assert call(shared, "POST", "/api/v1/namespaces/default/services", thief).code == 422
