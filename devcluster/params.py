"""Query parameters of list, watch and write requests, read once into values.

Reference: https://kubernetes.io/docs/reference/kubernetes-api/common-parameters/common-parameters/
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import msgspec

from devcluster.resources import Resource
from devcluster.selectors import Predicate, selection
from devcluster.status import ApiError, bad_request

_TRUE = ("", "1", "t", "true", "T", "TRUE", "True")
_FALSE = ("0", "f", "false", "F", "FALSE", "False")
_CONTINUE_VERSION = "meta.k8s.io/v1"


@dataclass(frozen=True, slots=True)
class Continue:
    """Where the next page starts."""

    version: int
    """resourceVersion of the snapshot; -1 for "whatever is there now"."""
    start: str
    """The last object served: `/namespace/name`, or `/name` in a list of one namespace."""

    def encode(self) -> str:
        """The token, in the form of recorded ones."""
        body = {"v": _CONTINUE_VERSION, "rv": self.version, "start": self.start + "\0"}
        return base64.urlsafe_b64encode(msgspec.json.encode(body)).decode().rstrip("=")


@dataclass(frozen=True, slots=True)
class ListOptions:
    """Parameters of GET on a collection."""

    select: Predicate | None
    limit: int
    """Objects per page; 0 for all."""
    page: Continue | None
    version: int | None
    """resourceVersion; None when not given, 0 for "any"."""
    exact: bool
    watch: bool
    bookmarks: bool
    initial_events: bool
    """The client sent sendInitialEvents=true: a watch that begins with a list."""
    timeout_s: float | None


def list_options(resource: Resource, query: Mapping[str, str]) -> ListOptions:
    """Read the parameters of a list or watch. Raises ApiError 400 or 422."""
    watch = flag(query, "watch")
    version = _number(query, "resourceVersion")
    limit = _number(query, "limit") or 0
    match = query.get("resourceVersionMatch", "")
    page = _continue(query.get("continue", ""))
    if page is not None and version:
        raise bad_request("specifying resource version is not allowed when using continue")
    if match not in ("", "Exact", "NotOlderThan"):
        raise bad_request(f'resourceVersionMatch: Unsupported value: "{match}"')
    initial = _initial_events(query, match, watch=watch)
    if match and not watch and version is None:
        raise bad_request("resourceVersionMatch is forbidden unless resourceVersion is provided")
    timeout = _number(query, "timeoutSeconds")
    return ListOptions(
        select=selection(
            resource,
            labels=query.get("labelSelector", ""),
            fields=query.get("fieldSelector", ""),
        ),
        limit=limit,
        page=page,
        version=version,
        # With a limit and no match rule a given version is exact: so the old clients expect.
        exact=match == "Exact" or (not match and limit > 0 and bool(version)),
        watch=watch,
        bookmarks=flag(query, "allowWatchBookmarks"),
        initial_events=initial,
        timeout_s=float(timeout) if timeout else None,
    )


def _initial_events(query: Mapping[str, str], match: str, *, watch: bool) -> bool:
    if "sendInitialEvents" not in query:
        if match and watch:
            raise _invalid_list(
                "resourceVersionMatch is forbidden for watch unless sendInitialEvents is provided"
            )
        return False
    if not watch:
        raise _invalid_list("sendInitialEvents is forbidden for list")
    if match != "NotOlderThan":
        raise _invalid_list(
            "sendInitialEvents requires setting resourceVersionMatch to NotOlderThan"
        )
    return flag(query, "sendInitialEvents")


def watch_list_unsupported() -> ApiError:
    """422, as servers answer that do not know sendInitialEvents."""
    return _invalid_list(
        "sendInitialEvents: Forbidden: sendInitialEvents is forbidden for watch unless the "
        "WatchList feature gate is enabled"
    )


def _invalid_list(why: str) -> ApiError:
    return ApiError(422, "Invalid", f'ListOptions.meta.k8s.io "" is invalid: {why}')


def flag(query: Mapping[str, str], name: str) -> bool:
    """A boolean parameter, spelt as Go's strconv.ParseBool takes it."""
    value = query.get(name)
    if value is None or value in _FALSE:
        return False
    if value in _TRUE:
        return True
    raise bad_request(f"invalid value {value!r} of the boolean parameter {name}")


def is_dry_run(query: Mapping[str, str]) -> bool:
    """Whether a write is only to be tried. Raises ApiError 400 on an unknown mode."""
    mode = query.get("dryRun", "")
    if mode not in ("", "All"):
        raise bad_request(f'dryRun: Unsupported value: "{mode}": supported values: "All"')
    return mode == "All"


def _number(query: Mapping[str, str], name: str) -> int | None:
    text = query.get(name, "")
    if not text:
        return None
    if not (text.isascii() and text.isdigit()) or len(text) > 19:
        raise bad_request(f"invalid value {text!r} of the parameter {name}: not a number")
    return int(text)


def _continue(token: str) -> Continue | None:
    if not token:
        return None
    try:
        padded = token + "=" * (-len(token) % 4)
        body: Any = msgspec.json.decode(base64.urlsafe_b64decode(padded))
        version, start = body["rv"], body["start"]
        if body["v"] != _CONTINUE_VERSION or not isinstance(version, int):
            raise ValueError("unknown version")
        if not isinstance(start, str) or not start.startswith("/"):
            raise ValueError("no start key")
    except (ValueError, KeyError, TypeError, binascii.Error, msgspec.DecodeError) as error:
        raise bad_request(f"continue key is not valid: {error}") from None
    return Continue(version, start.rstrip("\0"))
