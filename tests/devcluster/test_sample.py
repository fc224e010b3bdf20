"""The sample cluster has something of everything that cluster DNS answers about."""

from __future__ import annotations

import json
from collections.abc import Iterator

import pytest

from devcluster.cluster import DevCluster, Settings
from tests.devcluster.support import Json


@pytest.fixture(scope="module")
def sample() -> Iterator[DevCluster]:
    with DevCluster(Settings(sample=True)) as cluster:
        yield cluster


def endpoints(sample: DevCluster, name: str, namespace: str) -> list[Json]:
    found = sample.objects("endpointslices", namespace, labels=f"kubernetes.io/service-name={name}")
    return [endpoint for piece in found for endpoint in piece["endpoints"] or ()]


def test_namespaces(sample: DevCluster) -> None:
    names = [item["metadata"]["name"] for item in sample.objects("namespaces")]
    assert names == ["default", "kube-system", "prod", "shop"]


def test_well_known_services(sample: DevCluster) -> None:
    api = sample.get("services", "kubernetes", "default")["spec"]
    assert (api["clusterIP"], api["ports"][0]["name"]) == ("10.96.0.1", "https")
    dns = sample.get("services", "kube-dns", "kube-system")["spec"]
    assert dns["clusterIP"] == "10.96.0.10"
    assert [(p["name"], p["port"], p["protocol"]) for p in dns["ports"]] == [
        ("dns", 53, "UDP"),
        ("dns-tcp", 53, "TCP"),
    ]


def test_dual_stack(sample: DevCluster) -> None:
    spec = sample.get("services", "api", "shop")["spec"]
    assert [":" in ip for ip in spec["clusterIPs"]] == [False, True]
    assert len(endpoints(sample, "api", "shop")) == 2


def test_headless_with_and_without_hostnames(sample: DevCluster) -> None:
    assert {e["hostname"] for e in endpoints(sample, "db", "prod")} == {"db-0", "db-1"}
    workers = endpoints(sample, "workers", "shop")
    assert [e["conditions"]["ready"] for e in workers] == [True, True, False]
    assert not any("hostname" in e for e in workers)


def test_not_ready_endpoints_and_their_publication(sample: DevCluster) -> None:
    assert [e["conditions"]["ready"] for e in endpoints(sample, "queue", "prod")] == [False] * 2
    assert [e["conditions"]["ready"] for e in endpoints(sample, "queue-peers", "prod")] == [
        True
    ] * 2


def test_external_names(sample: DevCluster) -> None:
    targets = {
        item["spec"].get("externalName")
        for item in sample.objects("services")
        if item["spec"]["type"] == "ExternalName"
    }
    assert targets == {"www.example.com", "db.prod.svc.cluster.local"}


def test_dns_configuration_asks_nothing_of_a_network(sample: DevCluster) -> None:
    data = sample.get("configmaps", "kube-dns", "kube-system")["data"]
    assert list(data) == ["stubDomains"]
    assert json.loads(data["stubDomains"]) == {"acme.local": ["127.0.0.1:1054"]}
