"""From a request to an answer: access rules, verbs, media types. No sockets here.

Reference: https://kubernetes.io/docs/reference/using-api/api-concepts/
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import msgspec

from devcluster import bodies, discovery, openapi, patch, status
from devcluster.backend import Backend, Preconditions
from devcluster.faults import Faults
from devcluster.params import is_dry_run, list_options, watch_list_unsupported
from devcluster.resources import Json, Resource
from devcluster.routing import Request, Response, Target, WatchResponse, parse_target, verb_of
from devcluster.status import ApiError
from devcluster.store import Stored
from devcluster.views import PLAIN, View, view_for
from devcluster.watch import encode_error

USER = "system:serviceaccount:kube-system:kube-dns"
"""Who every client is taken to be, in 403 messages: the account that kubedns has in a cluster."""

_HEALTH_PATHS = ("healthz", "livez", "readyz")


@dataclass(frozen=True, slots=True)
class Rules:
    """How this server answers, fixed at start."""

    token: str = ""
    """Bearer token that clients must send; empty asks for none."""
    watch_list: bool = True
    """Whether sendInitialEvents is understood."""


class Api:
    """The request handler; one for all connections, safe to call from any thread."""

    def __init__(
        self, backend: Backend, faults: Faults, rules: Rules, *, now_s: Callable[[], float]
    ) -> None:
        """`now_s` gives the seconds since 1970, for the ages in tables."""
        self._backend = backend
        self._now_s = now_s
        self._faults = faults
        self._rules = rules
        self._verbs = {
            "list": self._list,
            "get": self._get,
            "create": self._create,
            "update": self._update,
            "patch": self._patch,
            "delete": self._delete,
            "deletecollection": self._delete_collection,
        }

    def handle(self, request: Request, *, address: str) -> Response | WatchResponse:
        """Answer a request; `address` is where the server listens. Raises ApiError."""
        path = request.path.strip("/")
        if path.partition("/")[0] in _HEALTH_PATHS:
            return Response(200, b"ok", "text/plain; charset=utf-8", may_indent=False)
        if path != "version":  # Like health, readable without a token in a real cluster.
            self._authenticate(request)
        target = parse_target(path)
        if target is not None:
            return self._on_resource(request, target)
        document = discovery.document(path, address=address) or openapi.document(path)
        if document is None:
            raise status.no_such_path()
        if request.method not in ("GET", "HEAD"):
            raise status.method_not_allowed()
        return _json(200, document)

    def _authenticate(self, request: Request) -> None:
        if not self._rules.token:
            return
        scheme, _, given = request.headers.get("authorization", "").partition(" ")
        if scheme.lower() != "bearer" or given.strip() != self._rules.token:
            raise status.unauthorized()

    def _on_resource(self, request: Request, target: Target) -> Response | WatchResponse:
        resource = target.resource
        verb = verb_of(request, target)
        # Access rules and faults come before anything of the request is read.
        if self._faults.is_forbidden(resource.plural):
            raise status.forbidden(resource, verb, user=USER, namespace=target.namespace)
        failure = self._faults.take_failure(resource.plural, verb)
        if failure is not None:
            raise failure
        if not _accepts_json(request.headers.get("accept", "")):
            raise status.not_acceptable()
        if verb == "watch":
            return self._watch(request, target)
        return self._verbs[verb](request, target)

    # -- reading ---------------------------------------------------------------------------

    def _list(self, request: Request, target: Target) -> Response:
        options = list_options(target.resource, request.query)
        body = self._backend.list_page(
            target.resource, target.namespace, options, view=self._view(request)
        )
        return Response(200, body, headers=_warning(target.resource))

    def _get(self, request: Request, target: Target) -> Response:
        stored = self._backend.get(target.resource, target.key)
        body = self._view(request).one(target.resource, stored)
        return Response(200, body, headers=_warning(target.resource))

    def _watch(self, request: Request, target: Target) -> Response | WatchResponse:
        options = list_options(target.resource, request.query)
        if options.initial_events and not self._rules.watch_list:
            raise watch_list_unsupported()
        try:
            watcher = self._backend.watch(
                target.resource, target.namespace, options, view=self._view(request)
            )
        except ApiError as error:
            if error.code != 410:
                raise
            # "Too old" is not an HTTP status but the watch's only event.
            return Response(200, encode_error(error), may_indent=False)
        return WatchResponse(
            watcher=watcher,
            timeout_s=options.timeout_s,
            bookmarks=options.bookmarks,
            cut_after_bytes=self._faults.take_cut(target.resource.plural),
            headers=_warning(target.resource),
        )

    def _view(self, request: Request) -> View:
        return view_for(
            request.headers.get("accept", ""),
            request.query.get("includeObject", ""),
            self._now_s,
        )

    # -- writing ---------------------------------------------------------------------------

    def _create(self, request: Request, target: Target) -> Response:
        obj = bodies.read_object(request.body, bodies.media_type(request.headers))
        stored = self._backend.create(
            target.resource, obj, namespace=target.namespace, dry_run=is_dry_run(request.query)
        )
        return _object(201, target.resource, stored)

    def _update(self, request: Request, target: Target) -> Response:
        obj = bodies.read_object(request.body, bodies.media_type(request.headers))
        return self._change(request, target, lambda _before: obj)

    def _patch(self, request: Request, target: Target) -> Response:
        content_type = bodies.media_type(request.headers)
        document = bodies.read_patch(request.body, content_type)
        if content_type in bodies.APPLY_PATCHES:
            return self._apply(request, target, document)

        def change(before: Json) -> Json:
            return _patched(target, before, document, content_type=content_type)

        return self._change(request, target, change)

    def _apply(self, request: Request, target: Target, document: Json) -> Response:
        """Server-side apply: create the object, or merge into it."""
        meta = document.get("metadata") or {}
        if isinstance(meta, dict):  # Else the shape check refuses it.
            document["metadata"] = {"name": target.name, **meta}
        try:
            return self._change(
                request,
                target,
                lambda before: _patched(
                    target, before, document, content_type=bodies.STRATEGIC_PATCH
                ),
            )
        except ApiError as error:
            if error.code != 404 or target.subresource:
                raise
        stored = self._backend.create(
            target.resource, document, namespace=target.namespace, dry_run=is_dry_run(request.query)
        )
        return _object(201, target.resource, stored)

    def _change(self, request: Request, target: Target, change: Any) -> Response:
        def to_status(before: Json) -> Json:
            # /status takes over status alone; a stale resourceVersion is still a conflict.
            wanted = change(before)
            meta = {**before["metadata"]}
            given = wanted.get("metadata")
            if isinstance(given, dict) and given.get("resourceVersion"):
                meta["resourceVersion"] = given["resourceVersion"]
            return {**before, "metadata": meta, "status": wanted.get("status")}

        stored = self._backend.change(
            target.resource,
            target.key,
            to_status if target.subresource else change,
            dry_run=is_dry_run(request.query),
        )
        return _object(200, target.resource, stored)

    def _delete(self, request: Request, target: Target) -> Response:
        options = bodies.read_options(request.body, bodies.media_type(request.headers))
        wanted = options.get("preconditions")
        wanted = wanted if isinstance(wanted, dict) else {}
        stored, gone = self._backend.delete(
            target.resource,
            target.key,
            Preconditions(
                uid=str(wanted.get("uid") or ""),
                resource_version=str(wanted.get("resourceVersion") or ""),
            ),
            dry_run=is_dry_run(request.query) or options.get("dryRun") == ["All"],
        )
        if target.resource.returns_deleted or not gone:
            return _object(200, target.resource, stored)
        return _json(
            200, status.success(target.resource, target.name, stored.obj["metadata"]["uid"])
        )

    def _delete_collection(self, request: Request, target: Target) -> Response:
        options = list_options(target.resource, request.query)
        rows = self._backend.delete_collection(
            target.resource, target.namespace, options.select, dry_run=is_dry_run(request.query)
        )
        meta: Json = {"resourceVersion": str(self._backend.version)}
        return Response(200, PLAIN.many(target.resource, meta, rows))


def _patched(target: Target, before: Json, document: Any, *, content_type: str) -> Json:
    resource = target.resource
    whole = {"kind": resource.kind, "apiVersion": resource.api_version, **before}
    try:
        if content_type == bodies.JSON_PATCH:
            return patch.json_patch(whole, document)
        if content_type == bodies.STRATEGIC_PATCH:
            return patch.strategic(whole, document, kind=resource.kind)
    except patch.PatchError as error:
        raise ApiError(422, "Invalid", f"the server rejected our request: {error}") from None
    merged: Json = patch.merge(whole, document)
    return merged


def _accepts_json(accept: str) -> bool:
    """Whether one of the media types in an Accept header covers plain JSON."""
    types = [part.partition(";")[0].strip().lower() for part in accept.split(",")]
    return types == [""] or any(
        name in ("application/json", "application/*", "*/*") for name in types
    )


def _warning(resource: Resource) -> dict[str, str]:
    return {"Warning": f'299 - "{resource.warning}"'} if resource.warning else {}


def _object(code: int, resource: Resource, stored: Stored) -> Response:
    return Response(code, PLAIN.one(resource, stored), headers=_warning(resource))


def _json(code: int, document: Json) -> Response:
    return Response(code, msgspec.json.encode(document))
