"""From API objects to answers: the zone follows from the objects that there are in the end.

Each resource has its own watch, with its own troubles; what one of them brings comes before or
after what another one brings, in any order.
"""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kubedns.k8s.endpoints import endpoints
from kubedns.k8s.kind import Kind
from kubedns.k8s.namespaces import namespaces
from kubedns.k8s.pods import pods
from kubedns.k8s.project import endpoint_slices, services
from kubedns.rows import Key
from tests.kubedns_k8s.histories import History, perform, settle
from tests.kubedns_k8s.support import Driven
from tests.kubedns_zone.served import ServedZone

SPACES, NAMES = ("n", "m"), ("a", "b")
IPS = ["10.0.0.1", "10.0.0.2", "10.0.0.3", "fd00::1"]
PORTS = [{"name": "http", "port": 80, "protocol": "TCP"}]

keys = st.tuples(st.sampled_from(SPACES), st.sampled_from(NAMES))
hosts = st.lists(st.tuples(st.sampled_from(IPS), st.sampled_from(["", "h"])), max_size=3)

service_bodies = st.sampled_from(
    [
        {"spec": {"clusterIP": "None", "ports": PORTS}},
        {"spec": {"clusterIP": "None", "ports": None}},
        {"spec": {"clusterIP": "10.0.0.9", "clusterIPs": ["10.0.0.9", "fd00::9"], "ports": PORTS}},
        {"spec": {"type": "ExternalName", "externalName": "b.m.svc.cluster.local"}},
    ]
)


def slice_body(owner: str, found: list[tuple[str, str]], family: str) -> dict[str, Any]:
    ours = [(ip, host) for ip, host in found if (":" in ip) == (family == "IPv6")]
    return {
        "metadata": {"labels": {"kubernetes.io/service-name": owner}},
        "addressType": family,
        "endpoints": [{"addresses": [ip], "hostname": host or None} for ip, host in ours],
        "ports": PORTS,
    }


slice_bodies = st.builds(
    slice_body, st.sampled_from(NAMES), hosts, st.sampled_from(["IPv4", "IPv6"])
)
endpoints_bodies = st.lists(hosts, max_size=2).map(
    lambda subsets: {
        "subsets": [
            {"addresses": [{"ip": ip, "hostname": host} for ip, host in found], "ports": PORTS}
            for found in subsets
        ]
    }
)
pod_bodies = st.builds(
    lambda phase, ips: {"status": {"phase": phase, "podIPs": [{"ip": ip} for ip in ips]}},
    st.sampled_from(["Running", "Pending", "Succeeded"]),
    st.lists(st.sampled_from(IPS), max_size=2),
)
Resources = list[tuple[Kind[Any], st.SearchStrategy[Key], st.SearchStrategy[Any]]]


def resources(source: Kind[Any], bodies: st.SearchStrategy[Any]) -> Resources:
    return [
        (services(), keys, service_bodies),
        (source, keys, bodies),
        (namespaces(), st.sampled_from(SPACES).map(lambda name: ("", name)), st.just({})),
        (pods(), keys, pod_bodies),
    ]


QUESTIONS = [
    *(
        f"{front}{name}.{space}.svc.cluster.local. {rdtype}"
        for front in ("", "h.", "10-0-0-1.", "_http._tcp.", "*.")
        for name in NAMES
        for space in SPACES
        for rdtype in ("A", "AAAA", "SRV")
    ),
    *(f"{space}.svc.cluster.local. A" for space in SPACES),
    *(f"10-0-0-{n}.{space}.pod.cluster.local. A" for n in (1, 2, 3) for space in SPACES),
    *(f"{n}.0.0.10.in-addr.arpa. PTR" for n in (1, 2, 3, 9)),
]


def served(zone: ServedZone) -> dict[str, Any]:
    """Everything that can be asked."""
    found: dict[str, Any] = {"dump": zone.tree.dump()}
    for question in QUESTIONS:
        reply = zone.ask(question, edns=4096)
        found[question] = (reply.rcode, reply.answers, reply.authority, reply.additional)
    return found


class Watched:
    """One resource: its history, its reflector, and how much of it the zone has."""

    def __init__(self, kind: Kind[Any], *, seed: int, history: History | None = None) -> None:
        self.history = history or History()
        self.driven = Driven(kind, seed=seed, watch_lists=bool(seed % 2))
        self._delivered = 0

    def deliver(self, zone: ServedZone) -> None:
        """Have the zone take what has come since the last time."""
        batches = self.driven.batches[self._delivered :]
        self._delivered += len(batches)
        for batch in batches:
            zone.apply(batch.resource, batch.changes, synced=batch.synced)


@pytest.mark.parametrize(
    ("source", "bodies"),
    [(endpoint_slices(), slice_bodies), (endpoints(), endpoints_bodies)],
    ids=["slices", "endpoints"],
)
@settings(max_examples=40, deadline=None)
@given(st.integers(0, 1000), st.data())
def test_the_zone_is_that_of_the_final_objects(
    source: Kind[Any], bodies: st.SearchStrategy[Any], seed: int, data: st.DataObject
) -> None:
    kinds = resources(source, bodies)
    zone = ServedZone(synced=False, pods="verified")
    watched = [Watched(kind, seed=seed + at) for at, (kind, _, _) in enumerate(kinds)]
    for step in range(data.draw(st.integers(4, 30))):
        at = data.draw(st.integers(0, len(kinds) - 1))
        history = watched[at].history
        for key, body in data.draw(st.lists(st.tuples(kinds[at][1], st.none() | kinds[at][2]))):
            if body is None:
                history.drop(key)
            else:
                history.put(key, body)
        if data.draw(st.integers(0, 4)) == 0:
            history.compact()
        perform(watched[at].driven, history, data)
        watched[data.draw(st.integers(0, len(kinds) - 1))].deliver(zone)
        if step % 10 == 9:
            served(zone)  # fills the prebuilt answers, which must not outlive their truth
    for one in data.draw(st.permutations(watched)):
        settle(one.driven, one.history)
        one.deliver(zone)

    at_once = ServedZone(synced=False, pods="verified")
    for one, (kind, _, _) in zip(watched, kinds, strict=True):
        again = Watched(kind, seed=0, history=one.history)
        settle(again.driven, again.history)
        again.deliver(at_once)
    assert served(zone) == served(at_once)
    assert zone.tree.addresses == at_once.tree.addresses
    assert zone.failures == at_once.failures == []
