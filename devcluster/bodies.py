"""Request bodies: JSON, or YAML where the API takes it, into JSON objects.

A protobuf body, which kubectl's generators send, is refused with 415, as by an API server that
does not know the type. Pure.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import msgspec
import yaml

from devcluster.resources import Json
from devcluster.status import ApiError, bad_request, unsupported_media_type

JSON_TYPES = ("application/json", "")
YAML_TYPES = ("application/yaml",)
MERGE_PATCH = "application/merge-patch+json"
STRATEGIC_PATCH = "application/strategic-merge-patch+json"
JSON_PATCH = "application/json-patch+json"
APPLY_PATCHES = ("application/apply-patch+yaml", "application/apply-patch+json")
PATCH_TYPES = (JSON_PATCH, MERGE_PATCH, STRATEGIC_PATCH, *APPLY_PATCHES)


def media_type(headers: Mapping[str, str]) -> str:
    """The Content-Type without parameters, lower case; empty when there is none."""
    return (headers.get("content-type") or "").partition(";")[0].strip().lower()


def read_object(body: bytes, content_type: str) -> Json:
    """The object in the body of a create or replace. Raises ApiError 400 or 415."""
    if content_type not in JSON_TYPES + YAML_TYPES:
        raise unsupported_media_type(content_type, [JSON_TYPES[0], *YAML_TYPES])
    return _an_object(_decode(body, is_yaml=content_type in YAML_TYPES))


def read_patch(body: bytes, content_type: str) -> Any:
    """The patch document in a body. Raises ApiError 400 or 415."""
    if content_type not in PATCH_TYPES:
        raise unsupported_media_type(content_type, list(PATCH_TYPES))
    document = _decode(body, is_yaml=content_type in APPLY_PATCHES)
    return document if content_type == JSON_PATCH else _an_object(document)


def read_options(body: bytes, content_type: str) -> Json:
    """DeleteOptions; an empty body has none. Raises ApiError 400 or 415."""
    return read_object(body, content_type) if body.strip() else {}


def _decode(body: bytes, *, is_yaml: bool) -> Any:
    try:
        return msgspec.json.decode(body)
    except (msgspec.DecodeError, RecursionError) as error:
        if not is_yaml:
            raise _undecodable(error) from None
    try:
        # JSON came first: nearly every client sends it as YAML, and it decodes 100 times faster.
        document = yaml.safe_load(body)
        # Timestamps and the like become what JSON has, or are refused.
        return msgspec.json.decode(msgspec.json.encode(document))
    except (yaml.YAMLError, TypeError, ValueError, RecursionError, msgspec.MsgspecError) as error:
        raise _undecodable(error) from None


def _undecodable(error: Exception) -> ApiError:
    reason = " ".join(str(error).split())
    return bad_request(f"unable to decode the body of the request: {reason}")


def _an_object(document: Any) -> Json:
    if not isinstance(document, dict):
        raise bad_request("the body of the request is not a JSON object")
    return document
