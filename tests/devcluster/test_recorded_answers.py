"""Status answers, watch events and headers have the recorded ones' fields and words."""

from __future__ import annotations

from typing import Any

import pytest

from devcluster.cluster import DevCluster, Settings
from tests.devcluster.support import (
    SERVICES,
    SLICES,
    Json,
    Watching,
    call,
    recorded,
    recorded_events,
    service,
)


def test_missing_object_is_the_recorded_404(cluster: DevCluster) -> None:
    theirs = recorded("service-notfound")
    ours = call(cluster, "GET", "/api/v1/namespaces/default/services/nope")
    assert (ours.code, ours.json) == (theirs.code, theirs.json)


def test_wrong_token_is_the_recorded_401() -> None:
    theirs = recorded("unauthorized")
    with DevCluster(Settings(token="right")) as cluster:
        ours = call(cluster, "GET", SERVICES, headers={"Authorization": "Bearer wrong"})
        assert (ours.code, ours.json) == (theirs.code, theirs.json)


def test_forbidden_resource_is_the_recorded_403(cluster: DevCluster) -> None:
    theirs = recorded("kube-dns-account-endpointslices-forbidden")
    cluster.faults.forbid("endpointslices")
    ours = call(cluster, "GET", SLICES)
    assert (ours.code, ours.json) == (theirs.code, theirs.json)
    assert ours.headers["x-content-type-options"] == theirs.headers["x-content-type-options"]


def test_version_not_reached_is_the_recorded_504(cluster: DevCluster) -> None:
    theirs = recorded("services-rv-too-large")
    ours = call(cluster, "GET", f"{SERVICES}?resourceVersion=99999999")
    expected = {
        **theirs.json,
        "message": theirs.json["message"].replace("349", str(cluster.resource_version)),
    }
    assert (ours.code, ours.json) == (theirs.code, expected)
    assert ours.headers["retry-after"] == theirs.headers["retry-after"]


def test_forgotten_version_is_the_recorded_error_event(cluster: DevCluster) -> None:
    [theirs] = recorded_events("services-watch-too-old")
    with Watching(cluster, SERVICES, "resourceVersion=2") as watch:
        assert watch.response.status == recorded("services-watch-too-old").code
        ours = watch.next()
        assert watch.ends()
    message = theirs["object"]["message"].replace("343", "1000")
    assert ours == {**theirs, "object": {**theirs["object"], "message": message}}


@pytest.mark.parametrize(
    "recording, query",
    [
        ("services-watch", "allowWatchBookmarks=true"),
        (
            "services-watchlist",
            "allowWatchBookmarks=true&sendInitialEvents=true&resourceVersionMatch=NotOlderThan",
        ),
    ],
)
def test_bookmarks_are_the_recorded_ones(recording: str, query: str) -> None:
    theirs = next(e for e in recorded_events(recording) if e["type"] == "BOOKMARK")
    with (
        DevCluster(Settings(bookmark_every_s=0.05)) as cluster,
        Watching(cluster, SERVICES, query) as watch,
    ):
        ours = watch.next()
        while ours["type"] != "BOOKMARK":
            ours = watch.next()
        assert ours["object"]["metadata"].pop("resourceVersion") == str(cluster.resource_version)
    del theirs["object"]["metadata"]["resourceVersion"]
    assert ours == theirs


def test_slice_bookmark_is_the_recorded_one() -> None:
    theirs = next(e for e in recorded_events("endpointslices-watch") if e["type"] == "BOOKMARK")
    settings = Settings(bookmark_every_s=0.05, start_version=357)
    with DevCluster(settings) as cluster:
        version = cluster.resource_version
        query = f"allowWatchBookmarks=true&resourceVersion={version}"
        with Watching(cluster, SLICES, query) as watch:
            ours = watch.next()
    ours["object"]["metadata"]["resourceVersion"] = "358"
    assert ours == theirs


def test_event_objects_begin_with_kind_and_version(cluster: DevCluster) -> None:
    theirs = next(e for e in recorded_events("services-watch") if e["type"] == "ADDED")
    with Watching(cluster, SERVICES, f"resourceVersion={cluster.resource_version}") as watch:
        cluster.create(service("late"))
        ours = watch.next()
    assert list(ours) == list(theirs)
    assert list(ours["object"]) == list(theirs["object"])


def test_list_metadata_of_a_page(cluster: DevCluster) -> None:
    for name in ("a", "b", "c", "d"):
        cluster.create(service(name))
    theirs = recorded("services-page1").json["metadata"]
    ours = call(cluster, "GET", f"{SERVICES}?limit=2").json["metadata"]
    assert list(ours) == list(theirs)
    assert ours["remainingItemCount"] == 3
    assert ours["continue"].startswith("eyJ2IjoibWV0YS5rOHMuaW8vdjEi")  # {"v":"meta.k8s.io/v1"


def test_headers_of_a_list(cluster: DevCluster) -> None:
    theirs, ours = recorded("services-page1").headers, call(cluster, "GET", SERVICES).headers
    unset = {name for name in theirs if name.startswith("x-kubernetes-pf-")}
    assert set(theirs) - unset - set(ours) == set()
    assert ours["content-type"] == theirs["content-type"]
    assert ours["cache-control"] == theirs["cache-control"]


def test_endpoints_come_with_the_recorded_warning(cluster: DevCluster) -> None:
    theirs = recorded("endpoints-prod").headers["warning"]
    ours = call(cluster, "GET", "/api/v1/namespaces/default/endpoints").headers["warning"]
    assert ours.lower() == theirs


def named(items: list[Json], name: str) -> Json:
    return next(item for item in items if item["name"] == name)


@pytest.mark.parametrize(
    "path, recording", [("/api/v1", "api-v1"), ("/apis/discovery.k8s.io/v1", "apis-discovery-v1")]
)
def test_discovered_resources_are_recorded_ones(
    cluster: DevCluster, path: str, recording: str
) -> None:
    ours, theirs = call(cluster, "GET", path).json, recorded(recording).json
    assert {k: v for k, v in ours.items() if k != "resources"} == {
        k: v for k, v in theirs.items() if k != "resources"
    }
    for entry in ours["resources"]:
        expected = named(theirs["resources"], entry["name"])
        expected.pop("storageVersionHash", None)
        assert entry == expected


def test_groups_are_recorded_ones(cluster: DevCluster) -> None:
    theirs = recorded("apis").json
    ours = call(cluster, "GET", "/apis").json
    assert list(ours) == list(theirs)
    for group in ours["groups"]:
        assert group == named(theirs["groups"], group["name"])


def test_version_and_core_versions(cluster: DevCluster) -> None:
    def fields(value: Json) -> set[str]:
        return set(value)

    version: Any = call(cluster, "GET", "/version").json
    assert fields(version) == fields(recorded("version").json)
    core = call(cluster, "GET", "/api").json
    theirs = recorded("api").json
    theirs["serverAddressByClientCIDRs"][0]["serverAddress"] = f"127.0.0.1:{cluster.port}"
    assert core == theirs
