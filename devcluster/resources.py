"""The kinds this API server knows, as one table; nothing else in the package names a kind's URL.

Names, scopes, verbs and short names are those of the discovery documents of Kubernetes 1.36.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

VERBS = ("create", "delete", "deletecollection", "get", "list", "patch", "update", "watch")

Json = dict[str, Any]
"""A JSON object. `Any` is confined to these, the API's own documents."""


@dataclass(frozen=True, slots=True, eq=False)
class Resource:
    """One resource type, such as services or endpointslices.discovery.k8s.io.

    Compared and hashed by identity: there is one instance of each, in the table below.
    """

    group: str
    """API group; empty for the core group."""
    version: str
    plural: str
    kind: str
    namespaced: bool = True
    short_names: tuple[str, ...] = ()
    categories: tuple[str, ...] = ()
    verbs: tuple[str, ...] = VERBS
    has_status: bool = False
    """Has a `/status` subresource."""
    has_generation: bool = False
    """metadata.generation counts the changes of everything but metadata and status."""
    field_labels: tuple[str, ...] = ()
    """Paths a fieldSelector may name, besides metadata.name and metadata.namespace."""
    zero: Json = field(default_factory=dict)
    """Fields that an object without content (a BOOKMARK's) shows besides metadata."""
    returns_deleted: bool = False
    """A completed deletion is answered with the object, not with a Status."""
    warning: str = ""
    """Sent as a Warning header with every answer; kubectl prints it."""

    @property
    def singular(self) -> str:
        """Lower-case singular name, as kubectl accepts it."""
        return self.kind.lower()

    @property
    def api_version(self) -> str:
        """`v1`, or `group/version`."""
        return f"{self.group}/{self.version}" if self.group else self.version

    @property
    def qualified(self) -> str:
        """The name in messages: `services`, `endpointslices.discovery.k8s.io`."""
        return f"{self.plural}.{self.group}" if self.group else self.plural

    @property
    def prefix(self) -> str:
        """URL path of its group and version, without a leading slash: `api/v1`, `apis/apps/v1`."""
        return f"apis/{self.api_version}" if self.group else f"api/{self.version}"


RBAC = "rbac.authorization.k8s.io"

RESOURCES: tuple[Resource, ...] = (
    Resource("", "v1", "configmaps", "ConfigMap", short_names=("cm",)),
    Resource(
        "",
        "v1",
        "endpoints",
        "Endpoints",
        short_names=("ep",),
        warning="v1 Endpoints is deprecated in v1.33+; use discovery.k8s.io/v1 EndpointSlice",
    ),
    Resource(
        "",
        "v1",
        "events",
        "Event",
        short_names=("ev",),
        field_labels=(
            "involvedObject.kind",
            "involvedObject.name",
            "involvedObject.namespace",
            "involvedObject.uid",
            "reason",
            "type",
        ),
        zero={"involvedObject": {}, "source": {}},
    ),
    Resource(
        "",
        "v1",
        "namespaces",
        "Namespace",
        namespaced=False,
        short_names=("ns",),
        returns_deleted=True,
        verbs=tuple(verb for verb in VERBS if verb != "deletecollection"),
        has_status=True,
        field_labels=("status.phase",),
        zero={"spec": {}, "status": {}},
    ),
    Resource(
        "",
        "v1",
        "nodes",
        "Node",
        namespaced=False,
        short_names=("no",),
        has_status=True,
        field_labels=("spec.unschedulable",),
        zero={"spec": {}, "status": {}},
    ),
    Resource(
        "",
        "v1",
        "pods",
        "Pod",
        short_names=("po",),
        returns_deleted=True,
        categories=("all",),
        has_status=True,
        has_generation=True,
        field_labels=("spec.nodeName", "status.phase", "status.podIP"),
        zero={"spec": {"containers": None}, "status": {}},
    ),
    Resource(
        "", "v1", "serviceaccounts", "ServiceAccount", short_names=("sa",), returns_deleted=True
    ),
    Resource(
        "",
        "v1",
        "services",
        "Service",
        short_names=("svc",),
        returns_deleted=True,
        categories=("all",),
        has_status=True,
        field_labels=("spec.clusterIP", "spec.type"),
        zero={"spec": {}, "status": {"loadBalancer": {}}},
    ),
    Resource(
        "apps",
        "v1",
        "deployments",
        "Deployment",
        short_names=("deploy",),
        categories=("all",),
        has_status=True,
        has_generation=True,
        zero={"spec": {}, "status": {}},
    ),
    Resource(
        "discovery.k8s.io",
        "v1",
        "endpointslices",
        "EndpointSlice",
        has_generation=True,
        zero={"addressType": "", "endpoints": None, "ports": None},
    ),
    Resource(RBAC, "v1", "clusterrolebindings", "ClusterRoleBinding", namespaced=False),
    Resource(RBAC, "v1", "clusterroles", "ClusterRole", namespaced=False),
    Resource(RBAC, "v1", "rolebindings", "RoleBinding"),
    Resource(RBAC, "v1", "roles", "Role"),
)

BY_PLURAL: dict[str, Resource] = {
    **{resource.plural: resource for resource in RESOURCES},
    **{resource.qualified: resource for resource in RESOURCES},
}
BY_KIND: dict[tuple[str, str], Resource] = {
    (resource.api_version, resource.kind): resource for resource in RESOURCES
}
BY_URL: dict[tuple[str, str], Resource] = {
    (resource.prefix, resource.plural): resource for resource in RESOURCES
}

SERVICES = BY_PLURAL["services"]
ENDPOINTS = BY_PLURAL["endpoints"]
ENDPOINTSLICES = BY_PLURAL["endpointslices"]
NAMESPACES = BY_PLURAL["namespaces"]
NODES = BY_PLURAL["nodes"]
PODS = BY_PLURAL["pods"]


def resource_named(name: str) -> Resource:
    """The resource with that plural (`services`) or qualified name.

    Raises ValueError with the known names when there is none.
    """
    found = BY_PLURAL.get(name)
    if found is None:
        known = ", ".join(resource.plural for resource in RESOURCES)
        raise ValueError(f"no resource named {name!r}; there are {known}")
    return found
