"""One ConfigMap, v1, by its name (`--config-map`): no other is asked for. Pure."""

from __future__ import annotations

from typing import Any

from kubedns.k8s import model
from kubedns.k8s.kind import Kind, Scope, single
from kubedns.rows import CONFIG_MAPS, ConfigMapRow, Key


def config_map(namespace: str, name: str) -> Kind[Any]:
    """The ConfigMap of that name.

    With this selector a Role that names the object allows the request (Kubernetes documentation,
    "Using RBAC Authorization", on resourceNames).
    """
    scope = Scope(namespace, f"metadata.name={name}")

    def project(key: Key, decoded: model.ConfigMap) -> ConfigMapRow | None:
        if key != (namespace, name):
            return None
        version = (decoded.metadata and decoded.metadata.resource_version) or ""
        return ConfigMapRow(version, decoded.data or {})

    return Kind(CONFIG_MAPS, 1, model.decode_config_map, single(project), scope=scope)
