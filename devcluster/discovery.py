"""Discovery documents: what kubectl and other clients ask before anything else.

Made from the resource table; pure functions of it and of the server's address.
Reference: https://kubernetes.io/docs/concepts/overview/kubernetes-api/#discovery-api
"""

from __future__ import annotations

from devcluster.resources import RESOURCES, Json, Resource

VERSION: Json = {
    "major": "1",
    "minor": "36",
    "emulationMajor": "1",
    "emulationMinor": "36",
    "minCompatibilityMajor": "1",
    "minCompatibilityMinor": "35",
    "gitVersion": "v1.36.2+devcluster",
    "gitCommit": "",
    "gitTreeState": "",
    "buildDate": "1970-01-01T00:00:00Z",
    "goVersion": "",
    "compiler": "cpython",
    "platform": "any",
}
"""GET /version: the Kubernetes version whose answers are imitated."""


def document(path: str, *, address: str) -> Json | None:
    """The discovery document at a URL path without slashes around; None when there is none."""
    if path == "version":
        return VERSION
    if path == "api":
        return _core_versions(address)
    if path == "apis":
        return {
            "kind": "APIGroupList",
            "apiVersion": "v1",
            "groups": [_group(g) for g in _groups()],
        }
    if path.startswith("apis/") and path[5:] in _groups():
        return {"kind": "APIGroup", "apiVersion": "v1", **_group(path[5:])}
    found = [resource for resource in RESOURCES if resource.prefix == path]
    return _resource_list(found) if found else None


def _groups() -> dict[str, str]:
    """Group to version; the core group is not one of them."""
    return {resource.group: resource.version for resource in RESOURCES if resource.group}


def _core_versions(address: str) -> Json:
    return {
        "kind": "APIVersions",
        "versions": ["v1"],
        "serverAddressByClientCIDRs": [{"clientCIDR": "0.0.0.0/0", "serverAddress": address}],
    }


def _group(name: str) -> Json:
    version = {"groupVersion": f"{name}/{_groups()[name]}", "version": _groups()[name]}
    return {"name": name, "versions": [version], "preferredVersion": version}


def _resource_list(resources: list[Resource]) -> Json:
    head: Json = {"kind": "APIResourceList"}
    if resources[0].group:
        head["apiVersion"] = "v1"
    head["groupVersion"] = resources[0].api_version
    head["resources"] = [entry for resource in resources for entry in _entries(resource)]
    return head


def _entries(resource: Resource) -> list[Json]:
    entry: Json = {
        "name": resource.plural,
        "singularName": resource.singular,
        "namespaced": resource.namespaced,
        "kind": resource.kind,
        "verbs": list(resource.verbs),
    }
    if resource.short_names:
        entry["shortNames"] = list(resource.short_names)
    if resource.categories:
        entry["categories"] = list(resource.categories)
    if not resource.has_status:
        return [entry]
    status_entry: Json = {
        "name": f"{resource.plural}/status",
        "singularName": "",
        "namespaced": resource.namespaced,
        "kind": resource.kind,
        "verbs": ["get", "patch", "update"],
    }
    return [entry, status_entry]
