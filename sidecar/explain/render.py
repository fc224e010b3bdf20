"""A walk as text for a terminal. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

Json = dict[str, Any]

_INDENT = "    "


def text_of(view: Json) -> str:
    """Short lines: what was asked, each name with its answer and reasons, the verdict."""
    return "\n".join(_lines(view)) + "\n"


def _lines(view: Json) -> Iterator[str]:
    asked = view["question"]
    who = f"pod {asked['pod']}" if "/" in asked["pod"] else f"a pod in {asked['namespace']}"
    yield f"{asked['name']} {asked['type']}, asked by {who}"
    yield f"search {' '.join(view['search'])}, ndots {view['ndots']}"
    for number, one in enumerate(view["tries"], 1):
        yield ""
        yield f"{number}. {one['name']} {one['type']}: {one['outcome']}"
        for line in _try(one):
            yield _INDENT + line
    yield ""
    yield view["verdict"]
    if view["problems"]:
        yield ""
    for problem in view["problems"]:
        yield f"! {problem}"
    yield ""
    for assumed in view["assumed"]:
        yield f"Assumed: {assumed}."


def _try(one: Json) -> Iterator[str]:
    yield from one["answers"]
    by = f" ({', '.join(one['servers'])})" if one["servers"] else ""
    ttl = f", TTL {one['ttl_s']} s" if one["ttl_s"] is not None else ""
    yield f"from {one['who']}{by}{ttl}; {one['cause']}"
    yield from one["reasons"]
    if one["object"]:
        yield _object_line(one["object"], one["changed"])
    elif one["changed"] and one["changed"]["exact"]:
        yield f"answers here last changed {one['changed']['seconds_ago']:.0f} s ago"
    for endpoint in one["not_ready"]:
        yield f"not in DNS: {endpoint}"
    error = (one["kubedns"] or {}).get("not_ready_error")
    if error:
        yield f"which endpoints are not ready cannot be told: {error}"
    if (one["kubedns"] or {}).get("api_server_away"):
        yield "kubedns cannot reach the API server: this is what it last knew"
    if one["front"] and one["front"].get("route") and one["outcome"] not in ("ANSWER", "NODATA"):
        yield from _servers(one["front"]["route"])


def _object_line(found: Json, changed: Json | None) -> str:
    path = f"{found['namespace']}/{found['name']}" if found["namespace"] else found["name"]
    version = f", resourceVersion {found['resource_version']}" if found["resource_version"] else ""
    age = ""
    if changed:
        least = "" if changed["exact"] else "at least "
        age = f", answers last changed {least}{changed['seconds_ago']:.0f} s ago"
    return f"decided by {found['kind']} {path}{version}{age}"


def _servers(route: Json) -> Iterator[str]:
    for server in route["servers"]:
        if server["health"] not in ("fine", "not asked yet"):
            yield (
                f"server {server['address']}: {server['health']}, {server['failed']} of "
                f"{server['sent']} questions without an answer"
            )
