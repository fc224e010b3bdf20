"""Pods, v1: which addresses have a pod (`--pods=verified`). Pure.

The server leaves pods out that have run to their end, and sends their going as a deletion.
Fields: Kubernetes API reference, PodStatus.
"""

from __future__ import annotations

from typing import Any

from kubedns.k8s import model
from kubedns.k8s.errors import BadObject
from kubedns.k8s.kind import Kind, Scope, single
from kubedns.k8s.project import packed_address
from kubedns.rows import PODS, Key, PodRow

_ENDED = ("Succeeded", "Failed")
_NOT_ENDED = Scope(field_selector=",".join(f"status.phase!={phase}" for phase in _ENDED))


def pods() -> Kind[Any]:
    """Pods, v1, of which some are 10 kB."""
    return Kind(PODS, 100, model.decode_pod, single(project_pod), scope=_NOT_ENDED)


def project_pod(key: Key, pod: model.Pod) -> PodRow | None:
    """The row of a pod, None while it has no address and after its end. Raises BadObject."""
    status = pod.status or model.PodStatus()
    if status.phase in _ENDED:
        return None
    # podIPs is the newer field and has podIP as its first entry where both are set.
    texts = [ip.ip for ip in status.pod_ips or () if ip and ip.ip] or [status.pod_ip or ""]
    addresses = []
    for text in filter(None, texts):
        packed = packed_address(text)
        if packed is None:
            raise BadObject(key, f"podIP {text!r}")
        addresses.append(packed)
    return PodRow(key[0], key[1], tuple(addresses)) if addresses else None
