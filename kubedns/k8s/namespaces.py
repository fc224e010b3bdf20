"""Namespaces, v1: a name below `svc` is there even while no Service is in it. Pure."""

from __future__ import annotations

from typing import Any

from kubedns.k8s import model
from kubedns.k8s.kind import Kind, single
from kubedns.rows import NAMESPACES, Key, NamespaceRow


def namespaces() -> Kind[Any]:
    """Namespaces, v1."""
    return Kind(
        NAMESPACES, 500, model.decode_namespace, single(project_namespace), namespaced=False
    )


def project_namespace(key: Key, namespace: model.Namespace) -> NamespaceRow:
    """The row of a Namespace, which counts until it is gone: objects are in it while it ends."""
    return NamespaceRow(key[1])
