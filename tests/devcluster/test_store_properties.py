"""Whatever is written: list + watch = present state, and pages = the snapshot they began with."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from devcluster.listing import list_page
from devcluster.params import list_options
from devcluster.resources import BY_PLURAL
from devcluster.status import ApiError
from devcluster.store import Key, Store

CONFIG_MAPS = BY_PLURAL["configmaps"]
SERVICES = BY_PLURAL["services"]

Op = tuple[str, Key, int]
keys = st.tuples(st.sampled_from(["a", "ab", "b"]), st.sampled_from(["x", "xy", "y", "z"]))
operations = st.lists(
    st.tuples(st.sampled_from(["put", "remove", "other"]), keys, st.integers(0, 9)), max_size=60
)
State = dict[Key, int]


def run(store: Store, ops: list[Op], note: Callable[[], None] = lambda: None) -> None:
    for kind, key, value in ops:
        obj = {"metadata": {"name": key[1], "namespace": key[0], "uid": "u"}, "data": value}
        if kind == "put":
            store.put(CONFIG_MAPS, key, obj)
        elif kind == "other":
            store.put(SERVICES, key, obj)
        elif store.get(CONFIG_MAPS, key) is not None:
            store.remove(CONFIG_MAPS, key)
        note()


def state(store: Store, version: int | None = None) -> State:
    rows = store.snapshot(CONFIG_MAPS, store.version if version is None else version)
    return {key: stored.obj["data"] for key, stored in rows}


@given(operations, st.integers(1, 80))
def test_list_and_watch_from_any_version_give_the_final_state(
    ops: list[Op], history_size: int
) -> None:
    store = Store(history_size=history_size)
    past: list[tuple[int, State]] = []
    run(store, ops, lambda: past.append((store.version, dict(state(store)))))
    for version, then in past:
        try:
            events = store.events_after(CONFIG_MAPS, version)
        except ApiError as error:
            assert error.code == 410
            continue
        replayed = dict(then)
        last = version
        for event in events:
            assert event.version > last
            last = event.version
            assert (event.key in replayed) is (event.type != "ADDED")
            if event.type == "DELETED":
                del replayed[event.key]
            else:
                replayed[event.key] = event.new.obj["data"]
        assert replayed == state(store)


@given(operations, st.integers(1, 80))
def test_snapshot_of_any_remembered_version_is_what_was_there(
    ops: list[Op], history_size: int
) -> None:
    store = Store(history_size=history_size)
    past: list[tuple[int, State]] = []
    run(store, ops, lambda: past.append((store.version, dict(state(store)))))
    remembered = 0
    for version, then in past:
        try:
            assert state(store, version) == then
            remembered += 1
        except ApiError as error:
            assert error.code == 410
    assert remembered >= min(len(past), 1)


@given(operations, operations, st.integers(1, 5), st.sampled_from(["", "a", "b"]))
def test_pages_give_the_snapshot_of_the_first(
    before: list[Op], meanwhile: list[Op], limit: int, namespace: str
) -> None:
    store = Store()
    run(store, before)
    expected = [(key, stored.version) for key, stored in store.items(CONFIG_MAPS, namespace)]
    found: list[tuple[Key, int]] = []
    token, pending = "", list(meanwhile)
    while True:
        query = {"limit": str(limit), "continue": token}
        body: Any = msgspec.json.decode(
            list_page(store, CONFIG_MAPS, list_options(CONFIG_MAPS, query), namespace=namespace)
        )
        for item in body["items"]:
            meta = item["metadata"]
            found.append(((meta["namespace"], meta["name"]), int(meta["resourceVersion"])))
        left = len(expected) - len(found)
        assert body["metadata"].get("remainingItemCount", 0) == left
        token = body["metadata"].get("continue", "")
        if not token:
            break
        run(store, pending[:7])
        del pending[:7]
    assert found == expected


@given(operations)
def test_versions_only_grow_and_each_write_has_its_own(ops: list[Op]) -> None:
    store = Store(start_version=500)
    seen = [500]
    run(store, ops, lambda: seen.append(store.version))
    assert seen == sorted(seen)
    stamped = [stored.version for _, stored in store.items(CONFIG_MAPS)]
    stamped += [stored.version for _, stored in store.items(SERVICES)]
    assert len(set(stamped)) == len(stamped)


def test_history_must_hold_something() -> None:
    with pytest.raises(ValueError, match="history_size"):
        Store(history_size=0)
