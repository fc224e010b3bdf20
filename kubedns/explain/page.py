"""/explain: why a question is answered as it is, as JSON.

The cause is found in the DNS loop's thread, which owns the tree, in well under a millisecond. What
the API server is asked besides, it is asked in the page's own thread and within seconds.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from dnscore.ask_loop import ask_loop
from dnscore.explain_route import LOOP_WAIT_S
from dnscore.explain_route import explain_route as route_of
from dnscore.httpd import Route
from dnscore.loop import Loop
from dnscore.wire import names
from dnscore.wire.types import type_text
from kubedns.explain.explanation import Explanation, ObjectRef
from kubedns.explain.pace import Pace
from kubedns.explain.zone import ServersFor, explain
from kubedns.last_changes import Age, LastChanges
from kubedns.rows import ENDPOINT_SLICES, NAMESPACES, PODS, SERVICES, Key
from kubedns.status import Facts, api_server_away, missing_resources
from kubedns.treecache import TreeCache

_RESOURCES = {
    "Service": SERVICES,
    "EndpointSlice": ENDPOINT_SLICES,
    "Endpoints": "endpoints",
    "Namespace": NAMESPACES,
    "Pod": PODS,
}
_ASK_NOT_READY = frozenset(
    ("no-ready-endpoints", "no-endpoint-slices", "no-such-endpoint", "address-not-ready")
)
"""Causes that the endpoints which are not ready may explain."""


@dataclass(frozen=True, slots=True)
class ExplainSources:
    """Whom the page asks."""

    loop: Loop
    tree: TreeCache
    changes: LastChanges
    servers_for: ServersFor
    facts: Callable[[], Facts]
    version_of: Callable[[str, Key], str]
    """resourceVersion of an object, by resource and key; "" where it is not known."""
    not_ready: Callable[[str, str], tuple[str, ...]]
    """Texts about the endpoints of a Service that are not ready; may raise and take seconds."""
    pace: Pace = field(default_factory=Pace)
    """Of `not_ready`."""


def explain_route(sources: ExplainSources) -> Route:
    """/explain?name=...&type=..., see `dnscore.explain_route`."""
    return route_of(lambda name, qtype: _explained(sources, name, qtype))


def _explained(sources: ExplainSources, name: bytes, qtype: int) -> dict[str, Any]:
    facts = sources.facts()

    def look() -> tuple[Explanation, Age | None]:
        explanation = explain(
            sources.tree,
            name,
            qtype,
            servers_for=sources.servers_for,
            missing=lambda: missing_resources(facts.watches),
        )
        owner = explanation.finding.owner
        age = sources.changes.age(owner, sources.loop.now()) if owner else None
        return explanation, age

    explanation, age = ask_loop(sources.loop, look, wait_s=LOOP_WAIT_S)
    found = explanation.finding
    said: dict[str, Any] = {
        "name": names.to_text(name),
        "type": type_text(qtype),
        "zone": names.to_text(sources.tree.zone.domain),
        "outcome": explanation.outcome,
        "cause": found.cause,
        "sentence": found.sentence,
        "object": _object(sources, found.object),
        "changed": age and {"seconds_ago": round(age.seconds, 1), "exact": age.is_exact},
        "aliases": explanation.aliases,
        "details": dict(found.details),
        "api_server_away": api_server_away(facts),
    }
    if found.cause in _ASK_NOT_READY and found.object is not None:
        said.update(_not_ready(sources, found.object))
    return said


def _object(sources: ExplainSources, ref: ObjectRef | None) -> dict[str, str] | None:
    if ref is None:
        return None
    version = sources.version_of(_RESOURCES[ref.kind], (ref.namespace, ref.name))
    return {
        "kind": ref.kind,
        "namespace": ref.namespace,
        "name": ref.name,
        "resource_version": version,
    }


def _not_ready(sources: ExplainSources, service: ObjectRef) -> dict[str, Any]:
    wait_s = sources.pace.wait_s(sources.loop.now())
    if wait_s is None:
        return {"not_ready": (), "not_ready_error": "too many ask at once"}
    time.sleep(wait_s)
    try:
        return {"not_ready": sources.not_ready(service.namespace, service.name)}
    except Exception as error:  # The API server may be away, which is no reason to say nothing.
        return {"not_ready": (), "not_ready_error": str(error) or type(error).__name__}
