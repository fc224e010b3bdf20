"""The fields of API objects that DNS needs, as the decoder sees them.

Tolerant, because Go servers write `null` for empty lists and newer ones add fields: every field
may be missing or null, and fields not named here are skipped without being built.
The structs live for one object only and hold no cycles, hence `gc=False`.
Field names and defaults: Kubernetes API reference, Service v1, EndpointSlice
discovery.k8s.io/v1, Endpoints, Namespace, Pod, ConfigMap and Node v1, ListMeta, WatchEvent, Status.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Generic, Literal, TypeVar

import msgspec

from kubedns.k8s.errors import BadObject, Malformed

SERVICE_NAME_LABEL = "kubernetes.io/service-name"
INITIAL_EVENTS_END = "k8s.io/initial-events-end"

_Object = TypeVar("_Object")


class _Camel(msgspec.Struct, rename="camel", gc=False):
    """Field names in the API's spelling."""


class ObjectMeta(_Camel):
    name: str | None = None
    namespace: str | None = None
    resource_version: str | None = None


class ServicePort(_Camel):
    name: str | None = None
    protocol: str | None = None
    port: int | None = None


class ServiceSpec(_Camel):
    type: str | None = None
    cluster_ip: str | None = msgspec.field(name="clusterIP", default=None)
    cluster_ips: list[str] | None = msgspec.field(name="clusterIPs", default=None)
    external_name: str | None = None
    ports: list[ServicePort] | None = None
    publish_not_ready_addresses: bool | None = None


class Service(_Camel):
    metadata: ObjectMeta | None = None
    spec: ServiceSpec | None = None


class SliceLabels(_Camel):
    service: str | None = msgspec.field(name=SERVICE_NAME_LABEL, default=None)


class SliceMeta(ObjectMeta):
    labels: SliceLabels | None = None


class Conditions(_Camel):
    ready: bool | None = None


class TargetRef(_Camel):
    kind: str | None = None
    name: str | None = None


class Endpoint(_Camel):
    addresses: list[str] | None = None
    conditions: Conditions | None = None
    hostname: str | None = None


class PodEndpoint(Endpoint):
    target_ref: TargetRef | None = None


class EndpointSlice(_Camel):
    metadata: SliceMeta | None = None
    address_type: str | None = None
    endpoints: Sequence[Endpoint | None] | None = None
    ports: list[ServicePort] | None = None


class PodEndpointSlice(EndpointSlice):
    """With the names of the pods: of 100 endpoints they take 6 us to be decoded, beside 30."""

    endpoints: Sequence[PodEndpoint | None] | None = None


class EndpointAddress(_Camel):
    ip: str | None = None
    hostname: str | None = None
    target_ref: TargetRef | None = None


class EndpointSubset(_Camel):
    addresses: list[EndpointAddress | None] | None = None
    ports: list[ServicePort] | None = None


class Endpoints(_Camel):
    metadata: ObjectMeta | None = None
    subsets: list[EndpointSubset | None] | None = None


class Namespace(_Camel):
    metadata: ObjectMeta | None = None


class PodIP(_Camel):
    ip: str | None = None


class PodStatus(_Camel):
    phase: str | None = None
    pod_ip: str | None = msgspec.field(name="podIP", default=None)
    pod_ips: list[PodIP | None] | None = msgspec.field(name="podIPs", default=None)


class Pod(_Camel):
    metadata: ObjectMeta | None = None
    status: PodStatus | None = None


class ConfigMap(_Camel):
    metadata: ObjectMeta | None = None
    data: dict[str, str] | None = None


class NodeMeta(ObjectMeta):
    labels: dict[str, str] | None = None


class Node(_Camel):
    metadata: NodeMeta | None = None


class ListMeta(_Camel):
    resource_version: str | None = None
    continue_: str | None = msgspec.field(name="continue", default=None)


class ObjectList(_Camel):
    """The envelope of a list; items stay bytes, to be decoded in small groups."""

    metadata: ListMeta | None = None
    items: list[msgspec.Raw] | msgspec.UnsetType | None = msgspec.UNSET


class Event(_Camel):
    """One line of a watch; the object stays bytes until the type is known."""

    type: str | None = None
    object: msgspec.Raw = msgspec.field(default_factory=lambda: msgspec.Raw(b"{}"))


class ObjectEvent(_Camel, Generic[_Object]):
    """A line of a watch that brings an object, read in one go."""

    type: Literal["ADDED", "MODIFIED"]
    object: _Object


class BookmarkAnnotations(_Camel):
    initial_events_end: str | None = msgspec.field(name=INITIAL_EVENTS_END, default=None)


class BookmarkMeta(_Camel):
    resource_version: str | None = None
    annotations: BookmarkAnnotations | None = None


class Bookmark(_Camel):
    """The object of a BOOKMARK event, which is none but for these fields."""

    metadata: BookmarkMeta | None = None


class StatusDetails(_Camel):
    retry_after_seconds: float | None = None


class Status(_Camel):
    message: str | None = None
    reason: str | None = None
    code: int | None = None
    details: StatusDetails | None = None


_LIST = msgspec.json.Decoder(ObjectList)
_EVENT = msgspec.json.Decoder(Event)
_NAMED = msgspec.json.Decoder(Namespace)  # any object, of which no more is read
_BOOKMARK = msgspec.json.Decoder(Bookmark)
_STATUS = msgspec.json.Decoder(Status)

# What msgspec raises on bad input: MsgspecError and UnicodeDecodeError are ValueErrors.
_DECODE_ERRORS = (ValueError, RecursionError)


def decode_list(body: bytes) -> ObjectList:
    """The envelope of a list. Raises Malformed.

    A body without `items` or without a resourceVersion is not a list, whatever its status said:
    taking it for an empty one would drop every record. `items: null` is an empty list.
    """
    try:
        envelope = _LIST.decode(body)
    except _DECODE_ERRORS as error:
        raise Malformed(f"not a list: {error}") from error
    if envelope.items is msgspec.UNSET:
        raise Malformed("not a list: no items")
    if envelope.metadata is None or not envelope.metadata.resource_version:
        raise Malformed("a list without resourceVersion")
    return envelope


def decode_event(line: bytes) -> Event:
    """One line of a watch. Raises Malformed."""
    try:
        return _EVENT.decode(line)
    except _DECODE_ERRORS as error:
        raise Malformed(f"not a watch event: {error}") from error


def decode_bookmark(raw: msgspec.Raw | bytes) -> tuple[str, bool]:
    """The version that a bookmark marks, and whether it ends the initial events.

    Raises Malformed.
    """
    try:
        meta = _BOOKMARK.decode(raw).metadata or BookmarkMeta()
    except _DECODE_ERRORS as error:
        raise Malformed(f"not a bookmark: {error}") from error
    ends = meta.annotations is not None and meta.annotations.initial_events_end == "true"
    return meta.resource_version or "", ends


def decode_meta(raw: msgspec.Raw | bytes) -> ObjectMeta:
    """Name, namespace and resourceVersion of any object. Raises BadObject."""
    try:
        return _NAMED.decode(raw).metadata or ObjectMeta()
    except _DECODE_ERRORS as error:
        raise BadObject(("", ""), str(error)) from error


def decode_status(raw: msgspec.Raw | bytes) -> Status:
    """A Status object; an empty one when it is none. Never raises."""
    try:
        return _STATUS.decode(raw)
    except _DECODE_ERRORS:
        return Status()


class ObjectDecoder(Generic[_Object]):
    """Reads the objects of one resource."""

    def __init__(self, kind: type[_Object]) -> None:
        self._object = msgspec.json.Decoder(kind).decode
        self._event = msgspec.json.Decoder(ObjectEvent[kind]).decode  # type: ignore[valid-type]

    def __call__(self, raw: msgspec.Raw | bytes) -> _Object:
        """Raises BadObject, with the object's name if that much could be read."""
        try:
            return self._object(raw)
        except _DECODE_ERRORS as error:
            raise _bad_object(raw, error) from error

    # HOT: once per event. The line is gone through once; `decode_event` and then its object are
    # twice, which is 17 us more for a slice of 100 endpoints.
    def event(self, line: bytes) -> ObjectEvent[_Object] | None:
        """A line of a watch; None for any but a good object that was added or modified."""
        try:
            return self._event(line)
        except _DECODE_ERRORS:
            return None


def _bad_object(raw: msgspec.Raw | bytes, error: Exception) -> BadObject:
    meta = decode_meta(raw)
    return BadObject(
        (meta.namespace or "", meta.name or ""),
        str(error),
        resource_version=meta.resource_version or "",
    )


decode_service = ObjectDecoder(Service)
decode_slice = ObjectDecoder(EndpointSlice)
decode_pod_slice = ObjectDecoder(PodEndpointSlice)
decode_endpoints = ObjectDecoder(Endpoints)
decode_namespace = ObjectDecoder(Namespace)
decode_pod = ObjectDecoder(Pod)
decode_config_map = ObjectDecoder(ConfigMap)
decode_node = ObjectDecoder(Node)
