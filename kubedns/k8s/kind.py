"""How one resource is asked for, read, and made into rows. Values only."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from sys import intern
from typing import Any, Generic, TypeVar

from kubedns.k8s.errors import BadObject
from kubedns.k8s.model import ObjectDecoder, ObjectMeta
from kubedns.rows import Key, Row

Decoded = TypeVar("Decoded")

Rows = tuple[tuple[Key, Row], ...]
"""What one object adds to the zone: mostly one row under the object's own key."""


@dataclass(frozen=True, slots=True)
class Scope:
    """Which objects of a resource are asked for; everything by default."""

    namespace: str = ""
    field_selector: str = ""
    """Kubernetes documentation, "Field Selectors"."""
    label_selector: str = ""
    """Kubernetes documentation, "Labels and Selectors"."""


EVERYTHING = Scope()


@dataclass(frozen=True, slots=True)
class Kind(Generic[Decoded]):
    """One resource."""

    resource: str
    """Plural name, in requests, logs and on the status page."""
    page_size: int
    """Objects per list page. Bounds the memory of a page and the time its envelope takes: a page
    of any kind is up to 1 MB, of which the items are found in 0.7 ms."""
    decode: ObjectDecoder[Decoded]
    project: Callable[[Key, Decoded], Rows]
    """Nothing for an object that has no part in DNS. Raises BadObject."""
    feeds: str = ""
    """`Batch.resource` of the rows, where it is not `resource`."""
    namespaced: bool = True
    scope: Scope = EVERYTHING

    @property
    def batches(self) -> str:
        """`Batch.resource` of the rows."""
        return self.feeds or self.resource

    def key_of(self, meta: ObjectMeta | None) -> Key:
        """Namespace and name. Raises BadObject when one is missing."""
        namespace = intern((meta and meta.namespace) or "") if self.namespaced else ""
        key = (namespace, (meta and meta.name) or "")
        if not key[1]:
            raise BadObject(key, "no name")
        if self.namespaced and not namespace:
            raise BadObject(key, "no namespace")
        return key


def single(project: Callable[[Key, Any], Row | None]) -> Callable[[Key, Any], Rows]:
    """`Kind.project` for a resource whose objects have one row at most, under their own key."""

    def rows(key: Key, decoded: Any) -> Rows:
        row = project(key, decoded)
        return () if row is None else ((key, row),)

    return rows
