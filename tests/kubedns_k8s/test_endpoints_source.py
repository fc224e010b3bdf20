"""EndpointSlices where they can be read, else Endpoints: 403 and 404 decide, nothing else."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial

import pytest

from devcluster.cluster import DevCluster, Settings
from kubedns.k8s.endpoints_source import EndpointsSource
from kubedns.k8s.options import AUTO, ENDPOINTS, SLICES
from kubedns.k8s.reflector import Phase
from kubedns.k8s.runner import Runner
from kubedns.rows import ENDPOINT_SLICES, SliceRow
from tests.kubedns_k8s.rim import Quick, Received, api_server
from tests.waiting import eventually


@pytest.fixture
def cluster() -> Iterator[DevCluster]:
    with DevCluster(Settings(sample=True)) as running:
        yield running


@contextmanager
def reading(cluster: DevCluster, mode: str) -> Iterator[tuple[EndpointsSource, Received]]:
    received = Received()
    client = api_server(cluster.url)
    make = partial(Runner, server=client, deliver=received, rng=Quick(1))
    source = EndpointsSource(mode, make, received)
    source.start()
    try:
        yield source, received
    finally:
        assert source.stop(join_s=5.0)
        client.close()


def resources(source: EndpointsSource) -> list[str]:
    return [runner.status.resource for runner in source.runners]


def is_synced(received: Received) -> bool:
    return any(batch.synced for batch in received.batches)


def asked_for(cluster: DevCluster, resource: str) -> int:
    return sum(seen.path.endswith("/" + resource) for seen in cluster.requests)


def addresses(received: Received) -> set[tuple[str, str, bytes]]:
    return {
        (row.namespace, row.service, row.addresses[at : at + row.family])
        for row in list(received.rows.values())
        if isinstance(row, SliceRow)
        for at in range(0, len(row.addresses), row.family)
    }


def test_slices_where_they_can_be_read(cluster: DevCluster) -> None:
    with reading(cluster, AUTO) as (source, received):
        eventually(lambda: is_synced(received))
        assert resources(source) == ["endpointslices"]
        assert asked_for(cluster, "endpoints") == 0


@pytest.mark.parametrize("status", [403, 404])
def test_endpoints_where_they_cannot(cluster: DevCluster, status: int) -> None:
    cluster.faults.fail_next("endpointslices", code=status, times=1000)
    with reading(cluster, AUTO) as (source, received):
        eventually(lambda: is_synced(received))
        assert resources(source) == ["endpointslices", "endpoints"]
        assert all(batch.resource == ENDPOINT_SLICES for batch in received.batches)
        assert any("/" in name for name in received.names())
        slices, endpoints = (runner.status for runner in source.runners)
        eventually(lambda: source.runners[0].status.phase is Phase.REFUSED)
        assert (slices.optional, endpoints.optional) == (True, False)
        assert endpoints.feeds == ENDPOINT_SLICES


@pytest.mark.parametrize("status", [410, 429, 500, 503])
def test_other_answers_are_tried_again(cluster: DevCluster, status: int) -> None:
    cluster.faults.fail_next("endpointslices", code=status, times=2)
    with reading(cluster, AUTO) as (source, received):
        eventually(lambda: is_synced(received), 20)
        assert resources(source) == ["endpointslices"]
        assert asked_for(cluster, "endpoints") == 0


def test_only_slices(cluster: DevCluster) -> None:
    cluster.faults.forbid("endpointslices")
    with reading(cluster, SLICES) as (source, received):
        eventually(lambda: source.runners[0].status.counters.errors > 1)
        assert asked_for(cluster, "endpoints") == 0
        cluster.faults.allow("endpointslices")
        eventually(lambda: is_synced(received))


def test_only_endpoints(cluster: DevCluster) -> None:
    with reading(cluster, ENDPOINTS) as (source, received):
        eventually(lambda: is_synced(received))
        assert resources(source) == ["endpoints"]
        assert asked_for(cluster, "endpointslices") == 0


def test_neither_may_be_read_and_then_one(cluster: DevCluster) -> None:
    # So it is for a moment after the start of an API server.
    cluster.faults.forbid("endpointslices")
    cluster.faults.forbid("endpoints")
    with reading(cluster, AUTO) as (source, received):
        eventually(lambda: len(source.runners) == 2)
        eventually(lambda: source.runners[1].status.counters.errors > 0)
        assert not is_synced(received)
        cluster.faults.allow("endpointslices")
        eventually(lambda: is_synced(received), 20)
        eventually(lambda: resources(source) == ["endpointslices"])


def test_with_the_right_to_slices_endpoints_are_left_and_no_address_blinks(
    cluster: DevCluster,
) -> None:
    cluster.faults.forbid("endpointslices")
    with reading(cluster, AUTO) as (source, received):
        eventually(lambda: is_synced(received))
        before = addresses(received)
        assert before
        seen: list[set[tuple[str, str, bytes]]] = []
        received.after = lambda: seen.append(addresses(received))
        cluster.faults.allow("endpointslices")
        eventually(lambda: resources(source) == ["endpointslices"], 20)
        eventually(lambda: not any("/" in name for name in received.names()))
        assert seen
        assert all(before <= now for now in seen)


def test_stop_ends_both(cluster: DevCluster) -> None:
    cluster.faults.forbid("endpointslices")
    with reading(cluster, AUTO) as (source, received):
        eventually(lambda: is_synced(received))
        assert source.stop(join_s=5.0)
        assert all(not runner._thread.is_alive() for runner in source.runners)
