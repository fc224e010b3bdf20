"""Endpoints, v1: what is read where EndpointSlices are not to be had. Pure.

The built-in role `system:kube-dns` allows Services and Endpoints only. An object becomes one row
per subset and address family, as if it were so many slices, so whoever takes rows does not know
the difference. Only `addresses` count: the endpoints controller puts there what is ready, and
everything where the Service publishes addresses that are not. An object is cut off at 1000
addresses (annotation endpoints.kubernetes.io/over-capacity), which slices are not.
Fields: Kubernetes API reference, Endpoints v1.
"""

from __future__ import annotations

from functools import partial
from sys import intern
from typing import Any

from kubedns.k8s import model
from kubedns.k8s.errors import BadObject
from kubedns.k8s.kind import Kind, Rows
from kubedns.k8s.project import packed_address, port_rows
from kubedns.rows import ENDPOINT_SLICES, Key, PortRow, SliceRow

ENDPOINTS = "endpoints"
"""Plural name of the resource."""


def endpoints(*, want_pods: bool = False) -> Kind[Any]:
    """Endpoints, v1; `want_pods` keeps the names of the pods behind."""
    project = partial(project_endpoints, want_pods=want_pods)
    # The largest object, of 1000 addresses, is some 300 kB.
    return Kind(ENDPOINTS, 25, model.decode_endpoints, project, feeds=ENDPOINT_SLICES)


def project_endpoints(key: Key, decoded: model.Endpoints, *, want_pods: bool = False) -> Rows:
    """The rows of an Endpoints object, `<name>/<subset>/<family>` each. Raises BadObject."""
    rows: list[tuple[Key, SliceRow]] = []
    for at, subset in enumerate(decoded.subsets or ()):
        if subset is None:
            continue
        ports = port_rows(key, subset.ports)
        found = [
            (_packed(key, address), address) for address in subset.addresses or () if address
        ]
        for family in (4, 16):
            mine = [(packed, address) for packed, address in found if len(packed) == family]
            if mine:
                name = f"{key[1]}/{at}/{family}"
                row = _row(key, name, mine, ports, want_pods=want_pods)
                rows.append(((key[0], name), row))
    return tuple(rows)


def _row(
    key: Key,
    name: str,
    found: list[tuple[bytes, model.EndpointAddress]],
    ports: tuple[PortRow, ...],
    *,
    want_pods: bool,
) -> SliceRow:
    hostnames = tuple(address.hostname or "" for _, address in found)
    return SliceRow(
        namespace=key[0],
        name=name,
        service=intern(key[1]),
        addresses=b"".join(packed for packed, _ in found),
        family=len(found[0][0]),
        hostnames=hostnames if any(hostnames) else (),
        pods=tuple(_pod(address) for _, address in found) if want_pods else (),
        ports=ports,
    )


def _packed(key: Key, address: model.EndpointAddress) -> bytes:
    packed = packed_address(address.ip or "")
    if packed is None:
        raise BadObject(key, f"address {address.ip!r}")
    return packed


def _pod(address: model.EndpointAddress) -> str:
    target = address.target_ref
    return (target.name or "") if target and target.kind == "Pod" else ""
