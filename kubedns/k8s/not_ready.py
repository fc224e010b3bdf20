"""The endpoints of one Service that are not ready, read from the API server when somebody asks.

Rows hold ready endpoints only, as 150,000 are kept; who wants to know why a Service has no address
gets the others with one bounded request. EndpointSlices, or Endpoints (v1) where those are not to
be had. Fields: Kubernetes API reference.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from typing import Protocol

import msgspec

from kubedns.k8s.errors import Malformed, Refused, Unreachable
from kubedns.k8s.kind import Scope
from kubedns.k8s.model import SERVICE_NAME_LABEL
from kubedns.rows import ENDPOINT_SLICES

SLICES_MAX = 20
ENDPOINTS_MAX = 20
"""Those that are listed."""
BODY_MAX = 2 * 1024 * 1024
WAIT_S = 1.5
"""For the whole answer of the API server."""


class _Conditions(msgspec.Struct):
    ready: bool | None = None
    terminating: bool | None = None


class _Target(msgspec.Struct):
    kind: str | None = None
    name: str | None = None


class _Endpoint(msgspec.Struct, rename="camel"):
    addresses: list[str] | None = None
    conditions: _Conditions | None = None
    hostname: str | None = None
    target_ref: _Target | None = None


class _Address(msgspec.Struct, rename="camel"):
    ip: str | None = None
    hostname: str | None = None
    target_ref: _Target | None = None


class _Subset(msgspec.Struct, rename="camel"):
    not_ready_addresses: list[_Address | None] | None = None


class _Object(msgspec.Struct):
    """An EndpointSlice or an Endpoints object."""

    endpoints: list[_Endpoint | None] | None = None
    subsets: list[_Subset | None] | None = None


class _List(msgspec.Struct):
    items: list[_Object] | None = None


class Body(Protocol):
    """A response that is being received."""

    def read(self) -> bytes: ...

    def close(self) -> None: ...


class Server(Protocol):
    """What is needed of the API server."""

    def list_page(
        self, resource: str, *, limit: int, scope: Scope, silence_s: float | None = None
    ) -> Body: ...


def not_ready(server: Server, namespace: str, service: str) -> tuple[str, ...]:
    """One text for each endpoint that is not ready, ENDPOINTS_MAX at most.

    Takes WAIT_S or so at most for each of two requests. Raises ApiError.
    """
    by_label = Scope(namespace, label_selector=f"{SERVICE_NAME_LABEL}={service}")
    try:
        body = _read(server, ENDPOINT_SLICES, by_label)
    except Refused as error:
        if error.status not in (403, 404):
            raise
        by_name = Scope(namespace, field_selector=f"metadata.name={service}")
        body = _read(server, "endpoints", by_name)
    return endpoints_in(body)


def endpoints_in(body: bytes) -> tuple[str, ...]:
    """The endpoints in a list that are not ready, as texts. Raises Malformed."""
    try:
        found = msgspec.json.decode(body, type=_List)
    except (ValueError, RecursionError) as error:
        raise Malformed(f"not a list of endpoints: {error}") from error
    texts = [text for item in found.items or () for text in _of_object(item)]
    return tuple(dict.fromkeys(texts))[:ENDPOINTS_MAX]


def _of_object(item: _Object) -> Iterator[str]:
    for endpoint in item.endpoints or ():
        if endpoint is None or endpoint.conditions is None:
            continue
        if endpoint.conditions.ready is not False:
            continue  # "nil should be interpreted as true"
        state = "terminating" if endpoint.conditions.terminating else "not ready"
        for address in endpoint.addresses or ():
            yield _text(address, endpoint.hostname, endpoint.target_ref, state)
    for subset in item.subsets or ():
        for one in (subset and subset.not_ready_addresses) or ():
            if one is not None and one.ip:
                yield _text(one.ip, one.hostname, one.target_ref, "not ready")


def _text(address: str, hostname: str | None, target: _Target | None, state: str) -> str:
    who = f" ({target.kind} {target.name})" if target and target.kind and target.name else ""
    return f"{address}{who}{f' hostname {hostname}' if hostname else ''}: {state}"


def _read(server: Server, resource: str, scope: Scope) -> bytes:
    until = time.monotonic() + WAIT_S
    response = server.list_page(resource, limit=SLICES_MAX, scope=scope, silence_s=WAIT_S)
    chunks, size = [], 0
    try:
        while chunk := response.read():
            chunks.append(chunk)
            size += len(chunk)
            if size > BODY_MAX:
                raise Malformed(f"a body of more than {BODY_MAX} bytes")
            if time.monotonic() > until:
                raise Unreachable(f"no whole answer within {WAIT_S:g} s")
    finally:
        response.close()
    return b"".join(chunks)
