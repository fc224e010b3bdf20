"""A watch gives every later write once, in order, at its resourceVersion."""

from __future__ import annotations

import itertools
import statistics
import time

import pytest

from devcluster.cluster import DevCluster, Settings
from tests.devcluster.support import (
    SERVICES,
    Watching,
    brief,
    call,
    config_map,
    namespace,
    service,
    versions,
)
from tests.waiting import eventually


def from_now(cluster: DevCluster) -> str:
    return f"resourceVersion={cluster.resource_version}"


def test_added_modified_deleted(cluster: DevCluster) -> None:
    with Watching(cluster, SERVICES, from_now(cluster)) as watch:
        cluster.create(service("a"))
        cluster.patch("services", "a", {"metadata": {"labels": {"x": "y"}}}, "default")
        cluster.delete("services", "a", "default")
        events = watch.take(3)
    assert [brief(e) for e in events] == [("ADDED", "a"), ("MODIFIED", "a"), ("DELETED", "a")]
    assert events[1]["object"]["metadata"]["labels"] == {"x": "y"}
    assert versions(events) == sorted(set(versions(events)))


def test_deleted_carries_the_version_of_the_deletion(cluster: DevCluster) -> None:
    created = cluster.create(service("a"))
    with Watching(cluster, SERVICES, from_now(cluster)) as watch:
        cluster.delete("services", "a", "default")
        event = watch.next()
    assert event["object"]["metadata"]["resourceVersion"] == str(cluster.resource_version)
    assert event["object"]["metadata"]["uid"] == created["metadata"]["uid"]
    assert event["object"]["spec"] == created["spec"]


def test_watch_from_a_past_version_replays_what_came_after(cluster: DevCluster) -> None:
    cluster.create(service("a"))
    then = from_now(cluster)
    cluster.create(service("b"))
    cluster.delete("services", "a", "default")
    with Watching(cluster, SERVICES, then) as watch:
        assert [brief(e) for e in watch.take(2)] == [("ADDED", "b"), ("DELETED", "a")]


@pytest.mark.parametrize("query", ["", "resourceVersion=0"])
def test_watch_without_a_version_begins_with_what_there_is(cluster: DevCluster, query: str) -> None:
    cluster.create(service("a"))
    with Watching(cluster, SERVICES, query) as watch:
        assert [brief(e) for e in watch.take(2)] == [("ADDED", "a"), ("ADDED", "kubernetes")]
        cluster.create(service("b"))
        assert brief(watch.next()) == ("ADDED", "b")


def test_other_resources_and_namespaces_are_not_seen(cluster: DevCluster) -> None:
    cluster.create(namespace("other"))
    path = "/api/v1/namespaces/default/services"
    with Watching(cluster, path, from_now(cluster)) as watch:
        cluster.create(service("a", "other"))
        cluster.create(config_map("c"))
        cluster.create(service("b"))
        assert brief(watch.next()) == ("ADDED", "b")


def test_no_change_is_no_event(cluster: DevCluster) -> None:
    created = cluster.create(service("a"))
    with Watching(cluster, SERVICES, from_now(cluster)) as watch:
        assert cluster.replace(created) == created
        cluster.create(service("b"))
        assert brief(watch.next()) == ("ADDED", "b")


def test_object_that_comes_into_and_leaves_a_selection(cluster: DevCluster) -> None:
    query = from_now(cluster) + "&labelSelector=tier%3Dweb"
    with Watching(cluster, SERVICES, query) as watch:
        cluster.create(service("a"))
        for labels in ({"tier": "web"}, {"more": "1"}, {"tier": "db"}, {"tier": "web"}):
            cluster.patch("services", "a", {"metadata": {"labels": labels}}, "default")
        cluster.delete("services", "a", "default")
        kinds = [event["type"] for event in watch.take(5)]
    assert kinds == ["ADDED", "MODIFIED", "DELETED", "ADDED", "DELETED"]


def test_field_selector_watches_one_object(cluster: DevCluster) -> None:
    query = from_now(cluster) + "&fieldSelector=metadata.name%3Db"
    with Watching(cluster, SERVICES, query) as watch:
        cluster.create(service("a"))
        cluster.create(service("b"))
        assert brief(watch.next()) == ("ADDED", "b")


def test_timeout_ends_the_stream_in_order(cluster: DevCluster) -> None:
    with Watching(cluster, SERVICES, from_now(cluster) + "&timeoutSeconds=1") as watch:
        started = time.monotonic()
        assert watch.ends()
        assert 0.9 < time.monotonic() - started < 5


def test_connection_is_kept_after_a_watch_that_ended(cluster: DevCluster) -> None:
    with Watching(cluster, SERVICES, from_now(cluster) + "&timeoutSeconds=1") as watch:
        assert watch.ends()
        watch.response.read()
        assert not watch.response.will_close


def test_event_arrives_within_milliseconds(cluster: DevCluster) -> None:
    waits = []
    with Watching(cluster, SERVICES, from_now(cluster)) as watch:
        for number in range(50):
            started = time.monotonic()
            cluster.create(service(f"s{number}"))
            watch.next()
            waits.append(time.monotonic() - started)
    assert statistics.median(waits) < 0.02


def test_watch_that_its_client_left_is_closed(cluster: DevCluster) -> None:
    watch = Watching(cluster, SERVICES, from_now(cluster))
    assert cluster.open_watches("services") == 1
    with watch:
        pass
    numbers = itertools.count()

    def closed_after_a_write() -> bool:
        cluster.create(service(f"s{next(numbers)}"))
        return cluster.open_watches() == 0

    eventually(closed_after_a_write)


def test_watch_is_not_offered_for_one_object(cluster: DevCluster) -> None:
    answer = call(cluster, "GET", "/api/v1/namespaces/default/services/kubernetes?watch=true")
    assert answer.json["kind"] == "Service"


def test_many_events_at_once_all_arrive() -> None:
    with (
        DevCluster(Settings(start_version=1000)) as cluster,
        Watching(cluster, SERVICES, from_now(cluster)) as watch,
    ):
        cluster.faults.pause_watches()
        for number in range(1000):
            cluster.create(service(f"s{number:04}"))
        cluster.faults.resume_watches()
        events = watch.take(1000)
    assert [brief(e)[1] for e in events] == [f"s{number:04}" for number in range(1000)]
