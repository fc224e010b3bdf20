"""The runner in step with a server that behaves, through everything that happens to it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import msgspec
import pytest

from devcluster.cluster import DevCluster, Settings
from kubedns.k8s.endpoints import endpoints
from kubedns.k8s.kind import Kind
from kubedns.k8s.namespaces import namespaces
from kubedns.k8s.pods import pods
from kubedns.k8s.project import endpoint_slices, services
from kubedns.k8s.reflector import Phase
from kubedns.k8s.runner import Runner
from kubedns.rows import Key, Row
from tests.kubedns_k8s.rim import Received, running
from tests.waiting import eventually


@pytest.fixture
def cluster() -> Iterator[DevCluster]:
    with DevCluster(Settings(sample=True)) as running_cluster:
        yield running_cluster


def expected(cluster: DevCluster, kind: Kind[Any]) -> dict[Key, Row]:
    rows: dict[Key, Row] = {}
    for item in cluster.objects(kind.resource):
        decoded = kind.decode(msgspec.Raw(msgspec.json.encode(item)))
        rows.update(kind.project(kind.key_of(decoded.metadata), decoded))
    return rows


def in_step(cluster: DevCluster, received: Received, kind: Kind[Any]) -> None:
    eventually(
        lambda: received.rows == expected(cluster, kind),
        20,
        lambda: f"{received.rows} is not {expected(cluster, kind)}",
    )


def service(name: str, **spec: Any) -> dict[str, Any]:
    return {
        "apiVersion": "v1",
        "kind": "Service",
        "metadata": {"name": name, "namespace": "default"},
        "spec": {"ports": [{"name": "http", "port": 80}], **spec},
    }


def endpoint_slice(name: str, *addresses: str) -> dict[str, Any]:
    labels = {"kubernetes.io/service-name": "web"}
    return {
        "apiVersion": "discovery.k8s.io/v1",
        "kind": "EndpointSlice",
        "metadata": {"name": name, "namespace": "default", "labels": labels},
        "addressType": "IPv4",
        "endpoints": [{"addresses": [address]} for address in addresses] or None,
        "ports": None,
    }


KINDS = [services(), endpoint_slices(want_pods=True), endpoints(), namespaces(), pods()]


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.resource)
def test_the_sample_cluster_in_small_pages(cluster: DevCluster, kind: Kind[Any]) -> None:
    with running(cluster.url, kind, page_size=2) as (runner, received):
        in_step(cluster, received, kind)
        eventually(lambda: runner.status.synced)
        assert runner.status.counters.pages > 1
        assert runner.status.bad_objects == 0


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.resource)
def test_the_sample_cluster_as_initial_events(cluster: DevCluster, kind: Kind[Any]) -> None:
    with running(cluster.url, kind, watch_lists=True) as (runner, received):
        in_step(cluster, received, kind)
        eventually(lambda: cluster.open_watches(kind.resource) > 0)
        eventually(lambda: runner.status.phase is Phase.WATCHING)
        assert (runner.status.counters.pages, runner.status.counters.lists) == (0, 1)
        cluster.faults.fail_next(kind.resource, code=410, verb="watch")
        cluster.faults.cut_watches(kind.resource)
        eventually(lambda: runner.status.counters.lists == 2)
        in_step(cluster, received, kind)
        assert runner.status.counters.pages == 0


def test_a_server_without_initial_events() -> None:
    with (
        DevCluster(Settings(sample=True, watch_list=False)) as cluster,
        running(cluster.url, watch_lists=True) as (runner, received),
    ):
        in_step(cluster, received, services())
        eventually(lambda: runner.status.synced)
        assert runner.status.counters.pages == 1
        assert runner.status.counters.errors == 0


def test_pods_that_end_leave(cluster: DevCluster) -> None:
    with running(cluster.url, pods()) as (_, received):
        in_step(cluster, received, pods())
        name = received.names()[0]
        [namespace] = [ns for ns, pod in received.rows if pod == name]
        cluster.patch("pods", name, {"status": {"phase": "Succeeded"}}, namespace)
        eventually(lambda: name not in received.names())
        in_step(cluster, received, pods())


def test_create_change_delete(cluster: DevCluster) -> None:
    with running(cluster.url) as (_, received):
        in_step(cluster, received, services())
        cluster.create(service("one"))
        cluster.create(service("two", clusterIP="None"))
        cluster.create(service("three", type="ExternalName", externalName="example.com"))
        in_step(cluster, received, services())
        cluster.patch("services", "one", {"spec": {"publishNotReadyAddresses": True}}, "default")
        cluster.delete("services", "two", "default")
        in_step(cluster, received, services())


def test_slices_without_endpoints(cluster: DevCluster) -> None:
    kind = endpoint_slices()
    with running(cluster.url, kind) as (_, received):
        cluster.create(endpoint_slice("web-1", "10.1.0.1", "10.1.0.2"))
        cluster.create(endpoint_slice("web-2"))
        in_step(cluster, received, kind)
        cluster.replace(endpoint_slice("web-1"))
        in_step(cluster, received, kind)


def go_down_and_up(cluster: DevCluster) -> None:
    cluster.go_down()
    cluster.create(service("meanwhile"))
    cluster.delete("services", "early", "default")
    cluster.come_up()


def forget_history(cluster: DevCluster) -> None:
    cluster.go_down()
    go_down_and_up(cluster)
    cluster.faults.cut_watches("services")
    cluster.compact()


def refuse(cluster: DevCluster) -> None:
    cluster.faults.fail_next("services", code=503, times=2, retry_after_s=1)
    cluster.faults.cut_watches("services")


def say_gone(cluster: DevCluster) -> None:
    cluster.faults.fail_next("services", code=410, verb="watch")
    cluster.faults.cut_watches("services")


@pytest.mark.parametrize(
    "trouble",
    [
        go_down_and_up,
        forget_history,
        refuse,
        say_gone,
        lambda cluster: cluster.faults.send_raw("services", b"<html>\n"),
        lambda cluster: cluster.faults.silence_watches("services"),
    ],
    ids=["restart", "compaction", "503", "410", "garbage", "silence"],
)
def test_trouble(cluster: DevCluster, trouble: Callable[[DevCluster], None]) -> None:
    cluster.create(service("early"))
    with running(cluster.url, silence_s=1.0) as (runner, received):
        in_step(cluster, received, services())
        before = dict(received.rows)
        eventually(lambda: is_watching(cluster, runner))
        trouble(cluster)
        cluster.create(service("late"))
        in_step(cluster, received, services())
        assert before.keys() & received.rows.keys()
        eventually(lambda: runner.status.phase is Phase.WATCHING)


def is_watching(cluster: DevCluster, runner: Runner) -> bool:
    return runner.status.phase is Phase.WATCHING and cluster.open_watches("services") > 0
