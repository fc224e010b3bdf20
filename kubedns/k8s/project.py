"""From a decoded Service or EndpointSlice to the row that the DNS core keeps. Pure.

Everything that is kept for long is made small here: addresses packed, repeated strings interned,
equal port lists shared. A row holds no reference to what it was decoded from.
"""

from __future__ import annotations

from functools import lru_cache, partial
from socket import AF_INET, AF_INET6, inet_pton
from sys import intern
from typing import Any

from kubedns.k8s import model
from kubedns.k8s.errors import BadObject
from kubedns.k8s.kind import Kind, single
from kubedns.rows import ENDPOINT_SLICES, SERVICES, Key, PortRow, ServiceRow, SliceRow

_PROTOCOLS = {"TCP": "tcp", "UDP": "udp", "SCTP": "sctp"}
_FAMILIES = {"IPv4": 4, "IPv6": 16}
_MAPPED_PREFIX = bytes(10) + b"\xff\xff"


def services() -> Kind[Any]:
    """Services, v1."""
    return Kind(SERVICES, 250, model.decode_service, single(project_service))


def endpoint_slices(*, want_pods: bool = False) -> Kind[Any]:
    """EndpointSlices, discovery.k8s.io/v1; `want_pods` keeps the names of the pods behind."""
    # A slice of 100 endpoints is 30 kB.
    project = partial(project_slice, want_pods=want_pods)
    decode = model.decode_pod_slice if want_pods else model.decode_slice
    return Kind(ENDPOINT_SLICES, 25, decode, single(project))


def project_service(key: Key, service: model.Service) -> ServiceRow:
    """The row of a Service. Raises BadObject."""
    spec = service.spec or model.ServiceSpec()
    external = spec.type == "ExternalName"
    if external and not spec.external_name:
        raise BadObject(key, "type ExternalName without externalName")
    # clusterIPs is the newer field and has clusterIP as its first entry where both are set.
    texts = spec.cluster_ips or [spec.cluster_ip or ""]
    headless = not external and texts[0] in ("", "None")
    ips = () if external or headless else tuple(_cluster_ip(key, text) for text in texts)
    return ServiceRow(
        namespace=key[0],
        name=key[1],
        cluster_ips=ips,
        headless=headless,
        external_name=(spec.external_name or "") if external else "",
        ports=port_rows(key, spec.ports),
        publish_not_ready=bool(spec.publish_not_ready_addresses),
    )


def project_slice(
    key: Key, endpoint_slice: model.EndpointSlice, *, want_pods: bool = False
) -> SliceRow | None:
    """The row of an EndpointSlice, None where it feeds no Service. Raises BadObject."""
    labels = endpoint_slice.metadata and endpoint_slice.metadata.labels
    service = labels and labels.service
    if not service or endpoint_slice.address_type == "FQDN":
        return None
    family = _FAMILIES.get(endpoint_slice.address_type or "")
    if family is None:
        raise BadObject(key, f"addressType {endpoint_slice.address_type!r}")
    # API reference, EndpointConditions.ready: "nil should be interpreted as true"
    ready = [
        endpoint
        for endpoint in endpoint_slice.endpoints or ()
        if endpoint is not None
        and (endpoint.conditions is None or endpoint.conditions.ready is not False)
    ]
    texts = [text for endpoint in ready for text in endpoint.addresses or ()]
    return SliceRow(
        namespace=key[0],
        name=key[1],
        service=intern(service),
        addresses=_endpoint_addresses(key, texts, family),
        family=family,
        hostnames=_hostnames(ready),
        pods=_pods(ready) if want_pods else (),
        ports=port_rows(key, endpoint_slice.ports),
    )


def _hostnames(ready: list[model.Endpoint]) -> tuple[str, ...]:
    """One per address, or none at all."""
    if not any(endpoint.hostname for endpoint in ready):
        return ()
    hostnames = tuple(e.hostname or "" for e in ready for _ in e.addresses or ())
    return hostnames if any(hostnames) else ()


def _pods(ready: list[model.Endpoint]) -> tuple[str, ...]:
    """One per address."""
    return tuple(_pod(endpoint) for endpoint in ready for _ in endpoint.addresses or ())


def _pod(endpoint: model.Endpoint) -> str:
    target = endpoint.target_ref if isinstance(endpoint, model.PodEndpoint) else None
    return (target.name or "") if target and target.kind == "Pod" else ""


def _endpoint_addresses(key: Key, texts: list[str], family: int) -> bytes:
    """All addresses of a slice, packed. Raises BadObject."""
    version = AF_INET if family == 4 else AF_INET6
    try:
        # HOT: for each address of each slice. Nearly always all of them are well-formed.
        return b"".join([inet_pton(version, text) for text in texts])
    except (OSError, ValueError):
        return b"".join([_endpoint_address(key, text, family) for text in texts])


def _cluster_ip(key: Key, text: str) -> bytes:
    packed = packed_address(text)
    if packed is None:
        raise BadObject(key, f"clusterIP {text!r}")
    return packed


def packed_address(text: str) -> bytes | None:
    """4 or 16 bytes; None for what is no address."""
    packed = _packed(text, AF_INET6 if ":" in text else AF_INET)
    # ::ffff:10.0.0.1 is 10.0.0.1: one name for one address (RFC 4291 section 2.5.5.2).
    return packed[12:] if packed and packed.startswith(_MAPPED_PREFIX) else packed


def _endpoint_address(key: Key, text: str, family: int) -> bytes:
    packed = _packed(text, AF_INET if family == 4 else AF_INET6)
    if packed is None:
        raise BadObject(key, f"IPv{4 if family == 4 else 6} address {text!r}")
    return packed


def _packed(text: str, family: int) -> bytes | None:
    try:
        return inet_pton(family, text)
    except (OSError, ValueError):
        pass
    # Old clusters hold addresses such as 010.0.0.1, which Kubernetes reads as decimal.
    parts = text.split(".")
    if family == AF_INET and len(parts) == 4:
        numbers = [int(p) if p.isascii() and p.isdigit() and len(p) < 4 else 256 for p in parts]
        return bytes(numbers) if max(numbers) < 256 else None
    return None


def port_rows(key: Key, ports: list[model.ServicePort] | None) -> tuple[PortRow, ...]:
    """Ports as rows, equal lists shared. Raises BadObject."""
    rows = []
    for port in ports or ():
        protocol = _PROTOCOLS.get(port.protocol or "TCP")
        if port.port is None:
            continue  # API reference, EndpointPort.port: unset means no restriction on ports
        if protocol is None or not 0 < port.port < 65536:
            raise BadObject(key, f"port {port.port} protocol {port.protocol!r}")
        rows.append(PortRow(intern(port.name or ""), protocol, port.port))
    return _shared(tuple(rows))


@lru_cache(maxsize=4096)
def _shared(ports: tuple[PortRow, ...]) -> tuple[PortRow, ...]:
    """The first of all equal tuples: thousands of slices have the same ports."""
    return ports
