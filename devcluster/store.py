"""Objects, the resourceVersion counter and the bounded history of changes.

One counter serves all resources, as in etcd, so a resourceVersion orders every write. Each
resource keeps its last `history_size` events; an event holds the object before and after, so a
watch can start at any remembered version, and a list at a past version is today's list with the
later events undone. What is older is forgotten: `too_old`, and the client lists again.

Pure: no lock, no clock, no I/O. The caller serialises access.
Reference: https://kubernetes.io/docs/reference/using-api/api-concepts/#resource-versions
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right, insort
from collections import deque
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Literal

import msgspec

from devcluster import status
from devcluster.resources import RESOURCES, Json, Resource

Key = tuple[str, str]
"""(namespace, name); namespace is empty for cluster-scoped objects."""
EventType = Literal["ADDED", "MODIFIED", "DELETED"]


@dataclass(frozen=True, slots=True)
class Stored:
    """One version of one object. `obj` must not be changed: versions share parts."""

    version: int
    obj: Json
    """Without kind and apiVersion, as items of a list are."""
    raw: bytes
    """`obj` as JSON, made once; lists and watches send these bytes."""

    def copy(self) -> Json:
        """A deep copy the caller may change. Decoding is faster than copy.deepcopy."""
        decoded: Json = msgspec.json.decode(self.raw)
        return decoded


@dataclass(frozen=True, slots=True)
class Event:
    """One write."""

    type: EventType
    version: int
    key: Key
    new: Stored
    """The object after it; for DELETED the last state, at the version of the deletion."""
    old: Stored | None
    """The object before it; None for ADDED."""


class _Table:
    """Objects and history of one resource."""

    def __init__(self, floor: int, history_size: int) -> None:
        self.objects: dict[Key, Stored] = {}
        self.keys: list[Key] = []
        self.history: deque[Event] = deque(maxlen=history_size)
        self.floor = floor

    def record(self, event: Event) -> None:
        if len(self.history) == self.history.maxlen:
            self.floor = self.history[0].version
        self.history.append(event)

    def events_after(self, version: int) -> list[Event]:
        if version < self.floor:
            raise status.too_old(version, self.floor)
        found: list[Event] = []
        for event in reversed(self.history):
            if event.version <= version:
                break
            found.append(event)
        found.reverse()
        return found


class Store:
    """Every object of the cluster."""

    def __init__(self, *, start_version: int = 1, history_size: int = 10_000) -> None:
        if history_size < 1:
            raise ValueError("history_size must be at least 1")
        self.version = start_version
        """resourceVersion of the last write."""
        self._tables = {resource: _Table(start_version, history_size) for resource in RESOURCES}
        self._owned: dict[str, set[tuple[Resource, Key]]] = {}

    # -- reading ---------------------------------------------------------------------------

    def get(self, resource: Resource, key: Key) -> Stored | None:
        """The object's present version, or None."""
        return self._tables[resource].objects.get(key)

    def items(self, resource: Resource, namespace: str = "") -> Iterator[tuple[Key, Stored]]:
        """Present objects in key order, of one namespace or (empty) of all."""
        table = self._tables[resource]
        for key in table.keys[_start(table.keys, namespace, None) : _stop(table.keys, namespace)]:
            yield key, table.objects[key]

    def owned_by(self, uid: str) -> list[tuple[Resource, Key]]:
        """Objects whose ownerReferences name that uid."""
        return sorted(self._owned.get(uid, ()), key=lambda item: (item[0].qualified, item[1]))

    def snapshot(
        self, resource: Resource, version: int, *, namespace: str = "", after: Key | None = None
    ) -> list[tuple[Key, Stored]]:
        """The objects as they were at `version`, in key order, those beyond `after` only.

        Raises ApiError: 410 when `version` is forgotten, 504 when it is not reached yet.
        """
        if version > self.version:
            raise status.too_large(version, self.version)
        table = self._tables[resource]
        undone: dict[Key, Stored | None] = {}
        for event in reversed(table.events_after(version)):
            undone[event.key] = event.old
        start = _start(table.keys, namespace, after)
        present = table.keys[start : _stop(table.keys, namespace)]
        if not undone:
            return [(key, table.objects[key]) for key in present]
        keys = set(present)
        keys.update(key for key in undone if _selected(key, namespace, after))
        found = (
            (key, undone[key] if key in undone else table.objects[key]) for key in sorted(keys)
        )
        return [(key, stored) for key, stored in found if stored is not None]

    def events_after(self, resource: Resource, version: int) -> list[Event]:
        """Every event later than `version`, in order.

        Raises ApiError 410 when some of them are forgotten, and also when `version` has never been
        reached: such a version comes from another life of this server, and a watch from it would
        miss events for ever. (A real API server waits; its versions survive restarts.)
        """
        if version > self.version:
            raise status.too_old(version, self._tables[resource].floor)
        return self._tables[resource].events_after(version)

    # -- writing ---------------------------------------------------------------------------

    def put(self, resource: Resource, key: Key, obj: Json) -> Event:
        """Add or replace an object; sets its metadata.resourceVersion. Takes `obj` over."""
        table = self._tables[resource]
        old = table.objects.get(key)
        stored = self._stamp(obj)
        if old is None:
            insort(table.keys, key)
        else:
            self._forget_owners(resource, key, old.obj)
        table.objects[key] = stored
        for uid in _owners(obj):
            self._owned.setdefault(uid, set()).add((resource, key))
        event = Event("ADDED" if old is None else "MODIFIED", stored.version, key, stored, old)
        table.record(event)
        return event

    def remove(self, resource: Resource, key: Key) -> Event:
        """Delete an object. Raises KeyError when there is none."""
        table = self._tables[resource]
        old = table.objects.pop(key)
        del table.keys[bisect_left(table.keys, key)]
        self._forget_owners(resource, key, old.obj)
        last = {**old.obj, "metadata": dict(old.obj["metadata"])}
        stored = self._stamp(last)
        event = Event("DELETED", stored.version, key, stored, old)
        table.record(event)
        return event

    def load(self, resource: Resource, key: Key, obj: Json) -> None:
        """Put back a saved object at the version it carries, without an event."""
        table = self._tables[resource]
        table.objects[key] = Stored(
            int(obj["metadata"]["resourceVersion"]), obj, msgspec.json.encode(obj)
        )
        insort(table.keys, key)
        for uid in _owners(obj):
            self._owned.setdefault(uid, set()).add((resource, key))

    def compact(self) -> None:
        """Forget the whole history: a version older than the present one is too old from now."""
        for table in self._tables.values():
            table.history.clear()
            table.floor = self.version

    def _stamp(self, obj: Json) -> Stored:
        self.version += 1
        obj["metadata"]["resourceVersion"] = str(self.version)
        return Stored(self.version, obj, msgspec.json.encode(obj))

    def _forget_owners(self, resource: Resource, key: Key, obj: Json) -> None:
        for uid in _owners(obj):
            owned = self._owned.get(uid, set())
            owned.discard((resource, key))
            if not owned:
                self._owned.pop(uid, None)


def _owners(obj: Json) -> Iterable[str]:
    return [owner["uid"] for owner in obj["metadata"].get("ownerReferences") or ()]


def _start(keys: list[Key], namespace: str, after: Key | None) -> int:
    if after is not None:
        return bisect_right(keys, after)
    return bisect_left(keys, (namespace, "")) if namespace else 0


def _stop(keys: list[Key], namespace: str) -> int:
    # "\0" sorts below every character of a name, so this is the first key past the namespace.
    return bisect_left(keys, (namespace + "\0", "")) if namespace else len(keys)


def _selected(key: Key, namespace: str, after: Key | None) -> bool:
    return (not namespace or key[0] == namespace) and (after is None or key > after)
