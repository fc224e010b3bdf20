"""Defaults and checks per kind, applied to every create and change; Services are in `service_spec`.

Only what a client of this server can notice: the fields the real API server always shows, and the
mistakes it always refuses. Pure but for the address pools of Services.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Callable

from devcluster import status
from devcluster.resources import ENDPOINTSLICES, Json, Resource
from devcluster.service_ips import ServiceAddresses
from devcluster.service_spec import admit_service
from devcluster.shapes import check_shape
from devcluster.status import Cause

_ADDRESS_TYPES = ("FQDN", "IPv4", "IPv6")


def admit(resource: Resource, obj: Json, old: Json | None, addresses: ServiceAddresses) -> None:
    """Check and complete `obj` (metadata included already) in place.

    `old` is the object it replaces, None on create. Raises ApiError 400 or 422.
    """
    check_shape(resource, obj)
    if resource.has_status and old is not None and "status" in old:
        # The real server takes status on /status only; here it is taken anywhere, so that one
        # request can make a ready Pod, and kept where the client leaves it out.
        obj.setdefault("status", old["status"])
    if resource.kind == "Service":
        admit_service(obj, old, addresses)
    elif resource.kind in _BY_KIND:
        _BY_KIND[resource.kind](obj)


def _namespace(obj: Json) -> None:
    meta = obj["metadata"]
    labels = meta.get("labels") or {}
    meta["labels"] = {"kubernetes.io/metadata.name": meta["name"], **labels}
    obj["spec"] = obj.get("spec") or {"finalizers": ["kubernetes"]}
    obj["status"] = obj.get("status") or {"phase": "Active"}


def _pod(obj: Json) -> None:
    obj["spec"] = obj.get("spec") or {}
    pod_status = dict(obj.get("status") or {})
    if not pod_status.get("phase"):
        pod_status["phase"] = "Running" if _addresses(pod_status) else "Pending"
    # podIP and podIPs[0] are one thing; clients may give either.
    if _addresses(pod_status):
        pod_status["podIPs"] = pod_status.get("podIPs") or [{"ip": pod_status["podIP"]}]
        pod_status["podIP"] = pod_status["podIPs"][0].get("ip")
    obj["status"] = pod_status


def _addresses(pod_status: Json) -> bool:
    return bool(pod_status.get("podIP") or pod_status.get("podIPs"))


def _deployment(obj: Json) -> None:
    obj["spec"] = {"replicas": 1, **(obj.get("spec") or {})}
    obj["status"] = obj.get("status") or {}


def _node(obj: Json) -> None:
    obj["spec"] = obj.get("spec") or {}
    obj["status"] = obj.get("status") or {}


def _endpoint_slice(obj: Json) -> None:
    name, kind = obj["metadata"]["name"], obj.get("addressType") or ""
    endpoints, ports = obj.get("endpoints") or None, obj.get("ports") or None
    causes: list[Cause] = []
    if not kind:
        causes.append(Cause("FieldValueRequired", "Required value", "addressType"))
    elif kind not in _ADDRESS_TYPES:
        known = ", ".join(f'"{item}"' for item in _ADDRESS_TYPES)
        message = f'Unsupported value: "{kind}": supported values: {known}'
        causes.append(Cause("FieldValueNotSupported", message, "addressType"))
    else:
        for at, endpoint in enumerate(endpoints or ()):
            causes += _check_endpoint(endpoint, kind, f"endpoints[{at}].addresses")
    if causes:
        raise status.invalid(ENDPOINTSLICES, name, causes)
    # Go writes an empty list of these two fields as null; clients must cope, so they see it here.
    obj["endpoints"] = endpoints and [
        {**endpoint, "conditions": endpoint.get("conditions") or {}} for endpoint in endpoints
    ]
    obj["ports"] = ports and [
        {"name": "", **port, "protocol": port.get("protocol") or "TCP"} for port in ports
    ]


def _check_endpoint(endpoint: Json, kind: str, path: str) -> list[Cause]:
    given = endpoint.get("addresses") or []
    if not given:
        return [
            Cause("FieldValueRequired", "Required value: must contain at least 1 address", path)
        ]
    causes = []
    for at, address in enumerate(given):
        if kind == "FQDN" or _is_ip(address, 4 if kind == "IPv4" else 6):
            continue
        message = f'Invalid value: "{address}": must be a valid {kind} address'
        causes.append(Cause("FieldValueInvalid", message, f"{path}[{at}]"))
    return causes


def _is_ip(text: str, version: int) -> bool:
    try:
        return ipaddress.ip_address(text).version == version
    except ValueError:
        return False


_BY_KIND: dict[str, Callable[[Json], None]] = {
    "Namespace": _namespace,
    "Pod": _pod,
    "Node": _node,
    "Deployment": _deployment,
    "EndpointSlice": _endpoint_slice,
}
