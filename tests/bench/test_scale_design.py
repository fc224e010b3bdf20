"""The large set: its sizes, its answers, and that kubedns reads the same out of its objects."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bench.scale.api import Cluster
from bench.scale.design import Design
from kubedns.k8s import model
from kubedns.k8s.project import project_slice

SMALL = Design(services=40, endpoints=130, per_slice=10)


def test_the_design_set_has_the_sizes_that_kubernetes_tests() -> None:
    design = Design()
    assert (design.services, design.endpoints, design.slices) == (10_000, 150_000, 1_500)
    assert design.headless == 1_250


def test_one_service_in_five_has_two_slices() -> None:
    owners = [SMALL.owner(number) for number in range(SMALL.slices)]
    assert owners == [0, 1, 2, 3, 4, 4, 5, 6, 7, 8, 9, 9, 10]


def test_each_endpoint_has_an_address_of_its_own() -> None:
    found = [address for held in SMALL.addresses().values() for address in held]
    assert len(found) == len(set(found)) == SMALL.endpoints + SMALL.services - SMALL.headless


@given(updates=st.integers(0, 700))
def test_addresses_after_updates_are_those_of_the_updates_one_by_one(updates: int) -> None:
    held = [
        [SMALL.address(number, place) for place in range(SMALL.per_slice)]
        for number in range(SMALL.slices)
    ]
    for update in range(updates):
        number, place = SMALL.updated_place(update)
        fresh = SMALL.address(number, place, updates=update + 1)
        assert fresh not in held[number]
        held[number][place] = fresh
    wanted: dict[int, set[bytes]] = {}
    for number, addresses in enumerate(held):
        wanted.setdefault(SMALL.owner(number), set()).update(addresses)
    found = SMALL.addresses(updates=updates)
    assert {number: found[number] for number in wanted} == wanted


@pytest.mark.parametrize("updates", [0, 1, 300])
def test_what_kubedns_reads_out_of_the_objects_is_what_is_expected(updates: int) -> None:
    cluster = Cluster(SMALL)
    for _ in range(updates):
        cluster.update()
    found: dict[tuple[str, str], set[bytes]] = {}
    for item in json.loads(cluster.page("endpointslices", limit=0, start=0))["items"]:
        decoded = model.decode_slice(json.dumps(item).encode())
        row = project_slice((item["metadata"]["namespace"], item["metadata"]["name"]), decoded)
        assert row is not None
        four = [row.addresses[at : at + 4] for at in range(0, len(row.addresses), 4)]
        found.setdefault((row.namespace, row.service), set()).update(four)
    expected = SMALL.addresses(updates=updates)
    assert found == {SMALL.service_key(n): expected[n] for n in range(SMALL.headless)}
