"""Requests and answers as values, and what a URL and a method mean. Pure.

Reference: https://kubernetes.io/docs/reference/using-api/api-concepts/#resource-uris
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from devcluster import status
from devcluster.params import flag
from devcluster.resources import BY_URL, Resource
from devcluster.store import Key
from devcluster.watch import Watcher


@dataclass(frozen=True, slots=True)
class Request:
    """One HTTP request; header names are lower case."""

    method: str
    path: str
    query: Mapping[str, str]
    headers: Mapping[str, str]
    body: bytes = b""


@dataclass(frozen=True, slots=True)
class Response:
    """A complete answer."""

    code: int
    body: bytes
    content_type: str = "application/json"
    headers: Mapping[str, str] = field(default_factory=dict)
    may_indent: bool = True
    """The body is one JSON document, which may be spread over lines for a person to read."""


@dataclass(frozen=True, slots=True)
class WatchResponse:
    """An answer that goes on: the rim streams the watcher's queue and then closes the watcher."""

    watcher: Watcher
    timeout_s: float | None
    """None leaves it to the server."""
    bookmarks: bool
    cut_after_bytes: int | None
    """Break the connection off after that many bytes; None: do not."""
    headers: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Target:
    """What a resource URL names; empty strings for parts it does not have."""

    resource: Resource
    namespace: str
    name: str
    subresource: str

    @property
    def key(self) -> Key:
        """Where the named object is stored."""
        return (self.namespace, self.name)


def parse_target(path: str) -> Target | None:
    """The resource that a path without outer slashes names; None when it names none."""
    parts = path.split("/")
    prefix_length = 2 if parts[0] == "api" else 3
    prefix, rest = "/".join(parts[:prefix_length]), parts[prefix_length:]
    if parts[0] not in ("api", "apis") or not rest or "" in rest:
        return None
    namespace = ""
    if rest[0] == "namespaces" and len(rest) > 2 and (prefix, rest[2]) in BY_URL:
        namespace, rest = rest[1], rest[2:]
    elif rest[0] == "namespaces" and len(rest) > 2 and rest[2] != "status":
        return None
    resource = BY_URL.get((prefix, rest[0]))
    if resource is None or len(rest) > 3:
        return None
    name = rest[1] if len(rest) > 1 else ""
    subresource = rest[2] if len(rest) > 2 else ""
    if resource.namespaced != bool(namespace) and (name or not resource.namespaced):
        return None
    if subresource and not (subresource == "status" and resource.has_status):
        return None
    return Target(resource, namespace, name, subresource)


def verb_of(request: Request, target: Target) -> str:
    """The API verb, as access rules name it. Raises ApiError 405 for one there is not."""
    if target.name:
        verbs = {"GET": "get", "HEAD": "get", "PUT": "update", "PATCH": "patch", "DELETE": "delete"}
    else:
        reading = "watch" if flag(request.query, "watch") else "list"
        verbs = {"GET": reading, "HEAD": "list", "DELETE": "deletecollection"}
        if target.namespace or not target.resource.namespaced:
            verbs["POST"] = "create"
        else:
            del verbs["DELETE"]
    verb = verbs.get(request.method)
    if verb is None or verb not in target.resource.verbs:
        raise status.method_not_allowed()
    if target.subresource and verb == "delete":
        raise status.method_not_allowed()
    return verb
