"""`kubectl get` asks for tables: columns, ages, and the object beside the cells."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Any

import pytest

from devcluster.cluster import DevCluster, Settings
from devcluster.columns import human_age
from devcluster.resources import RESOURCES
from devcluster.views import wants_table
from tests.devcluster.support import Json, call

ACCEPT = {
    "Accept": "application/json;as=Table;v=v1;g=meta.k8s.io,"
    "application/json;as=Table;v=v1beta1;g=meta.k8s.io,application/json"
}


@pytest.fixture(scope="module")
def sample() -> Iterator[DevCluster]:
    with DevCluster(Settings(sample=True)) as cluster:
        yield cluster


def table(cluster: DevCluster, path: str) -> Json:
    found: Json = call(cluster, "GET", path, headers=ACCEPT).json
    assert (found["kind"], found["apiVersion"]) == ("Table", "meta.k8s.io/v1")
    return found


def row(cluster: DevCluster, path: str) -> dict[str, Any]:
    """The cells of a one-row table by column, age left out."""
    found = table(cluster, path)
    names = [column["name"] for column in found["columnDefinitions"]]
    [only] = found["rows"]
    cells = dict(zip(names, only["cells"], strict=True))
    del cells["Age"]
    return cells


SHOP, PROD = "/api/v1/namespaces/shop", "/api/v1/namespaces/prod"


@pytest.mark.parametrize(
    "path, cells",
    [
        (
            f"{SHOP}/services/web",
            {
                "Name": "web",
                "Type": "ClusterIP",
                "Cluster-IP": "10.96.0.20",
                "External-IP": "<none>",
                "Port(s)": "80/TCP,9090/TCP",
                "Selector": "app=web",
            },
        ),
        (
            f"{SHOP}/services/supplier",
            {
                "Name": "supplier",
                "Type": "ExternalName",
                "Cluster-IP": "<none>",
                "External-IP": "www.example.com",
                "Port(s)": "<none>",
                "Selector": "<none>",
            },
        ),
        (
            f"{PROD}/pods/queue-0",
            {
                "Name": "queue-0",
                "Ready": "0/1",
                "Status": "Running",
                "Restarts": 0,
                "IP": "10.244.1.8",
                "Node": "node-a",
            },
        ),
        (
            f"{PROD}/endpoints/db",
            {"Name": "db", "Endpoints": "10.244.1.7:5432,10.244.2.7:5432"},
        ),
        ("/api/v1/namespaces/kube-system/configmaps/kube-dns", {"Name": "kube-dns", "Data": 1}),
        ("/api/v1/namespaces/shop", {"Name": "shop", "Status": "Active"}),
    ],
)
def test_cells(sample: DevCluster, path: str, cells: dict[str, Any]) -> None:
    assert row(sample, path) == cells


def test_list_has_pages_and_metadata_of_the_objects(sample: DevCluster) -> None:
    found = table(sample, "/api/v1/services?limit=3")
    assert len(found["rows"]) == 3
    assert found["metadata"]["continue"]
    beside = found["rows"][0]["object"]
    assert (beside["kind"], beside["metadata"]["name"]) == ("PartialObjectMetadata", "kubernetes")


@pytest.mark.parametrize(
    "include, kind", [("Object", "Service"), ("Metadata", "PartialObjectMetadata"), ("None", None)]
)
def test_what_comes_beside_the_cells(sample: DevCluster, include: str, kind: str | None) -> None:
    found = table(sample, f"{SHOP}/services?includeObject={include}")
    assert found["rows"][0].get("object", {}).get("kind") == kind


def test_every_kind_of_the_sample_has_a_table(sample: DevCluster) -> None:
    for resource in RESOURCES:
        table(sample, f"/{resource.prefix}/{resource.plural}")


@pytest.mark.parametrize(
    "accept, wanted",
    [
        (ACCEPT["Accept"], True),
        ("application/json; as=Table; v=v1; g=meta.k8s.io", True),
        ("application/json", False),
        ("application/json;as=Table;v=v1beta1;g=meta.k8s.io", False),
        ("application/json,application/json;as=Table;v=v1", False),
        ("", False),
    ],
)
def test_who_wants_a_table(accept: str, wanted: bool) -> None:
    assert wants_table(accept) is wanted


@pytest.mark.parametrize(
    "seconds, text",
    [
        (-5, "0s"),
        (0, "0s"),
        (119, "119s"),
        (120, "2m"),
        (125, "2m5s"),
        (3600, "60m"),
        (10860, "3h1m"),
        (36000, "10h"),
        (180000, "2d2h"),
        (864000, "10d"),
        (100000000, "3y"),
    ],
)
def test_ages(seconds: float, text: str) -> None:
    assert human_age(seconds) == text


def test_age_is_the_time_since_creation(sample: DevCluster) -> None:
    created = sample.get("services", "web", "shop")["metadata"]["creationTimestamp"]
    assert datetime.fromisoformat(created)
    age = table(sample, f"{SHOP}/services/web")["rows"][0]["cells"][5]
    assert age.endswith("s") and int(age[:-1]) < 60
