"""The columns of `kubectl get`, per kind, as the real API server prints them. Pure."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from devcluster.resources import Json, Resource

Cell = Callable[[Json, float], str | int]
"""From an object and the time (seconds since 1970) to what its row shows."""

_SHOWN = 3
"""Addresses or ports named in a cell before it says how many more there are."""


@dataclass(frozen=True, slots=True)
class Column:
    """One column."""

    name: str
    cell: Cell
    priority: int = 0
    """Above 0: shown by `-o wide` only."""
    type: str = "string"


def human_age(seconds: float) -> str:
    """Age as kubectl writes it: one or two units, coarser as it grows."""
    s = max(0, int(seconds))
    minutes, hours, days = s // 60, s // 3600, s // 86400
    steps = (
        (120, f"{s}s"),
        (600, f"{minutes}m{s % 60}s" if s % 60 else f"{minutes}m"),
        (10800, f"{minutes}m"),
        (28800, f"{hours}h{minutes % 60}m" if minutes % 60 else f"{hours}h"),
        (172800, f"{hours}h"),
        (691200, f"{days}d{hours % 24}h" if hours % 24 else f"{days}d"),
        (63072000, f"{days}d"),
    )
    return next((text for limit, text in steps if s < limit), f"{days // 365}y")


def columns_of(resource: Resource) -> tuple[Column, ...]:
    """The columns of a kind; name and age for kinds without special ones."""
    return (_NAME, *_BETWEEN.get(resource.kind, ()), _AGE, *_WIDE.get(resource.kind, ()))


def _name(obj: Json, _now_s: float) -> str:
    name: str = obj["metadata"]["name"]
    return name


def _age(obj: Json, now_s: float) -> str:
    created = obj["metadata"].get("creationTimestamp")
    if not created:
        return "<unknown>"
    return human_age(now_s - datetime.fromisoformat(created).timestamp())


def _at(*path: str, absent: str = "<none>") -> Cell:
    """A cell with the value at a path."""

    def cell(obj: Json, _now_s: float) -> str:
        value: Any = obj
        for step in path:
            value = value.get(step) if isinstance(value, dict) else None
        return absent if value in (None, "") else str(value)

    return cell


def _joined(texts: list[str], absent: str = "<none>") -> str:
    if len(texts) > _SHOWN:
        return ",".join(texts[:_SHOWN]) + f" + {len(texts) - _SHOWN} more..."
    return ",".join(texts) or absent


def _service_ports(obj: Json, _now_s: float) -> str:
    ports = obj["spec"].get("ports") or ()
    return ",".join(f"{port['port']}/{port['protocol']}" for port in ports) or "<none>"


def _external_ip(obj: Json, _now_s: float) -> str:
    spec = obj["spec"]
    if spec["type"] == "ExternalName":
        return str(spec["externalName"])
    waiting = "<pending>" if spec["type"] == "LoadBalancer" else "<none>"
    return ",".join(map(str, spec.get("externalIPs") or ())) or waiting


def _selector(obj: Json, _now_s: float) -> str:
    pairs = (obj["spec"].get("selector") or {}).items()
    return ",".join(f"{name}={value}" for name, value in sorted(pairs)) or "<none>"


def _slice_ports(obj: Json, _now_s: float) -> str:
    ports = obj.get("ports") or ()
    return _joined([str(port.get("port", "*")) for port in ports], "<unset>")


def _slice_endpoints(obj: Json, _now_s: float) -> str:
    endpoints = obj.get("endpoints") or ()
    return _joined([address for e in endpoints for address in e["addresses"]], "<unset>")


def _endpoints(obj: Json, _now_s: float) -> str:
    found = []
    for subset in obj.get("subsets") or ():
        for address in subset.get("addresses") or ():
            ports = subset.get("ports") or ()
            found += [f"{address.get('ip')}:{port.get('port')}" for port in ports]
            found += [] if ports else [str(address.get("ip"))]
    return _joined(found)


def _pod_ready(obj: Json, _now_s: float) -> str:
    conditions = obj["status"].get("conditions") or ()
    ready = any(c.get("type") == "Ready" and c.get("status") == "True" for c in conditions)
    count = len(obj["spec"].get("containers") or ())
    return f"{count if ready else 0}/{count}"


def _pod_status(obj: Json, _now_s: float) -> str:
    if obj["metadata"].get("deletionTimestamp"):
        return "Terminating"
    return str(obj["status"].get("phase"))


def _data(obj: Json, _now_s: float) -> int:
    return len(obj.get("data") or ()) + len(obj.get("binaryData") or ())


_NAME = Column("Name", _name)
_AGE = Column("Age", _age)

_BETWEEN: dict[str, tuple[Column, ...]] = {
    "Service": (
        Column("Type", _at("spec", "type")),
        Column("Cluster-IP", _at("spec", "clusterIP")),
        Column("External-IP", _external_ip),
        Column("Port(s)", _service_ports),
    ),
    "EndpointSlice": (
        Column("AddressType", _at("addressType")),
        Column("Ports", _slice_ports),
        Column("Endpoints", _slice_endpoints),
    ),
    "Endpoints": (Column("Endpoints", _endpoints),),
    "Pod": (
        Column("Ready", _pod_ready),
        Column("Status", _pod_status),
        Column("Restarts", lambda _obj, _now_s: 0, type="integer"),
    ),
    "Namespace": (Column("Status", _at("status", "phase")),),
    "ConfigMap": (Column("Data", _data, type="integer"),),
    "Deployment": (Column("Replicas", _at("spec", "replicas")),),
}
_WIDE: dict[str, tuple[Column, ...]] = {
    "Service": (Column("Selector", _selector, priority=1),),
    "Pod": (
        Column("IP", _at("status", "podIP"), priority=1),
        Column("Node", _at("spec", "nodeName"), priority=1),
    ),
}
