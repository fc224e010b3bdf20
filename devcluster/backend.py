"""The verbs of the API on objects: one lock around store, admission, controller and watches.

Every method is one atomic operation: when it returns, the object, what the controller derived from
it and the events of all open watches are in place. Bodies are JSON objects that the backend takes
over; results are stored versions, which must not be changed.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass

from devcluster import listing, metadata, status
from devcluster.admission import admit
from devcluster.controller import EndpointsController
from devcluster.metadata import Origin
from devcluster.params import ListOptions
from devcluster.resources import NAMESPACES, RESOURCES, SERVICES, Json, Resource
from devcluster.selectors import Predicate
from devcluster.service_ips import ServiceAddresses
from devcluster.service_spec import cluster_ips
from devcluster.shapes import check_shape
from devcluster.store import Event, Key, Store, Stored
from devcluster.views import PLAIN, Row, View
from devcluster.watch import Item, Watcher, WatchHub, encode_bookmark

KEPT_NAMESPACES = ("default", "kube-system")
"""Namespaces that cannot be deleted. The real server protects kube-public, too; here is none."""

Change = Callable[[Json], Json]
"""From a copy of the present object to the wanted one."""


@dataclass(frozen=True, slots=True)
class Preconditions:
    """What must hold of an object for it to be deleted; empty means anything."""

    uid: str = ""
    resource_version: str = ""


class Backend:
    """The cluster's state and its rules."""

    def __init__(self, store: Store, *, addresses: ServiceAddresses, origin: Origin) -> None:
        self.hub = WatchHub()
        self._store = store
        self._addresses = addresses
        self._origin = origin
        self._controller = EndpointsController(store)
        self._lock = threading.RLock()
        self._listeners: list[Callable[[], None]] = []

    def on_change(self, listener: Callable[[], None]) -> None:
        """Call `listener` after each write; it must return at once."""
        self._listeners.append(listener)

    def adopt(self, resource: Resource, obj: Json) -> None:
        """Take over a saved object; call `adopted` after the last."""
        meta = obj["metadata"]
        self._store.load(resource, (meta.get("namespace", ""), meta["name"]), obj)
        if resource is SERVICES:
            for address in cluster_ips(obj):
                self._addresses.claim(address)

    def adopted(self) -> None:
        """All saved objects are there: index them."""
        self._controller.load()

    # -- reading ---------------------------------------------------------------------------

    @property
    def version(self) -> int:
        """resourceVersion of the last write."""
        return self._store.version

    def get(self, resource: Resource, key: Key) -> Stored:
        """One object. Raises ApiError 404."""
        with self._lock:
            stored = self._store.get(resource, key)
        if stored is None:
            raise status.not_found(resource, key[1])
        return stored

    def list_page(
        self,
        resource: Resource,
        namespace: str,
        options: ListOptions,
        *,
        view: View = PLAIN,
    ) -> bytes:
        """One page of a list as JSON. Raises ApiError 400, 410, 504."""
        with self._lock:
            return listing.list_page(self._store, resource, options, namespace=namespace, view=view)

    def dump(self) -> tuple[int, dict[Resource, list[bytes]]]:
        """The present version and every object as JSON, a consistent picture."""
        with self._lock:
            return self._store.version, {
                resource: [stored.raw for _, stored in self._store.items(resource)]
                for resource in RESOURCES
            }

    def watch(
        self, resource: Resource, namespace: str, options: ListOptions, *, view: View = PLAIN
    ) -> Watcher:
        """Open a watch; the caller closes it on the hub. Raises ApiError 410."""
        with self._lock:
            wanted = options.version or 0
            # Without a version, or from "any", a watch begins with what there is.
            from_state = options.initial_events or wanted == 0
            if from_state:
                if wanted > self._store.version:
                    raise status.too_large(wanted, self._store.version)
                begin: list[Item] = [
                    Event("ADDED", stored.version, key, stored, None)
                    for key, stored in self._store.items(resource, namespace)
                ]
            else:
                begin = [
                    event
                    for event in self._store.events_after(resource, wanted)
                    if namespace in ("", event.key[0])
                ]
            if options.initial_events and options.bookmarks:
                version = self._store.version
                begin.append(encode_bookmark(resource, version, ends_initial_events=True))
            watcher = self.hub.open(resource, namespace, options.select, view=view)
            watcher.begin(begin)
            return watcher

    def progress(self, watcher: Watcher) -> int | None:
        """The version up to which a watch has sent everything, None if something is queued."""
        with self._lock:
            return self._store.version if watcher.is_idle() else None

    # -- writing ---------------------------------------------------------------------------

    def create(
        self, resource: Resource, obj: Json, *, namespace: str = "", dry_run: bool = False
    ) -> Stored:
        """Create an object. Raises ApiError 400, 404 (no such namespace), 409, 422."""
        _expect_kind(resource, obj)
        check_shape(resource, obj)
        with self._lock:
            name = metadata.complete(resource, obj, namespace=namespace, origin=self._origin)
            if resource.namespaced and self._store.get(NAMESPACES, ("", namespace)) is None:
                raise status.not_found(NAMESPACES, namespace)
            key = (namespace, name) if resource.namespaced else ("", name)
            if self._store.get(resource, key) is not None:
                raise status.already_exists(resource, name)
            admit(resource, obj, None, self._addresses)
            if dry_run:
                self._addresses.release(cluster_ips(obj) if resource is SERVICES else ())
                return Stored(0, obj, listing.encode_fields(obj))
            return self._commit(resource, key, obj)

    def change(
        self, resource: Resource, key: Key, change: Change, *, dry_run: bool = False
    ) -> Stored:
        """Replace an object by `change(object)`; PUT and the patches are both this.

        Raises ApiError 400, 404, 409, 422, and whatever `change` raises.
        """
        with self._lock:
            before = self.get(resource, key)
            obj = change(before.copy())
            _expect_kind(resource, obj)
            check_shape(resource, obj)
            metadata.carry_over(resource, obj, before.obj, name=key[1])
            admit(resource, obj, before.obj, self._addresses)
            if resource is SERVICES:
                # What one of the two has and the other not: the new ones of a rehearsal, else
                # the old ones.
                had, has = set(cluster_ips(before.obj)), set(cluster_ips(obj))
                self._addresses.release(has - had if dry_run else had - has)
            if dry_run:
                return Stored(before.version, obj, listing.encode_fields(obj))
            if resource.has_generation and metadata.counts_as_new_generation(obj, before.obj):
                obj["metadata"]["generation"] += 1
            if obj == before.obj:
                return before  # As with the real server, nothing changed is no write.
            if _is_released(obj):
                return self._remove(resource, key).new
            return self._commit(resource, key, obj)

    def delete(
        self,
        resource: Resource,
        key: Key,
        preconditions: Preconditions = Preconditions(),
        *,
        dry_run: bool = False,
    ) -> tuple[Stored, bool]:
        """Delete an object; returns its last state and whether it is gone already.

        With finalizers it is only marked and goes when a change empties them.
        Raises ApiError 403 (a protected namespace), 404, 409 (preconditions).
        """
        with self._lock:
            stored = self.get(resource, key)
            _check_preconditions(resource, stored, preconditions)
            if resource is NAMESPACES and key[1] in KEPT_NAMESPACES:
                raise status.undeletable(resource, key[1])
            if dry_run:
                return stored, True
            if stored.obj["metadata"].get("finalizers"):
                return self._mark(resource, key, stored), False
            if resource is NAMESPACES:
                terminating = self._mark(resource, key, stored, phase="Terminating")
                self._empty_namespace(key[1])
                self._remove(resource, key)
                return terminating, True
            return self._remove(resource, key).new, True

    def delete_collection(
        self, resource: Resource, namespace: str, select: Predicate | None, *, dry_run: bool
    ) -> list[Row]:
        """Delete the selected objects; returns what they were."""
        with self._lock:
            rows = [
                (key, stored)
                for key, stored in self._store.items(resource, namespace)
                if select is None or select(stored.obj)
            ]
            return [(key, self.delete(resource, key, dry_run=dry_run)[0]) for key, _ in rows]

    def compact(self) -> None:
        """Forget the history of changes."""
        with self._lock:
            self._store.compact()

    # -- inside the lock -------------------------------------------------------------------

    def _commit(self, resource: Resource, key: Key, obj: Json) -> Stored:
        event = self._store.put(resource, key, obj)
        self._announce(resource, event)
        return event.new

    def _remove(self, resource: Resource, key: Key) -> Event:
        event = self._store.remove(resource, key)
        self._announce(resource, event)
        if resource is SERVICES:
            self._addresses.release(cluster_ips(event.new.obj))
        for owned in self._store.owned_by(event.new.obj["metadata"]["uid"]):
            if self._store.get(*owned) is not None:
                self._remove(*owned)
        return event

    def _announce(self, resource: Resource, event: Event) -> None:
        self.hub.publish(resource, event)
        for write in self._controller.follow(resource, event):
            self._derive(write.resource, write.key, write.obj)
        for listener in self._listeners:
            listener()

    def _derive(self, resource: Resource, key: Key, obj: Json | None) -> None:
        """A write of the controller's own."""
        present = self._store.get(resource, key)
        if obj is None:
            if present is not None:
                self._remove(resource, key)
            return
        if present is None:
            metadata.complete(resource, obj, namespace=key[0], origin=self._origin)
        else:
            metadata.carry_over(resource, obj, present.obj, name=key[1])
            if resource.has_generation:
                obj["metadata"]["generation"] += 1
        self._commit(resource, key, obj)

    def _mark(
        self, resource: Resource, key: Key, stored: Stored, *, phase: str | None = None
    ) -> Stored:
        if stored.obj["metadata"].get("deletionTimestamp"):
            return stored
        obj = stored.copy()
        obj["metadata"]["deletionTimestamp"] = self._origin.timestamp()
        if phase:
            obj["status"] = {**obj["status"], "phase": phase}
        return self._commit(resource, key, obj)

    def _empty_namespace(self, name: str) -> None:
        for resource in RESOURCES:
            if resource.namespaced:
                for key, _ in list(self._store.items(resource, name)):
                    if self._store.get(resource, key) is not None:
                        self._remove(resource, key)


def _is_released(obj: Json) -> bool:
    meta = obj["metadata"]
    return bool(meta.get("deletionTimestamp")) and not meta.get("finalizers")


def _check_preconditions(resource: Resource, stored: Stored, wanted: Preconditions) -> None:
    meta = stored.obj["metadata"]
    for name, given, present in (
        ("UID", wanted.uid, meta["uid"]),
        ("ResourceVersion", wanted.resource_version, meta["resourceVersion"]),
    ):
        if given and given != present:
            raise status.conflict(
                resource,
                meta["name"],
                f"Precondition failed: {name} in precondition: {given}, "
                f"{name} in object meta: {present}",
            )


def _expect_kind(resource: Resource, obj: Json) -> None:
    """Take kind and apiVersion off a body. Raises ApiError 400 when they are another resource's."""
    kind = obj.pop("kind", None) or resource.kind
    api_version = obj.pop("apiVersion", None) or resource.api_version
    if api_version != resource.api_version:
        raise status.bad_request(
            f"the API version in the data ({api_version}) does not match the expected API version "
            f"({resource.api_version})"
        )
    if kind != resource.kind:
        raise status.bad_request(
            f'{kind} in version "{resource.version}" cannot be handled as a {resource.kind}: '
            f"converting ({kind}) to ({resource.kind}): unknown conversion"
        )
    obj["metadata"] = obj.get("metadata") or {}
