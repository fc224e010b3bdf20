"""A watch from a version whose events are forgotten says so; an open one is not disturbed."""

from __future__ import annotations

from devcluster.cluster import DevCluster, Settings
from tests.devcluster.support import SERVICES, Json, Watching, brief, call, service


def first_event(cluster: DevCluster, version: int) -> Json:
    with Watching(cluster, SERVICES, f"resourceVersion={version}") as watch:
        event = watch.next()
        if event["type"] == "ERROR":
            assert watch.ends()
        return event


def code(event: Json) -> int | None:
    found: int | None = event["object"].get("code")
    return found


def test_compaction_forgets(cluster: DevCluster) -> None:
    then = cluster.resource_version
    cluster.create(service("a"))
    assert brief(first_event(cluster, then)) == ("ADDED", "a")
    cluster.compact()
    assert code(first_event(cluster, then)) == 410


def test_present_version_is_never_too_old(cluster: DevCluster) -> None:
    cluster.compact()
    with Watching(cluster, SERVICES, f"resourceVersion={cluster.resource_version}") as watch:
        cluster.create(service("a"))
        assert brief(watch.next()) == ("ADDED", "a")


def test_history_is_bounded_by_its_size() -> None:
    with DevCluster(Settings(start_version=1000, history_size=2)) as cluster:
        then = cluster.resource_version
        cluster.create(service("a"))
        after_a = cluster.resource_version
        cluster.create(service("b"))
        cluster.create(service("c"))
        assert code(first_event(cluster, then)) == 410
        assert brief(first_event(cluster, after_a)) == ("ADDED", "b")


def test_open_watch_survives_compaction(cluster: DevCluster) -> None:
    with Watching(cluster, SERVICES, f"resourceVersion={cluster.resource_version}") as watch:
        cluster.faults.pause_watches()
        cluster.create(service("a"))
        cluster.compact()
        cluster.faults.resume_watches()
        assert brief(watch.next()) == ("ADDED", "a")


def test_version_never_reached_is_too_old(cluster: DevCluster) -> None:
    # It can only come from an earlier life of the server; waiting for it would miss events.
    assert code(first_event(cluster, cluster.resource_version + 1000)) == 410


def test_too_old_can_come_as_an_http_status(cluster: DevCluster) -> None:
    cluster.faults.fail_next("services", code=410, verb="watch")
    answer = call(cluster, "GET", f"{SERVICES}?watch=true&resourceVersion=1001")
    assert (answer.code, answer.json["reason"]) == (410, "Expired")


def test_new_cluster_answers_versions_of_an_earlier_one_with_too_old() -> None:
    with DevCluster() as earlier:
        for number in range(50):
            earlier.create(service(f"s{number}"))
        then = earlier.resource_version
    with DevCluster() as later:
        assert later.resource_version > then
        assert code(first_event(later, then)) == 410
