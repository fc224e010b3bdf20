"""Which Services' endpoints a change touches, and what must be written so that they follow.

The counterpart of the controller manager's two endpoint controllers, run at once after each write
instead of some milliseconds later. Keeps an index from one label to the Pods that carry it and the
Services that select by it, so that a Pod in a namespace of thousands of Services costs only those
that may select it. No I/O; it reads the store and returns the writes to do.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass

from devcluster import endpoints, shapes
from devcluster.resources import ENDPOINTS, ENDPOINTSLICES, NODES, PODS, SERVICES, Json, Resource
from devcluster.store import Event, Key, Store

_IndexKey = tuple[str, str, str]
"""(namespace, label name, label value)"""


@dataclass(frozen=True, slots=True)
class Write:
    """One write the controller asks for; `obj` None deletes."""

    resource: Resource
    key: Key
    obj: Json | None


class EndpointsController:
    """Follows Services and Pods."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._selecting: dict[_IndexKey, set[Key]] = defaultdict(set)
        self._labelled: dict[_IndexKey, set[Key]] = defaultdict(set)

    def load(self) -> None:
        """Index what the store holds already; its endpoints are taken to be right."""
        for key, stored in self._store.items(SERVICES):
            self._index_service(key, stored.obj)
        for key, stored in self._store.items(PODS):
            self._index_pod(key, stored.obj)

    def follow(self, resource: Resource, event: Event) -> list[Write]:
        """The writes that an event on that resource calls for."""
        old = event.old.obj if event.old else None
        new = None if event.type == "DELETED" else event.new.obj
        if resource is SERVICES:
            self._index_service(event.key, new, old)
            # The slices of a deleted Service go with their owner, as everything owned does.
            return self._reconcile(event.key) if new else self._drop_endpoints(event.key)
        if resource is PODS:
            self._index_pod(event.key, new, old)
            touched = {
                key for pod in (old, new) if pod for key in self._selected_by(event.key, pod)
            }
            return [write for key in sorted(touched) for write in self._reconcile(key)]
        return []

    # -- index -----------------------------------------------------------------------------

    def _index_service(self, key: Key, new: Json | None, old: Json | None = None) -> None:
        for obj, present in ((old, False), (new, True)):
            selector = _selector(obj)
            if selector:
                # One of the required labels is enough to find it; the rest is checked later.
                _enter(self._selecting, (key[0], *min(selector.items())), key, present=present)

    def _index_pod(self, key: Key, new: Json | None, old: Json | None = None) -> None:
        for obj, present in ((old, False), (new, True)):
            for label in _labels(obj).items():
                _enter(self._labelled, (key[0], *label), key, present=present)

    def _selected_by(self, key: Key, pod: Json) -> list[Key]:
        labels = _labels(pod)
        found = []
        for label in labels.items():
            for service_key in self._selecting.get((key[0], *label), ()):
                service = self._store.get(SERVICES, service_key)
                if service and _selector(service.obj).items() <= labels.items():
                    found.append(service_key)
        return found

    def _pods_of(self, key: Key, selector: Mapping[str, str]) -> list[shapes.Pod]:
        found = []
        for pod_key in self._labelled.get((key[0], *min(selector.items())), ()):
            stored = self._store.get(PODS, pod_key)
            if stored and selector.items() <= _labels(stored.obj).items():
                found.append(shapes.pod(stored.obj))
        return found

    # -- reconciling -----------------------------------------------------------------------

    def _reconcile(self, key: Key) -> list[Write]:
        stored = self._store.get(SERVICES, key)
        if stored is None:
            return []
        service = shapes.service(stored.obj)
        if not endpoints.wants_endpoints(service):
            return [Write(resource, owned, None) for resource, owned in self._made_for(service)]
        pods = self._pods_of(key, _selector(stored.obj))
        wanted: dict[tuple[Resource, Key], Json] = {
            (ENDPOINTS, key): endpoints.endpoints_object(service, pods)
        }
        for piece in endpoints.endpoint_slices(service, pods, self._zone_of):
            wanted[ENDPOINTSLICES, (key[0], piece["metadata"]["name"])] = piece
        writes = [
            Write(resource, owned, None)
            for resource, owned in self._made_for(service)
            if (resource, owned) not in wanted
        ]
        for (resource, owned), obj in wanted.items():
            present = self._store.get(resource, owned)
            if present is None or not _covers(present.obj, obj):
                writes.append(Write(resource, owned, obj))
        return writes

    def _made_for(self, service: shapes.Service) -> list[tuple[Resource, Key]]:
        """What this controller made for it; slices made by others are left alone."""
        key = (service.metadata.namespace or "", service.metadata.name or "")
        found = [(write.resource, write.key) for write in self._drop_endpoints(key)]
        for resource, owned in self._store.owned_by(service.metadata.uid or ""):
            if self._label(resource, owned, endpoints.MANAGED_BY) == endpoints.SLICE_CONTROLLER:
                found.append((resource, owned))
        return found

    def _drop_endpoints(self, key: Key) -> list[Write]:
        managed = self._label(ENDPOINTS, key, endpoints.ENDPOINTS_MANAGED_BY)
        return [Write(ENDPOINTS, key, None)] if managed else []

    def _zone_of(self, node: str) -> str:
        return self._label(NODES, ("", node), "topology.kubernetes.io/zone")

    def _label(self, resource: Resource, key: Key, name: str) -> str:
        stored = self._store.get(resource, key)
        return _labels(stored.obj if stored else None).get(name, "")


def _selector(obj: Json | None) -> dict[str, str]:
    spec = (obj or {}).get("spec") or {}
    return {} if spec.get("type") == "ExternalName" else spec.get("selector") or {}


def _labels(obj: Json | None) -> dict[str, str]:
    return (obj or {"metadata": {}})["metadata"].get("labels") or {}


def _enter(index: dict[_IndexKey, set[Key]], at: _IndexKey, key: Key, *, present: bool) -> None:
    if present:
        index[at].add(key)
        return
    index[at].discard(key)
    if not index[at]:
        del index[at]


def _covers(present: Json, wanted: Json) -> bool:
    """Whether a stored object has everything the wanted one has, server-made metadata aside."""
    meta = present["metadata"]
    return (
        all(meta.get(field) == value for field, value in wanted["metadata"].items())
        and all(
            present.get(field) == value for field, value in wanted.items() if field != "metadata"
        )
        and set(present) == set(wanted)
    )
