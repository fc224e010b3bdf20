"""PUT: optimistic concurrency, and what a client cannot change."""

from __future__ import annotations

from devcluster.cluster import DevCluster
from tests.devcluster.support import Json, call, config_map, pod, service

PATH = "/api/v1/namespaces/default/configmaps/a"


def put(cluster: DevCluster, obj: Json, path: str = PATH) -> tuple[int, Json]:
    answer = call(cluster, "PUT", path, obj)
    return answer.code, answer.json


def test_present_version_replaces(cluster: DevCluster) -> None:
    obj = cluster.create(config_map("a", x="1"))
    obj["data"] = {"y": "2"}
    code, result = put(cluster, obj)
    assert (code, result["data"]) == (200, {"y": "2"})
    assert int(result["metadata"]["resourceVersion"]) > int(obj["metadata"]["resourceVersion"])


def test_outdated_version_is_409(cluster: DevCluster) -> None:
    obj = cluster.create(config_map("a", x="1"))
    cluster.patch("configmaps", "a", {"data": {"x": "2"}}, "default")
    code, status = put(cluster, {**obj, "data": {"x": "3"}})
    assert (code, status["reason"]) == (409, "Conflict")
    assert status["message"].startswith('Operation cannot be fulfilled on configmaps "a": ')
    assert cluster.get("configmaps", "a", "default")["data"] == {"x": "2"}


def test_without_a_version_the_last_writer_wins(cluster: DevCluster) -> None:
    cluster.create(config_map("a", x="1"))
    assert put(cluster, config_map("a", x="2"))[0] == 200


def test_missing_object_is_404(cluster: DevCluster) -> None:
    assert put(cluster, config_map("a"))[0] == 404


def test_other_name_is_400(cluster: DevCluster) -> None:
    cluster.create(config_map("a"))
    code, status = put(cluster, config_map("b"))
    assert code == 400
    assert "does not match the name on the URL" in status["message"]


def test_recreated_object_is_another_one(cluster: DevCluster) -> None:
    old = cluster.create(config_map("a"))
    cluster.delete("configmaps", "a", "default")
    cluster.create(config_map("a"))
    del old["metadata"]["resourceVersion"]
    assert put(cluster, old)[0] == 409


def test_uid_and_creation_time_stay(cluster: DevCluster) -> None:
    before = cluster.create(config_map("a"))["metadata"]
    obj = config_map("a", x="1")
    obj["metadata"]["creationTimestamp"] = "2000-01-01T00:00:00Z"
    after = put(cluster, obj)[1]["metadata"]
    assert after["uid"] == before["uid"]
    assert after["creationTimestamp"] == before["creationTimestamp"]


def test_status_subresource_takes_status_only(cluster: DevCluster) -> None:
    before = cluster.create(pod("p", "10.0.0.1"))
    changed: Json = {**before, "spec": {"hostname": "x"}, "status": {"phase": "Failed"}}
    code, after = put(cluster, changed, "/api/v1/namespaces/default/pods/p/status")
    assert code == 200
    assert after["spec"] == before["spec"]
    assert after["status"] == {"phase": "Failed"}


def test_outdated_status_is_409(cluster: DevCluster) -> None:
    before = cluster.create(pod("p", "10.0.0.1"))
    cluster.patch("pods", "p", {"metadata": {"labels": {"x": "y"}}}, "default")
    assert put(cluster, before, "/api/v1/namespaces/default/pods/p/status")[0] == 409


def test_generation_counts_changes_of_the_spec(cluster: DevCluster) -> None:
    cluster.create(pod("p", "10.0.0.1"))

    def generation(patch: Json) -> int:
        result: int = cluster.patch("pods", "p", patch, "default")["metadata"]["generation"]
        return result

    assert generation({"metadata": {"labels": {"x": "y"}}}) == 1
    assert generation({"status": {"phase": "Failed"}}) == 1
    assert generation({"spec": {"hostname": "h"}}) == 2


def test_replace_without_status_keeps_it(cluster: DevCluster) -> None:
    cluster.create(pod("p", "10.0.0.1"))
    changed = pod("p", labels={"app": "other"})
    del changed["status"]
    assert cluster.replace(changed)["status"]["podIP"] == "10.0.0.1"


def test_dry_run_changes_nothing(cluster: DevCluster) -> None:
    before = cluster.create(service("a"))
    path = "/api/v1/namespaces/default/services/a?dryRun=All"
    changed = {"spec": {"ipFamilyPolicy": "PreferDualStack"}}
    answer = call(cluster, "PATCH", path, changed, content_type="application/merge-patch+json")
    tried = answer.json["spec"]["clusterIPs"]
    assert len(tried) == 2
    assert cluster.get("services", "a", "default") == before
    cluster.create(service("b", clusterIPs=[tried[1]], ipFamilies=["IPv6"]))
