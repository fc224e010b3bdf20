"""The fields this server itself reads, typed.

An object that does not fit its shape is refused with 400, as the real API server refuses JSON that
does not decode into its Go types; so the rest of the package can rely on these types. Every field
may be null or absent, which Go clients use alike. Fields not named here are kept untouched.
"""

from __future__ import annotations

from typing import Any

import msgspec

from devcluster.resources import Json, Resource
from devcluster.status import bad_request


class Owner(msgspec.Struct, frozen=True):
    """metadata.ownerReferences[]."""

    uid: str
    kind: str | None = None
    name: str | None = None
    controller: bool | None = None


class Meta(msgspec.Struct, frozen=True):
    """metadata."""

    name: str | None = None
    generateName: str | None = None
    namespace: str | None = None
    uid: str | None = None
    resourceVersion: str | None = None
    generation: int | None = None
    creationTimestamp: str | None = None
    deletionTimestamp: str | None = None
    labels: dict[str, str] | None = None
    annotations: dict[str, str] | None = None
    ownerReferences: list[Owner] | None = None
    finalizers: list[str] | None = None


class Thing(msgspec.Struct, frozen=True):
    """Any object: only its metadata is read; spec and status are objects where they are there."""

    metadata: Meta
    spec: dict[str, Any] | None = None
    status: dict[str, Any] | None = None


class ServicePort(msgspec.Struct, frozen=True):
    """spec.ports[] of a Service."""

    name: str | None = None
    protocol: str | None = None
    port: int | None = None
    targetPort: int | str | None = None
    nodePort: int | None = None


class ServiceSpec(msgspec.Struct, frozen=True):
    """spec of a Service."""

    type: str | None = None
    externalName: str | None = None
    clusterIP: str | None = None
    clusterIPs: list[str] | None = None
    ipFamilies: list[str] | None = None
    ipFamilyPolicy: str | None = None
    selector: dict[str, str] | None = None
    ports: list[ServicePort] | None = None
    publishNotReadyAddresses: bool | None = None
    sessionAffinity: str | None = None
    internalTrafficPolicy: str | None = None


class Service(msgspec.Struct, frozen=True):
    """A Service."""

    metadata: Meta
    spec: ServiceSpec | None = None


class ContainerPort(msgspec.Struct, frozen=True):
    """spec.containers[].ports[]."""

    name: str | None = None
    containerPort: int | None = None
    protocol: str | None = None


class Container(msgspec.Struct, frozen=True):
    """spec.containers[]."""

    name: str | None = None
    ports: list[ContainerPort] | None = None


class PodSpec(msgspec.Struct, frozen=True):
    """spec of a Pod."""

    containers: list[Container] | None = None
    hostname: str | None = None
    subdomain: str | None = None
    nodeName: str | None = None


class Condition(msgspec.Struct, frozen=True):
    """status.conditions[]."""

    type: str | None = None
    status: str | None = None


class PodIP(msgspec.Struct, frozen=True):
    """status.podIPs[]."""

    ip: str | None = None


class PodStatus(msgspec.Struct, frozen=True):
    """status of a Pod."""

    phase: str | None = None
    podIP: str | None = None
    podIPs: list[PodIP] | None = None
    conditions: list[Condition] | None = None


class Pod(msgspec.Struct, frozen=True):
    """A Pod."""

    metadata: Meta
    spec: PodSpec | None = None
    status: PodStatus | None = None


class Endpoint(msgspec.Struct, frozen=True):
    """endpoints[] of an EndpointSlice."""

    addresses: list[str] | None = None
    conditions: dict[str, bool | None] | None = None
    hostname: str | None = None
    nodeName: str | None = None
    zone: str | None = None
    targetRef: dict[str, Any] | None = None


class SlicePort(msgspec.Struct, frozen=True):
    """ports[] of an EndpointSlice."""

    name: str | None = None
    protocol: str | None = None
    port: int | None = None
    appProtocol: str | None = None


class EndpointSlice(msgspec.Struct, frozen=True):
    """An EndpointSlice."""

    metadata: Meta
    addressType: str | None = None
    endpoints: list[Endpoint] | None = None
    ports: list[SlicePort] | None = None


class EndpointAddress(msgspec.Struct, frozen=True):
    """subsets[].addresses[] of Endpoints."""

    ip: str | None = None
    hostname: str | None = None


class Subset(msgspec.Struct, frozen=True):
    """subsets[] of Endpoints."""

    addresses: list[EndpointAddress] | None = None
    notReadyAddresses: list[EndpointAddress] | None = None
    ports: list[SlicePort] | None = None


class Endpoints(msgspec.Struct, frozen=True):
    """Endpoints."""

    metadata: Meta
    subsets: list[Subset] | None = None


class ConfigMap(msgspec.Struct, frozen=True):
    """A ConfigMap."""

    metadata: Meta
    data: dict[str, str] | None = None
    binaryData: dict[str, str] | None = None


class NamespaceStatus(msgspec.Struct, frozen=True):
    """status of a Namespace."""

    phase: str | None = None


class Namespace(msgspec.Struct, frozen=True):
    """A Namespace."""

    metadata: Meta
    spec: dict[str, Any] | None = None
    status: NamespaceStatus | None = None


_SHAPES: dict[str, type[msgspec.Struct]] = {
    "Service": Service,
    "Pod": Pod,
    "EndpointSlice": EndpointSlice,
    "Endpoints": Endpoints,
    "ConfigMap": ConfigMap,
    "Namespace": Namespace,
}


def check_shape(resource: Resource, obj: Json) -> None:
    """Raises ApiError 400 when a field this server reads has the wrong JSON type."""
    try:
        msgspec.convert(obj, _SHAPES.get(resource.kind, Thing))
    except msgspec.ValidationError as error:
        raise bad_request(
            f'{resource.kind} in version "{resource.version}" cannot be handled as a '
            f"{resource.kind}: {error}"
        ) from None


def service(obj: Json) -> Service:
    """A checked Service, typed."""
    return msgspec.convert(obj, Service)


def pod(obj: Json) -> Pod:
    """A checked Pod, typed."""
    return msgspec.convert(obj, Pod)
