"""Bookmarks come when asked for, once per period, at a version that is fully delivered."""

from __future__ import annotations

from devcluster.cluster import DevCluster, Settings
from tests.devcluster.support import SERVICES, SLICES, Watching, config_map, service

ASK = "allowWatchBookmarks=true"


def test_bookmark_shows_progress_of_other_resources() -> None:
    with DevCluster(Settings(bookmark_every_s=0.05)) as cluster:
        query = f"{ASK}&resourceVersion={cluster.resource_version}"
        with Watching(cluster, SERVICES, query) as watch:
            cluster.create(config_map("c"))
            target = cluster.resource_version
            for _ in range(100):
                event = watch.next()
                assert event["type"] == "BOOKMARK"
                if int(event["object"]["metadata"]["resourceVersion"]) == target:
                    return
    raise AssertionError("no bookmark reached the present version")


def test_no_bookmarks_unless_asked_for() -> None:
    with DevCluster(Settings(bookmark_every_s=0.02)) as cluster:
        query = f"resourceVersion={cluster.resource_version}"
        with Watching(cluster, SERVICES, query) as watch:
            assert watch.is_quiet(0.3)


def test_bookmark_comes_shortly_before_the_timeout(cluster: DevCluster) -> None:
    query = f"{ASK}&resourceVersion={cluster.resource_version}&timeoutSeconds=3"
    with Watching(cluster, SERVICES, query) as watch:
        assert watch.next()["type"] == "BOOKMARK"
        assert watch.ends()


def test_watching_on_from_a_bookmark_misses_nothing() -> None:
    with DevCluster(Settings(bookmark_every_s=0.05)) as cluster:
        query = f"{ASK}&resourceVersion={cluster.resource_version}"
        with Watching(cluster, SERVICES, query) as watch:
            version = watch.next()["object"]["metadata"]["resourceVersion"]
        cluster.create(service("a"))
        with Watching(cluster, SERVICES, f"resourceVersion={version}") as watch:
            assert watch.next()["object"]["metadata"]["name"] == "a"


def test_held_watch_gets_no_bookmark_that_runs_ahead() -> None:
    with DevCluster(Settings(bookmark_every_s=0.02)) as cluster:
        query = f"{ASK}&resourceVersion={cluster.resource_version}"
        cluster.faults.pause_watches()
        with Watching(cluster, SERVICES, query) as watch:
            cluster.create(service("a"))
            assert watch.is_quiet(0.3)


def test_watch_list_ends_its_initial_events_with_a_bookmark(cluster: DevCluster) -> None:
    query = f"{ASK}&sendInitialEvents=true&resourceVersionMatch=NotOlderThan"
    with Watching(cluster, SLICES, query) as watch:
        assert watch.next()["object"]["metadata"]["name"] == "kubernetes"
        bookmark = watch.next()
        meta = bookmark["object"]["metadata"]
        assert bookmark["type"] == "BOOKMARK"
        assert meta["annotations"] == {"k8s.io/initial-events-end": "true"}
        assert meta["resourceVersion"] == str(cluster.resource_version)


def test_watch_list_of_nothing_still_has_its_bookmark(cluster: DevCluster) -> None:
    query = f"{ASK}&sendInitialEvents=true&resourceVersionMatch=NotOlderThan"
    with Watching(cluster, "/api/v1/pods", query) as watch:
        assert watch.next()["type"] == "BOOKMARK"
