"""Deletion: answers, preconditions, finalizers, owners, namespaces, collections."""

from __future__ import annotations

import pytest

from devcluster.cluster import DevCluster
from tests.devcluster.support import Watching, brief, call, config_map, namespace, pod, service

CONFIG_MAPS = "/api/v1/namespaces/default/configmaps"


def test_answer_is_a_status_with_the_uid(cluster: DevCluster) -> None:
    uid = cluster.create(config_map("a"))["metadata"]["uid"]
    answer = call(cluster, "DELETE", f"{CONFIG_MAPS}/a")
    assert answer.code == 200
    assert answer.json["status"] == "Success"
    assert answer.json["details"] == {"name": "a", "kind": "configmaps", "uid": uid}
    assert call(cluster, "GET", f"{CONFIG_MAPS}/a").code == 404


def test_answer_is_the_object_for_services(cluster: DevCluster) -> None:
    before = cluster.create(service("a"))
    answer = call(cluster, "DELETE", "/api/v1/namespaces/default/services/a")
    assert answer.json["kind"] == "Service"
    assert answer.json["metadata"]["uid"] == before["metadata"]["uid"]


def test_missing_object_is_404(cluster: DevCluster) -> None:
    assert call(cluster, "DELETE", f"{CONFIG_MAPS}/a").code == 404


@pytest.mark.parametrize("field", ["uid", "resourceVersion"])
def test_failed_precondition_is_409(cluster: DevCluster, field: str) -> None:
    cluster.create(config_map("a"))
    body = {"kind": "DeleteOptions", "apiVersion": "v1", "preconditions": {field: "1"}}
    assert call(cluster, "DELETE", f"{CONFIG_MAPS}/a", body).code == 409
    assert cluster.get("configmaps", "a", "default")


def test_dry_run_deletes_nothing(cluster: DevCluster) -> None:
    cluster.create(config_map("a"))
    assert call(cluster, "DELETE", f"{CONFIG_MAPS}/a?dryRun=All").code == 200
    assert call(cluster, "DELETE", f"{CONFIG_MAPS}/a", {"dryRun": ["All"]}).code == 200
    assert cluster.get("configmaps", "a", "default")


def test_finalizers_delay_deletion_until_they_are_gone(cluster: DevCluster) -> None:
    obj = config_map("a")
    obj["metadata"]["finalizers"] = ["example.com/hold"]
    cluster.create(obj)
    query = f"resourceVersion={cluster.resource_version}"
    with Watching(cluster, "/api/v1/configmaps", query) as watch:
        call(cluster, "DELETE", f"{CONFIG_MAPS}/a")
        assert brief(watch.next()) == ("MODIFIED", "a")
        assert cluster.get("configmaps", "a", "default")["metadata"]["deletionTimestamp"]
        cluster.patch("configmaps", "a", {"metadata": {"finalizers": None}}, "default")
        assert brief(watch.next()) == ("DELETED", "a")
    assert cluster.objects("configmaps") == []


def test_what_an_object_owns_goes_with_it(cluster: DevCluster) -> None:
    uid = cluster.create(config_map("owner"))["metadata"]["uid"]
    owned = config_map("owned")
    owned["metadata"]["ownerReferences"] = [
        {"apiVersion": "v1", "kind": "ConfigMap", "name": "owner", "uid": uid}
    ]
    cluster.create(owned)
    cluster.create(config_map("other"))
    cluster.delete("configmaps", "owner", "default")
    assert [o["metadata"]["name"] for o in cluster.objects("configmaps")] == ["other"]


def test_namespace_takes_its_objects_along(cluster: DevCluster) -> None:
    cluster.create(namespace("gone"))
    cluster.create(service("a", "gone", selector={"app": "web"}))
    cluster.create(pod("p", "10.0.0.1", namespace="gone"))
    cluster.create(config_map("kept"))
    query = f"resourceVersion={cluster.resource_version}"
    with Watching(cluster, "/api/v1/namespaces", query) as watch:
        answer = call(cluster, "DELETE", "/api/v1/namespaces/gone")
        assert answer.json["status"]["phase"] == "Terminating"
        assert [brief(e)[0] for e in watch.take(2)] == ["MODIFIED", "DELETED"]
    for resource in ("services", "pods", "endpointslices", "endpoints"):
        assert cluster.objects(resource, "gone") == []
    assert cluster.objects("configmaps")
    assert call(cluster, "GET", "/api/v1/namespaces/gone").code == 404


@pytest.mark.parametrize("name", ["default", "kube-system"])
def test_base_namespaces_stay(cluster: DevCluster, name: str) -> None:
    answer = call(cluster, "DELETE", f"/api/v1/namespaces/{name}")
    assert (answer.code, answer.json["reason"]) == (403, "Forbidden")


def test_collection_deletes_what_is_selected(cluster: DevCluster) -> None:
    for name, tier in (("a", "x"), ("b", "y"), ("c", "x")):
        obj = config_map(name)
        obj["metadata"]["labels"] = {"tier": tier}
        cluster.create(obj)
    answer = call(cluster, "DELETE", f"{CONFIG_MAPS}?labelSelector=tier%3Dx")
    assert [item["metadata"]["name"] for item in answer.json["items"]] == ["a", "c"]
    assert [o["metadata"]["name"] for o in cluster.objects("configmaps")] == ["b"]


def test_address_of_a_deleted_service_is_free_again(cluster: DevCluster) -> None:
    cluster.create(service("a", clusterIP="10.96.0.77"))
    cluster.delete("services", "a", "default")
    cluster.create(service("b", clusterIP="10.96.0.77"))
