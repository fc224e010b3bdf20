"""The same objects put into devcluster and into a real API server come out the same.

`objects.yaml` and the pods of the recordings go in; Services, EndpointSlices and Endpoints that
come out are compared with the recorded ones, server-chosen values (uids, versions, times, random
suffixes, ClusterIPs) aside.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import pytest
import yaml

from devcluster.cluster import DevCluster, Settings
from tests.devcluster.support import RECORDINGS, SERVICES, SLICES, Json, call, pod, recorded

CHOSEN = ("uid", "resourceVersion", "creationTimestamp", "generation", "managedFields")
LAST_APPLIED = "kubectl.kubernetes.io/last-applied-configuration"

POD_STATES = [
    # (name, IPv4, IPv6, ready, spec); db-1 is not ready in the recorded lists.
    ("web-1", "10.244.1.5", "fd00:10:244::5", True, {}),
    ("web-2", "10.244.2.5", "fd00:10:244:1::5", False, {}),
    ("db-0", "10.244.1.7", "fd00:10:244::7", True, {"hostname": "db-0", "subdomain": "db"}),
    ("db-1", "10.244.1.8", "fd00:10:244::8", False, {"hostname": "db-1", "subdomain": "db"}),
    ("db-x", "10.244.1.9", "fd00:10:244::9", True, {}),
]


@pytest.fixture(scope="module")
def filled() -> Iterator[DevCluster]:
    with DevCluster(Settings(start_version=1000)) as cluster:
        zone = {"topology.kubernetes.io/zone": "zone-a"}
        cluster.create(
            {"apiVersion": "v1", "kind": "Node", "metadata": {"name": "node-a", "labels": zone}}
        )
        for obj in yaml.safe_load_all((RECORDINGS / "objects.yaml").read_text()):
            cluster.create(obj)
        for name, ipv4, ipv6, ready, spec in POD_STATES:
            labels = {"app": name.partition("-")[0]}
            cluster.create(
                pod(
                    name,
                    ipv4,
                    ipv6,
                    namespace="prod",
                    labels=labels,
                    ready=ready,
                    nodeName="node-a",
                    **spec,
                )
            )
        yield cluster


def comparable(obj: Json) -> Json:
    """Without what a server chooses."""
    meta = {k: v for k, v in obj["metadata"].items() if k not in CHOSEN}
    annotations = {k: v for k, v in meta.pop("annotations", {}).items() if k != LAST_APPLIED}
    if annotations:
        meta["annotations"] = annotations
    if "generateName" in meta:
        assert re.fullmatch(re.escape(meta["generateName"]) + "[a-z0-9]{5}", meta["name"])
        meta["name"] = meta["generateName"]
    for owner in meta.get("ownerReferences", ()):
        owner["uid"] = "any"
    result = {**obj, "metadata": meta}
    spec = result.get("spec", {})
    for field in ("clusterIP", "clusterIPs"):
        if field in spec and "None" not in spec[field]:
            spec[field] = [":" in ip for ip in spec[field]] if field == "clusterIPs" else "any"
    for endpoint in result.get("endpoints") or ():
        endpoint.get("targetRef", {}).pop("uid", None)
    for subset in result.get("subsets", ()):
        for address in [*subset.get("addresses", ()), *subset.get("notReadyAddresses", ())]:
            address["targetRef"].pop("uid")
    return result


def in_prod(items: list[Json]) -> list[Json]:
    found = [comparable(item) for item in items if item["metadata"]["namespace"] == "prod"]
    return sorted(found, key=lambda item: (item["metadata"]["name"], item.get("addressType", "")))


@pytest.mark.parametrize(
    "path, recording",
    [
        (SERVICES, "services-rv0-limit3"),
        (SLICES, "endpointslices"),
        ("/api/v1/namespaces/prod/endpoints", "endpoints-prod"),
    ],
)
def test_objects_come_out_as_from_a_real_server(
    filled: DevCluster, path: str, recording: str
) -> None:
    ours, theirs = call(filled, "GET", path), recorded(recording)
    assert in_prod(ours.json["items"]) == in_prod(theirs.json["items"])
    assert {k: ours.json[k] for k in ("kind", "apiVersion")} == {
        k: theirs.json[k] for k in ("kind", "apiVersion")
    }


def keys_in_order(value: Any) -> Any:
    """The names of all fields in their order, values left out."""
    if isinstance(value, dict):
        return [(key, keys_in_order(item)) for key, item in value.items()]
    return [keys_in_order(item) for item in value] if isinstance(value, list) else None


def test_fields_of_a_service_are_in_the_real_servers_order(filled: DevCluster) -> None:
    recorded_items = {
        item["metadata"]["name"]: item for item in recorded("services-rv0-limit3").json["items"]
    }
    for item in call(filled, "GET", "/api/v1/namespaces/prod/services").json["items"]:
        theirs = recorded_items[item["metadata"]["name"]]
        assert keys_in_order(item["spec"]) == keys_in_order(theirs["spec"])


def test_default_kubernetes_service_is_as_recorded(filled: DevCluster) -> None:
    theirs = recorded("services-rv0-limit3").json["items"][0]
    ours = filled.get("services", "kubernetes", "default")
    del ours["kind"], ours["apiVersion"]
    for obj in (ours, theirs):
        obj["spec"]["ports"][0]["targetPort"] = 0
    assert comparable(ours) == comparable(theirs)
