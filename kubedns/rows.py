"""What the DNS core needs of an API object, and nothing else.

The border between the watch layer (`kubedns.k8s`) and the DNS core: the one side makes these
values, the other side turns them into records, and neither knows the other's types. Pure values,
standard library only. They are kept for as long as the object lives, 150,000 endpoints in all,
so addresses are packed bytes and repeated strings are interned by whoever makes a row.
Fields follow the Kubernetes API reference (Service v1, EndpointSlice discovery.k8s.io/v1).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

SERVICES = "services"
"""Value of `Batch.resource` for Services."""

ENDPOINT_SLICES = "endpointslices"
"""Value of `Batch.resource` for EndpointSlices."""

Key = tuple[str, str]
"""Namespace and name of an object, unique within one resource."""


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


Row = ServiceRow | SliceRow


@dataclass(frozen=True, slots=True)
class Batch:
    """Changes of one resource, to be applied together and in order."""

    resource: str
    """`SERVICES` or `ENDPOINT_SLICES`."""
    changes: tuple[tuple[Key, Row | None], ...]
    """The new row of each object, or None where it is gone."""
    synced: bool
    """True on the batch that completes a full list, the first or any later one."""
