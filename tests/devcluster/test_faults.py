"""Faults happen as ordered, as often as ordered, and to nobody else."""

from __future__ import annotations

import http.client

import pytest

from devcluster.cluster import DevCluster
from tests.devcluster.support import SERVICES, Watching, brief, call, config_map, service
from tests.waiting import eventually

CONFIG_MAPS = "/api/v1/configmaps"


def from_now(cluster: DevCluster) -> str:
    return f"resourceVersion={cluster.resource_version}"


def test_failures_are_used_up_in_order(cluster: DevCluster) -> None:
    cluster.faults.fail_next("services", code=503, times=2, retry_after_s=7)
    cluster.faults.fail_next("services", code=500)
    answers = [call(cluster, "GET", SERVICES) for _ in range(4)]
    assert [answer.code for answer in answers] == [503, 503, 500, 200]
    assert answers[0].headers["retry-after"] == "7"
    assert answers[0].json["details"] == {"retryAfterSeconds": 7}
    assert "retry-after" not in answers[2].headers


def test_failures_of_one_verb_and_resource(cluster: DevCluster) -> None:
    cluster.faults.fail_next("services", code=429, verb="watch")
    assert call(cluster, "GET", SERVICES).code == 200
    assert call(cluster, "GET", f"{CONFIG_MAPS}?watch=true&timeoutSeconds=1").code == 200
    assert call(cluster, "GET", f"{SERVICES}?watch=true&timeoutSeconds=1").code == 429
    assert call(cluster, "GET", f"{SERVICES}?watch=true&timeoutSeconds=1").code == 200


def test_failure_of_any_request(cluster: DevCluster) -> None:
    cluster.faults.fail_next(code=500)
    assert call(cluster, "GET", CONFIG_MAPS).code == 500


def test_ordering_the_impossible(cluster: DevCluster) -> None:
    with pytest.raises(ValueError, match="no verb 'look'"):
        cluster.faults.fail_next("services", verb="look")
    with pytest.raises(ValueError, match="no resource"):
        cluster.faults.fail_next("gadgets")


def test_cut_after_bytes(cluster: DevCluster) -> None:
    cluster.faults.cut_next_watch("services", after_bytes=100)
    with Watching(cluster, SERVICES) as watch:
        with pytest.raises(http.client.IncompleteRead) as caught:
            watch.response.read()
        assert len(caught.value.partial) == 100
    with Watching(cluster, SERVICES) as watch:
        assert brief(watch.next()) == ("ADDED", "kubernetes")


def test_cut_now(cluster: DevCluster) -> None:
    with (
        Watching(cluster, SERVICES, from_now(cluster)) as cut,
        Watching(cluster, CONFIG_MAPS, from_now(cluster)) as other,
    ):
        cluster.faults.cut_watches("services")
        with pytest.raises(http.client.IncompleteRead):
            cut.response.read()
        cluster.create(config_map("a"))
        assert brief(other.next()) == ("ADDED", "a")


def test_paused_watches_lose_nothing(cluster: DevCluster) -> None:
    with Watching(cluster, SERVICES, from_now(cluster)) as watch:
        cluster.faults.pause_watches()
        cluster.create(service("a"))
        with Watching(cluster, SERVICES, from_now(cluster)) as late:
            cluster.create(service("b"))
            cluster.faults.resume_watches()
            assert brief(late.next()) == ("ADDED", "b")
        assert [brief(e)[1] for e in watch.take(2)] == ["a", "b"]


def test_silent_watch_stays_open_and_says_nothing(cluster: DevCluster) -> None:
    with Watching(cluster, SERVICES, from_now(cluster)) as silent:
        cluster.faults.silence_watches("services")
        with Watching(cluster, SERVICES, from_now(cluster)) as fresh:
            cluster.create(service("a"))
            assert brief(fresh.next()) == ("ADDED", "a")
        assert silent.is_quiet(0.2)


def test_raw_bytes_in_a_stream(cluster: DevCluster) -> None:
    with Watching(cluster, SERVICES, from_now(cluster)) as watch:
        cluster.faults.send_raw("services", b"not json\n")
        assert watch.response.readline() == b"not json\n"


def test_down_and_up_again_on_the_same_port(cluster: DevCluster) -> None:
    cluster.create(service("a"))
    url = cluster.url
    with Watching(cluster, SERVICES, from_now(cluster)) as watch:
        cluster.go_down()
        with pytest.raises((http.client.IncompleteRead, ConnectionError)):
            watch.response.read()
    with pytest.raises(ConnectionError):
        call(cluster, "GET", SERVICES)
    eventually(lambda: cluster.open_watches() == 0)
    cluster.create(service("b"))
    cluster.come_up()
    assert cluster.url == url
    names = [i["metadata"]["name"] for i in call(cluster, "GET", SERVICES).json["items"]]
    assert names == ["a", "b", "kubernetes"]


def test_requests_are_remembered(cluster: DevCluster) -> None:
    call(cluster, "GET", f"{SERVICES}?limit=500", headers={"User-Agent": "test/1"})
    seen = cluster.requests[-1]
    assert (seen.method, seen.path, seen.query, seen.code) == (
        "GET",
        SERVICES,
        {"limit": "500"},
        200,
    )
    assert seen.headers["user-agent"] == "test/1"
