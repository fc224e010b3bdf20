"""What the DNS core needs of an API object, and nothing else.

The border between the watch layer (`kubedns.k8s`) and the DNS core: the one side makes these
values, the other side turns them into records, and neither knows the other's types. Pure values,
standard library only. They are kept for as long as the object lives, 150,000 endpoints in all,
so addresses are packed bytes and repeated strings are interned by whoever makes a row.
Fields follow the Kubernetes API reference (Service v1, EndpointSlice discovery.k8s.io/v1).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import NamedTuple

SERVICES = "services"
"""Value of `Batch.resource` for Services."""

ENDPOINT_SLICES = "endpointslices"
"""Value of `Batch.resource` for EndpointSlices, and for Endpoints where those are not to be had."""

NAMESPACES = "namespaces"
"""Value of `Batch.resource` for Namespaces."""

PODS = "pods"
"""Value of `Batch.resource` for Pods."""

CONFIG_MAPS = "configmaps"
"""Value of `Batch.resource` for the ConfigMap with the configuration."""

Key = tuple[str, str]
"""Namespace and name of an object, unique within one resource. The namespace of a Namespace is "".
Rows of an Endpoints object have its name, "/" and a tag: no EndpointSlice is named like that."""


class PortRow(NamedTuple):
    """One port of a Service or of a slice."""

    name: str
    """Empty when the port is unnamed: such a port has no SRV record of its own."""
    protocol: str
    """"tcp", "udp" or "sctp", lower case."""
    port: int
    """The Service's own port, or the endpoint's for a slice: 1 to 65535."""


@dataclass(frozen=True, slots=True)
class ServiceRow:
    """One Service."""

    namespace: str
    name: str
    cluster_ips: tuple[bytes, ...]
    """Packed addresses, 4 or 16 bytes each; empty for headless and ExternalName services."""
    headless: bool
    """`clusterIP: None`: the records come from the service's slices."""
    external_name: str
    """Target host name as written, empty unless the type is ExternalName."""
    ports: tuple[PortRow, ...]
    publish_not_ready: bool
    """`publishNotReadyAddresses`."""


@dataclass(frozen=True, slots=True)
class SliceRow:
    """The ready endpoints of one EndpointSlice."""

    namespace: str
    name: str
    service: str
    """Name of the Service that owns the slice (label kubernetes.io/service-name)."""
    addresses: bytes
    """Packed addresses of the ready endpoints, `family` bytes each, concatenated."""
    family: int
    """Bytes per address: 4 or 16."""
    hostnames: tuple[str, ...]
    """Empty when no endpoint has a hostname, else one per address, "" for none."""
    pods: tuple[str, ...]
    """Names of the pods behind the addresses, one per address; empty unless asked for."""
    ports: tuple[PortRow, ...]


@dataclass(frozen=True, slots=True)
class NamespaceRow:
    """One Namespace, which is there even when nothing is in it."""

    name: str


@dataclass(frozen=True, slots=True)
class PodRow:
    """One running pod."""

    namespace: str
    name: str
    addresses: tuple[bytes, ...]
    """Packed addresses, 4 or 16 bytes each: all of the pod's, of either family."""


@dataclass(frozen=True, slots=True)
class ConfigMapRow:
    """The ConfigMap with the configuration; its batches do not go to the tree of names."""

    version: str
    """resourceVersion."""
    data: Mapping[str, str]


Row = ServiceRow | SliceRow | NamespaceRow | PodRow | ConfigMapRow


@dataclass(frozen=True, slots=True)
class Batch:
    """Changes of one resource, to be applied together and in order."""

    resource: str
    """`SERVICES`, `ENDPOINT_SLICES`, `NAMESPACES`, `PODS` or `CONFIG_MAPS`."""
    changes: tuple[tuple[Key, Row | None], ...]
    """The new row of each object, or None where it is gone."""
    synced: bool
    """True on the batch that completes a full list, the first or any later one."""
    newest: int = 0
    """The highest resourceVersion among the objects read so far, whether they made a change or
    not; 0 where the server's versions are no numbers. The zone's serial comes from it."""
