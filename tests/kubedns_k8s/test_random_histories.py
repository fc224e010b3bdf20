"""Whatever happens on the way, the rows delivered add up to the objects that exist."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kubedns.k8s.endpoints import endpoints
from kubedns.k8s.kind import Kind
from kubedns.k8s.project import services
from kubedns.rows import Key, Row
from tests.kubedns_k8s.histories import History, perform, settle
from tests.kubedns_k8s.support import Driven

KEYS: list[Key] = [("ns", name) for name in "abcd"]
IPS = ["10.0.0.1", "10.0.0.2", "fd00::1"]

service_bodies = st.sampled_from(IPS).map(lambda ip: {"spec": {"clusterIP": ip}})
endpoints_bodies = st.lists(
    st.lists(st.sampled_from(IPS), max_size=3).map(
        lambda ips: {"addresses": [{"ip": ip} for ip in ips], "ports": None}
    ),
    max_size=3,
).map(lambda subsets: {"subsets": subsets})


def expected(kind: Kind[Any], history: History) -> dict[Key, Row]:
    rows: dict[Key, Row] = {}
    for item in history.objects.values():
        decoded = kind.decode(msgspec.Raw(msgspec.json.encode(item)))
        rows.update(kind.project(kind.key_of(decoded.metadata), decoded))
    return rows


@pytest.mark.parametrize(
    ("kind", "bodies"), [(services(), service_bodies), (endpoints(), endpoints_bodies)]
)
@settings(max_examples=250, deadline=None)
@given(st.integers(0, 1000), st.booleans(), st.data())
def test_rows_equal_the_final_objects(
    kind: Kind[Any], bodies: st.SearchStrategy[Any], seed: int, streams: bool, data: st.DataObject
) -> None:
    driven, history = Driven(kind, seed=seed, watch_lists=streams), History()
    edits = st.lists(st.tuples(st.sampled_from(KEYS), st.none() | bodies), max_size=6)
    for _ in range(data.draw(st.integers(1, 12))):
        for key, body in data.draw(edits):
            if body is None:
                history.drop(key)
            else:
                history.put(key, body)
        if data.draw(st.integers(0, 3)) == 0:
            history.compact()
        perform(driven, history, data)
    settle(driven, history)
    assert driven.rows == expected(kind, history)
    assert driven.bad == []
    assert set(driven.reflector.row_keys()) == driven.rows.keys()


@settings(max_examples=150, deadline=None)
@given(st.integers(0, 1000), st.booleans(), st.data())
def test_an_object_that_stays_never_blinks(seed: int, streams: bool, data: st.DataObject) -> None:
    driven, history = Driven(seed=seed, watch_lists=streams), History()
    steady: Key = ("ns", "steady")
    history.put(steady, {"spec": {"clusterIP": "10.0.0.9"}})
    for _ in range(data.draw(st.integers(1, 12))):
        history.put(KEYS[0], data.draw(service_bodies))
        if data.draw(st.booleans()):
            history.drop(KEYS[0])
        if data.draw(st.integers(0, 3)) == 0:
            history.compact()
        perform(driven, history, data)
    settle(driven, history)
    told = [changed for batch in driven.batches for key, changed in batch.changes if key == steady]
    assert told
    assert all(changed == told[0] is not None for changed in told)
