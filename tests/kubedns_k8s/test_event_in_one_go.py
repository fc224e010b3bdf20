"""An event that is read in one go says what it says when its object is read by itself."""

from __future__ import annotations

import json
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from kubedns.k8s import model
from kubedns.k8s.errors import BadObject, Malformed
from kubedns.k8s.kind import Kind
from kubedns.k8s.pods import pods
from kubedns.k8s.project import endpoint_slices, services
from kubedns.k8s.versions import Change, Versions

ADDRESSES = st.lists(st.sampled_from(("10.0.0.1", "10.0.0.2", "010.0.0.3", "no", "fd00::1")))
ENDPOINT = st.none() | st.fixed_dictionaries(
    {},
    optional={
        "addresses": st.none() | ADDRESSES,
        "conditions": st.none() | st.fixed_dictionaries({"ready": st.none() | st.booleans()}),
        "hostname": st.none() | st.sampled_from(("", "db-0")),
        "targetRef": st.none() | st.just({"kind": "Pod", "name": "db-0"}),
        "nodeName": st.just("node"),
    },
)
OBJECT = st.fixed_dictionaries(
    {
        "metadata": st.fixed_dictionaries(
            {"name": st.sampled_from(("a", "")), "namespace": st.just("ns")},
            optional={
                "resourceVersion": st.sampled_from(("7", "8")),
                "labels": st.just({model.SERVICE_NAME_LABEL: "db"}),
            },
        )
    },
    optional={
        "addressType": st.sampled_from(("IPv4", "IPv6", "FQDN", "IPX")),
        "endpoints": st.none() | st.lists(ENDPOINT, max_size=4),
        "ports": st.just([{"name": "p", "port": 1}]) | st.just([{"port": "no number"}]),
        "spec": st.just({"clusterIP": "10.0.0.9"}) | st.just(7),
        "status": st.just({"podIP": "10.0.0.8", "phase": "Running"}),
    },
)
KINDS: list[Kind[Any]] = [services(), pods(), endpoint_slices(), endpoint_slices(want_pods=True)]


def in_two(versions: Versions, line: bytes) -> tuple[str, list[Change]]:
    event = model.decode_event(line)
    return versions.event(event.type or "", event.object)


@given(st.sampled_from(KINDS), st.sampled_from(("ADDED", "MODIFIED")), OBJECT, st.booleans())
def test_the_same_rows_or_the_same_report(
    kind: Kind[Any], event_type: str, body: dict[str, Any], object_first: bool
) -> None:
    event = {"type": event_type, "object": body}
    line = json.dumps(dict(reversed(event.items())) if object_first else event).encode()
    whole, parts = Versions(kind), Versions(kind)
    expected = in_two(parts, line)
    found = whole.line(line)
    if found is None:
        found = in_two(whole, line)
    assert found == expected
    assert [str(bad) for bad in whole.take_reports()] == [str(b) for b in parts.take_reports()]
    assert (whole.newest, len(whole)) == (parts.newest, len(parts))


@given(
    st.sampled_from(KINDS),
    st.sampled_from(("DELETED", "BOOKMARK", "ERROR", "", None, 7)) | st.text(max_size=3),
    OBJECT | st.none(),
)
def test_every_other_event_is_left_to_who_reads_its_type(
    kind: Kind[Any], event_type: object, body: object
) -> None:
    versions = Versions(kind)
    assert versions.line(json.dumps({"type": event_type, "object": body}).encode()) is None
    assert versions.line(json.dumps({"object": body}).encode()) is None
    assert len(versions) == 0


@given(st.binary(max_size=60))
def test_no_bytes_make_it_raise(line: bytes) -> None:
    assert Versions(services()).line(line) is None
    try:
        model.decode_event(line)
    except (Malformed, BadObject):
        return
