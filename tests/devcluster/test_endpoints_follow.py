"""EndpointSlices and Endpoints follow Services and Pods at once."""

from __future__ import annotations

from typing import Any

import pytest

from devcluster.cluster import DevCluster
from tests.devcluster.support import Json, Watching, brief, call, pod, service

WEB = {"app": "web"}


def slices(cluster: DevCluster, name: str = "s", family: str = "IPv4") -> list[Json]:
    found = cluster.objects("endpointslices", labels=f"kubernetes.io/service-name={name}")
    return [piece for piece in found if piece["addressType"] == family]


def addresses(cluster: DevCluster, name: str = "s", family: str = "IPv4") -> list[str]:
    return sorted(
        endpoint["addresses"][0]
        for piece in slices(cluster, name, family)
        for endpoint in piece["endpoints"] or ()
    )


def only(cluster: DevCluster, name: str = "s") -> Json:
    [piece] = slices(cluster, name)
    [endpoint] = piece["endpoints"]
    result: Json = endpoint
    return result


@pytest.mark.parametrize("pods_first", [True, False])
def test_order_does_not_matter(cluster: DevCluster, pods_first: bool) -> None:
    objects = [pod("p1", "10.1.0.1"), pod("p2", "10.1.0.2"), service("s", selector=WEB)]
    for obj in objects if pods_first else reversed(objects):
        cluster.create(obj)
    assert addresses(cluster) == ["10.1.0.1", "10.1.0.2"]


def test_slice_keeps_its_name_and_counts_generations(cluster: DevCluster) -> None:
    cluster.create(service("s", selector=WEB))
    [empty] = slices(cluster)
    assert (empty["endpoints"], empty["ports"]) == (None, None)
    cluster.create(pod("p1", "10.1.0.1"))
    [one] = slices(cluster)
    cluster.create(pod("p2", "10.1.0.2"))
    [two] = slices(cluster)
    assert one["metadata"]["name"] == two["metadata"]["name"]
    assert two["metadata"]["generation"] == one["metadata"]["generation"] + 1
    assert two["metadata"]["uid"] == one["metadata"]["uid"]


@pytest.mark.parametrize(
    "change",
    [
        {"metadata": {"labels": {"app": "other"}}},
        {"status": {"phase": "Succeeded"}},
        {"status": {"podIPs": [{"$patch": "replace"}], "podIP": None}},
    ],
)
def test_pod_that_no_longer_counts_leaves(cluster: DevCluster, change: Json) -> None:
    cluster.create(service("s", selector=WEB))
    cluster.create(pod("p", "10.1.0.1"))
    assert addresses(cluster) == ["10.1.0.1"]
    cluster.patch("pods", "p", change, "default")
    assert addresses(cluster) == []
    assert "subsets" not in cluster.get("endpoints", "s", "default")


def test_readiness(cluster: DevCluster) -> None:
    cluster.create(service("s", selector=WEB))
    cluster.create(pod("p", "10.1.0.1", ready=False))
    assert only(cluster)["conditions"] == {"ready": False, "serving": False, "terminating": False}
    subset = cluster.get("endpoints", "s", "default")["subsets"][0]
    assert "addresses" not in subset and len(subset["notReadyAddresses"]) == 1
    ready = {"status": {"conditions": [{"type": "Ready", "status": "True"}]}}
    cluster.patch("pods", "p", ready, "default")
    assert only(cluster)["conditions"] == {"ready": True, "serving": True, "terminating": False}


def test_not_ready_is_published_on_request(cluster: DevCluster) -> None:
    cluster.create(service("s", selector=WEB, publishNotReadyAddresses=True))
    cluster.create(pod("p", "10.1.0.1", ready=False))
    assert only(cluster)["conditions"]["ready"] is True
    subset = cluster.get("endpoints", "s", "default")["subsets"][0]
    assert subset["addresses"][0]["ip"] == "10.1.0.1"


def test_terminating_pod_serves_but_is_not_ready(cluster: DevCluster) -> None:
    cluster.create(service("s", selector=WEB))
    obj = pod("p", "10.1.0.1")
    obj["metadata"]["finalizers"] = ["example.com/slow"]
    cluster.create(obj)
    cluster.delete("pods", "p", "default")
    assert only(cluster)["conditions"] == {"ready": False, "serving": True, "terminating": True}
    assert "subsets" not in cluster.get("endpoints", "s", "default")


@pytest.mark.parametrize("subdomain, hostname", [("s", "h"), ("other", None), (None, None)])
def test_hostname_counts_under_its_subdomain_only(
    cluster: DevCluster, subdomain: str | None, hostname: str | None
) -> None:
    cluster.create(service("s", clusterIP="None", selector=WEB))
    cluster.create(pod("p", "10.1.0.1", hostname="h", subdomain=subdomain))
    assert only(cluster).get("hostname") == hostname


def test_dual_stack_has_a_slice_per_family(cluster: DevCluster) -> None:
    cluster.create(service("s", selector=WEB, ipFamilyPolicy="PreferDualStack"))
    cluster.create(pod("p1", "10.1.0.1", "fd00::1"))
    cluster.create(pod("p2", "10.1.0.2"))
    assert addresses(cluster) == ["10.1.0.1", "10.1.0.2"]
    assert addresses(cluster, family="IPv6") == ["fd00::1"]


def test_named_target_ports(cluster: DevCluster) -> None:
    def serving(port: int) -> list[Json]:
        return [{"name": "c", "ports": [{"name": "http", "containerPort": port}]}]

    ports = [{"name": "web", "port": 80, "targetPort": "http"}]
    cluster.create(service("s", selector=WEB, ports=ports))
    cluster.create(pod("old", "10.1.0.1", containers=serving(8080)))
    cluster.create(pod("new", "10.1.0.2", containers=serving(9090)))
    cluster.create(pod("none", "10.1.0.3"))
    found = {
        piece["ports"][0]["port"]: piece["endpoints"][0]["addresses"] for piece in slices(cluster)
    }
    assert found == {8080: ["10.1.0.1"], 9090: ["10.1.0.2"]}
    subsets = cluster.get("endpoints", "s", "default")["subsets"]
    assert [subset["ports"][0]["port"] for subset in subsets] == [8080, 9090]


def test_slices_hold_100_endpoints_at_most(cluster: DevCluster) -> None:
    cluster.create(service("s", selector=WEB))
    for number in range(150):
        cluster.create(pod(f"p{number:03}", f"10.1.0.{number}"))
    assert sorted(len(piece["endpoints"]) for piece in slices(cluster)) == [50, 100]
    for number in range(120):
        cluster.delete("pods", f"p{number:03}", "default")
    assert [len(piece["endpoints"]) for piece in slices(cluster)] == [30]


def test_service_without_selector_gets_none(cluster: DevCluster) -> None:
    cluster.create(service("s"))
    cluster.create(pod("p", "10.1.0.1"))
    assert slices(cluster) == []
    assert call(cluster, "GET", "/api/v1/namespaces/default/endpoints/s").code == 404


def test_slices_of_others_are_left_alone(cluster: DevCluster) -> None:
    by_hand: Json = {
        "apiVersion": "discovery.k8s.io/v1",
        "kind": "EndpointSlice",
        "metadata": {
            "name": "by-hand",
            "namespace": "default",
            "labels": {"kubernetes.io/service-name": "s"},
        },
        "addressType": "IPv4",
        "endpoints": [{"addresses": ["192.0.2.1"]}],
    }
    cluster.create(by_hand)
    cluster.create(service("s", selector=WEB))
    cluster.create(pod("p", "10.1.0.1"))
    cluster.delete("services", "s", "default")
    assert [piece["metadata"]["name"] for piece in slices(cluster)] == ["by-hand"]


def test_deleted_service_takes_its_slices_along(cluster: DevCluster) -> None:
    cluster.create(service("s", selector=WEB))
    cluster.create(pod("p", "10.1.0.1"))
    query = f"resourceVersion={cluster.resource_version}"
    with Watching(cluster, "/apis/discovery.k8s.io/v1/endpointslices", query) as watch:
        cluster.delete("services", "s", "default")
        assert brief(watch.next())[0] == "DELETED"
    assert slices(cluster) == []
    assert call(cluster, "GET", "/api/v1/namespaces/default/endpoints/s").code == 404


@pytest.mark.parametrize(
    "spec", [{"selector": None}, {"type": "ExternalName", "externalName": "example.com"}]
)
def test_service_that_stops_selecting_loses_its_slices(
    cluster: DevCluster, spec: dict[str, Any]
) -> None:
    cluster.create(service("s", selector=WEB))
    cluster.create(pod("p", "10.1.0.1"))
    cluster.patch("services", "s", {"spec": spec}, "default")
    assert slices(cluster) == []


def test_changed_selector_selects_anew(cluster: DevCluster) -> None:
    cluster.create(service("s", selector=WEB))
    cluster.create(pod("p", "10.1.0.1"))
    cluster.create(pod("q", "10.1.0.2", labels={"app": "db", "tier": "x"}))
    cluster.patch("services", "s", {"spec": {"selector": {"app": "db", "tier": "x"}}}, "default")
    assert addresses(cluster) == ["10.1.0.2"]
    cluster.patch("pods", "q", {"metadata": {"labels": {"tier": "y"}}}, "default")
    assert addresses(cluster) == []


def test_nothing_is_written_when_nothing_follows(cluster: DevCluster) -> None:
    cluster.create(service("s", selector=WEB))
    cluster.create(pod("p", "10.1.0.1"))
    version = cluster.resource_version
    cluster.patch("pods", "p", {"metadata": {"annotations": {"x": "y"}}}, "default")
    assert cluster.resource_version == version + 1
