"""What EndpointSlices and Endpoints a Service must have, given the Pods it selects.

Pure functions of a Service and Pods. Fields, labels and conditions are those of the real
controllers' objects; slices are split by address family, by the ports that named targetPorts
resolve to, and at 100 endpoints.
Reference: https://kubernetes.io/docs/concepts/services-networking/endpoint-slices/
"""

from __future__ import annotations

import ipaddress
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from hashlib import blake2b

from devcluster.resources import Json
from devcluster.shapes import Pod, Service, ServicePort

MAX_ENDPOINTS_PER_SLICE = 100
"""Default of --max-endpoints-per-slice of the real controller."""

MANAGED_BY = "endpointslice.kubernetes.io/managed-by"
SLICE_CONTROLLER = "endpointslice-controller.k8s.io"
SERVICE_NAME = "kubernetes.io/service-name"
ENDPOINTS_MANAGED_BY = "endpoints.kubernetes.io/managed-by"
_HEADLESS = "service.kubernetes.io/headless"
_FINISHED = ("Failed", "Succeeded")
_SUFFIX_LETTERS = "bcdfghjklmnpqrstvwxz2456789"

Ports = tuple[tuple[str, str, int], ...]
"""(name, protocol, number) of each port that could be resolved."""
ZoneOf = Callable[[str], str]
"""Zone of a node by name; empty when unknown."""


@dataclass(frozen=True, slots=True)
class _Candidate:
    """One Pod as this Service sees it."""

    pod: Pod
    ready: bool
    serving: bool
    terminating: bool
    ports: Ports

    def addresses(self, family: str) -> list[str]:
        version = 4 if family == "IPv4" else 6
        status = self.pod.status
        found = [entry.ip or "" for entry in (status.podIPs if status else None) or ()]
        return [ip for ip in found if _version(ip) == version]


def wants_endpoints(service: Service) -> bool:
    """Only Services with a selector get endpoints made for them."""
    spec = service.spec
    return spec is not None and bool(spec.selector) and spec.type != "ExternalName"


def endpoint_slices(service: Service, pods: Iterable[Pod], zone_of: ZoneOf) -> list[Json]:
    """The slices (without server-made metadata) of a Service that wants endpoints.

    A family without endpoints still has one empty slice, as with the real controller.
    """
    spec = service.spec
    candidates = _candidates(service, pods)
    slices: list[Json] = []
    for family in (spec.ipFamilies if spec else None) or ["IPv4"]:
        groups: dict[Ports, list[Json]] = {}
        for candidate in candidates:
            for address in candidate.addresses(family)[:1]:
                entry = _endpoint(service, candidate, address, zone_of)
                groups.setdefault(candidate.ports, []).append(entry)
        if not groups:
            slices.append(_slice(service, family, (), [], 0))
        for ports, entries in sorted(groups.items()):
            for start in range(0, len(entries), MAX_ENDPOINTS_PER_SLICE):
                chunk = entries[start : start + MAX_ENDPOINTS_PER_SLICE]
                slices.append(_slice(service, family, ports, chunk, start))
    return slices


def endpoints_object(service: Service, pods: Iterable[Pod]) -> Json:
    """The Endpoints object of a Service that wants endpoints: its first family only."""
    spec = service.spec
    family = ((spec.ipFamilies if spec else None) or ["IPv4"])[0]
    groups: dict[Ports, tuple[list[Json], list[Json]]] = {}
    for candidate in _candidates(service, pods):
        if candidate.terminating and not candidate.ready:
            continue
        for address in candidate.addresses(family)[:1]:
            ready, not_ready = groups.setdefault(candidate.ports, ([], []))
            entry = _endpoint_address(service, candidate, address)
            (ready if candidate.ready else not_ready).append(entry)
    labels = {**(service.metadata.labels or {}), ENDPOINTS_MANAGED_BY: "endpoint-controller"}
    if _is_headless(service):
        labels[_HEADLESS] = ""
    result: Json = {
        "metadata": {
            "name": service.metadata.name,
            "namespace": service.metadata.namespace,
            "labels": dict(sorted(labels.items())),
        }
    }
    if groups:
        result["subsets"] = [_subset(*item) for item in sorted(groups.items())]
    return result


# -- pods ----------------------------------------------------------------------------------


def _candidates(service: Service, pods: Iterable[Pod]) -> list[_Candidate]:
    spec = service.spec
    publish = bool(spec and spec.publishNotReadyAddresses)
    found = []
    for pod in sorted(pods, key=lambda pod: pod.metadata.name or ""):
        status = pod.status
        if status is None or status.phase in _FINISHED or not status.podIPs:
            continue
        terminating = pod.metadata.deletionTimestamp is not None
        serving = any(
            condition.type == "Ready" and condition.status == "True"
            for condition in status.conditions or ()
        )
        ready = publish or (serving and not terminating)
        ports = _resolve_ports(spec.ports if spec else None, pod)
        if ports is not None:
            found.append(_Candidate(pod, ready, serving, terminating, ports))
    return found


def _resolve_ports(ports: Sequence[ServicePort] | None, pod: Pod) -> Ports | None:
    """Numbers for the Service's ports on that Pod; None when no port has one."""
    resolved = []
    for port in ports or ():
        number = _target(port, pod)
        if number is not None:
            resolved.append((port.name or "", port.protocol or "TCP", number))
    return tuple(resolved) if resolved or not ports else None


def _target(port: ServicePort, pod: Pod) -> int | None:
    if not isinstance(port.targetPort, str):
        return port.targetPort or port.port
    for container in (pod.spec.containers if pod.spec else None) or ():
        for offered in container.ports or ():
            if offered.name == port.targetPort and (offered.protocol or "TCP") == port.protocol:
                return offered.containerPort
    return None


def _version(address: str) -> int:
    try:
        return ipaddress.ip_address(address).version
    except ValueError:
        return 0


def _hostname(service: Service, pod: Pod) -> str:
    """A Pod's hostname counts only where its subdomain names this Service."""
    if pod.spec and pod.spec.hostname and pod.spec.subdomain == service.metadata.name:
        return pod.spec.hostname
    return ""


# -- objects -------------------------------------------------------------------------------


def _endpoint(service: Service, candidate: _Candidate, address: str, zone_of: ZoneOf) -> Json:
    pod = candidate.pod
    entry: Json = {
        "addresses": [address],
        "conditions": {
            "ready": candidate.ready,
            "serving": candidate.serving,
            "terminating": candidate.terminating,
        },
    }
    if hostname := _hostname(service, pod):
        entry["hostname"] = hostname
    entry["targetRef"] = _target_ref(pod)
    if pod.spec and pod.spec.nodeName:
        entry["nodeName"] = pod.spec.nodeName
        if zone := zone_of(pod.spec.nodeName):
            entry["zone"] = zone
    return entry


def _endpoint_address(service: Service, candidate: _Candidate, address: str) -> Json:
    pod = candidate.pod
    entry: Json = {"ip": address}
    if hostname := _hostname(service, pod):
        entry["hostname"] = hostname
    if pod.spec and pod.spec.nodeName:
        entry["nodeName"] = pod.spec.nodeName
    entry["targetRef"] = _target_ref(pod)
    return entry


def _target_ref(pod: Pod) -> Json:
    meta = pod.metadata
    return {"kind": "Pod", "namespace": meta.namespace, "name": meta.name, "uid": meta.uid}


def _subset(ports: Ports, addresses: tuple[list[Json], list[Json]]) -> Json:
    ready, not_ready = addresses
    result: Json = {}
    if ready:
        result["addresses"] = ready
    if not_ready:
        result["notReadyAddresses"] = not_ready
    if ports:
        result["ports"] = [
            {**({"name": name} if name else {}), "port": number, "protocol": protocol}
            for name, protocol, number in ports
        ]
    return result


def _slice(service: Service, family: str, ports: Ports, entries: list[Json], start: int) -> Json:
    meta = service.metadata
    labels = {**(meta.labels or {}), MANAGED_BY: SLICE_CONTROLLER, SERVICE_NAME: meta.name}
    if _is_headless(service):
        labels[_HEADLESS] = ""
    return {
        "metadata": {
            "name": f"{meta.name}-{_suffix(meta.uid, family, ports, start)}",
            "generateName": f"{meta.name}-",
            "namespace": meta.namespace,
            "labels": dict(sorted(labels.items())),
            "ownerReferences": [_owner(service)],
        },
        "addressType": family,
        "endpoints": entries or None,
        "ports": [
            {"name": name, "protocol": protocol, "port": number} for name, protocol, number in ports
        ]
        or None,
    }


def _suffix(*parts: object) -> str:
    """Five letters made from what the slice is for: it keeps its name while it changes."""
    digest = blake2b(repr(parts).encode(), digest_size=5).digest()
    return "".join(_SUFFIX_LETTERS[byte % len(_SUFFIX_LETTERS)] for byte in digest)


def _is_headless(service: Service) -> bool:
    return service.spec is not None and service.spec.clusterIP == "None"


def _owner(service: Service) -> Json:
    return {
        "apiVersion": "v1",
        "kind": "Service",
        "name": service.metadata.name,
        "uid": service.metadata.uid,
        "controller": True,
        "blockOwnerDeletion": True,
    }
