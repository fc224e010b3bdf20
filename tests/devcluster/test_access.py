"""Bearer tokens and forbidden resources."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from devcluster.cluster import DevCluster, Settings
from tests.devcluster.support import SERVICES, SLICES, call


@pytest.fixture
def locked() -> Iterator[DevCluster]:
    with DevCluster(Settings(token="secret", forbid=("endpointslices",))) as cluster:
        yield cluster


def bearer(token: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {token}"}


@pytest.mark.parametrize(
    "headers, code",
    [
        ({}, 401),
        (bearer("wrong"), 401),
        ({"Authorization": "Basic secret"}, 401),
        (bearer("secret"), 200),
        ({"Authorization": "bearer secret"}, 200),
    ],
)
def test_token_is_asked_for(locked: DevCluster, headers: dict[str, str], code: int) -> None:
    assert call(locked, "GET", SERVICES, headers=headers).code == code
    assert call(locked, "GET", "/apis", headers=headers).code == code


@pytest.mark.parametrize("path", ["/healthz", "/livez", "/readyz", "/version"])
def test_health_and_version_are_open(locked: DevCluster, path: str) -> None:
    assert call(locked, "GET", path).code == 200


def test_forbidden_resource_and_others(locked: DevCluster) -> None:
    assert call(locked, "GET", SLICES, headers=bearer("secret")).code == 403
    watch = call(locked, "GET", f"{SLICES}?watch=true", headers=bearer("secret"))
    assert watch.code == 403
    assert 'cannot watch resource "endpointslices"' in watch.json["message"]
    assert call(locked, "GET", "/api/v1/endpoints", headers=bearer("secret")).code == 200


def test_forbidden_in_a_namespace_says_so(locked: DevCluster) -> None:
    path = "/apis/discovery.k8s.io/v1/namespaces/default/endpointslices"
    answer = call(locked, "GET", path, headers=bearer("secret"))
    assert answer.json["message"].endswith('in the namespace "default"')


def test_permission_can_be_given_later(locked: DevCluster) -> None:
    locked.faults.allow("endpointslices")
    assert call(locked, "GET", SLICES, headers=bearer("secret")).code == 200


def test_unknown_resource_cannot_be_forbidden() -> None:
    with pytest.raises(ValueError, match="no resource named 'gadgets'"):
        DevCluster(Settings(forbid=("gadgets",)))
