"""OpenAPI v3 documents, as small as kubectl accepts them.

Before create and apply kubectl looks up whether the kind's PATCH takes `fieldValidation`; if it
does, validation is left to the server and no schema is needed. Pure.
Reference: https://kubernetes.io/docs/concepts/overview/kubernetes-api/#openapi-v3
"""

from __future__ import annotations

from devcluster.discovery import VERSION
from devcluster.resources import RESOURCES, Json, Resource


def document(path: str) -> Json | None:
    """The document at `openapi/v3` or below; None when there is none."""
    prefixes = list(dict.fromkeys(resource.prefix for resource in RESOURCES))
    if path == "openapi/v3":
        return {
            "paths": {
                prefix: {"serverRelativeURL": f"/openapi/v3/{prefix}?hash={VERSION['gitVersion']}"}
                for prefix in prefixes
            }
        }
    prefix = path.removeprefix("openapi/v3/")
    if prefix == path or prefix not in prefixes:
        return None
    return {
        "openapi": "3.0.0",
        "info": {"title": "Kubernetes", "version": VERSION["gitVersion"]},
        "paths": dict(_path(resource) for resource in RESOURCES if resource.prefix == prefix),
        "components": {"schemas": {}},
    }


def _path(resource: Resource) -> tuple[str, Json]:
    scope = "namespaces/{namespace}/" if resource.namespaced else ""
    parameters = [
        {"name": name, "in": "query", "schema": {"type": "string", "uniqueItems": True}}
        for name in ("dryRun", "fieldManager", "fieldValidation")
    ]
    parameters.append(
        {"name": "force", "in": "query", "schema": {"type": "boolean", "uniqueItems": True}}
    )
    patch = {
        "operationId": f"patch{resource.kind}",
        "parameters": parameters,
        "responses": {"200": {"description": "OK"}},
        "x-kubernetes-action": "patch",
        "x-kubernetes-group-version-kind": {
            "group": resource.group,
            "kind": resource.kind,
            "version": resource.version,
        },
    }
    return f"/{resource.prefix}/{scope}{resource.plural}/{{name}}", {"patch": patch}
