"""metadata of new and changed objects: what the server fills in, keeps, and refuses.

Pure: the time, uids and name suffixes come from the caller.
Reference: https://kubernetes.io/docs/concepts/overview/working-with-objects/names/
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass

from devcluster import status
from devcluster.resources import NAMESPACES, RBAC, SERVICES, Json, Resource
from devcluster.status import Cause

_ORDER = (
    "name",
    "generateName",
    "namespace",
    "uid",
    "resourceVersion",
    "generation",
    "creationTimestamp",
    "deletionTimestamp",
    "deletionGracePeriodSeconds",
    "labels",
    "annotations",
    "ownerReferences",
    "finalizers",
)

_KEPT = ("uid", "creationTimestamp", "generateName", "deletionTimestamp")
"""Fields of metadata that a client cannot change."""

_LABEL_1123 = re.compile(r"[a-z0-9]([-a-z0-9]*[a-z0-9])?")
_LABEL_1035 = re.compile(r"[a-z]([-a-z0-9]*[a-z0-9])?")
_SUBDOMAIN_1123 = re.compile(r"[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*")
_PATH_SEGMENT = re.compile(r"(?!\.\.?$)[^/%]+")


@dataclass(frozen=True, slots=True)
class Origin:
    """Where the values come from that a server invents."""

    timestamp: Callable[[], str]
    """Now, as `2026-11-21T08:50:04Z`."""
    uid: Callable[[], str]
    suffix: Callable[[], str]
    """Five characters to complete a generateName."""


@dataclass(frozen=True, slots=True)
class _NameRule:
    pattern: re.Pattern[str]
    limit: int
    text: str


_RULE_1123_LABEL = _NameRule(
    _LABEL_1123,
    63,
    "a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and "
    "must start and end with an alphanumeric character (e.g. 'my-name',  or '123-abc', regex used "
    "for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?')",
)
_RULE_1035_LABEL = _NameRule(
    _LABEL_1035,
    63,
    "a DNS-1035 label must consist of lower case alphanumeric characters or '-', start with an "
    "alphabetic character, and end with an alphanumeric character (e.g. 'my-name',  or 'abc-123', "
    "regex used for validation is '[a-z]([-a-z0-9]*[a-z0-9])?')",
)
_RULE_SUBDOMAIN = _NameRule(
    _SUBDOMAIN_1123,
    253,
    "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or "
    "'.', and must start and end with an alphanumeric character (e.g. 'example.com', regex used "
    "for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')",
)
_RULE_PATH = _NameRule(_PATH_SEGMENT, 253, "may not be '.' or '..' nor contain '/' or '%'")


def _rule(resource: Resource) -> _NameRule:
    if resource is NAMESPACES:
        return _RULE_1123_LABEL
    if resource is SERVICES:
        return _RULE_1035_LABEL
    return _RULE_PATH if resource.group == RBAC else _RULE_SUBDOMAIN


def is_subdomain(name: str) -> bool:
    """RFC 1123 subdomain, as ExternalName values must be."""
    return len(name) <= 253 and _SUBDOMAIN_1123.fullmatch(name) is not None


def is_label(name: str) -> bool:
    """RFC 1123 label."""
    return len(name) <= 63 and _LABEL_1123.fullmatch(name) is not None


def complete(resource: Resource, obj: Json, *, namespace: str, origin: Origin) -> str:
    """Fill in the metadata of an object to be created; returns its name.

    Raises ApiError: 400 for a foreign namespace or a given resourceVersion, 422 for a bad name.
    """
    meta = obj["metadata"]
    if meta.get("resourceVersion"):
        raise status.bad_request("resourceVersion should not be set on objects to be created")
    _place(resource, meta, namespace)
    if not meta.get("name") and meta.get("generateName"):
        meta["name"] = meta["generateName"] + origin.suffix()
    check_name(resource, meta.get("name") or "")
    meta["uid"] = origin.uid()
    meta["creationTimestamp"] = origin.timestamp()
    meta.pop("deletionTimestamp", None)
    if resource.has_generation:
        meta["generation"] = 1
    _tidy(obj)
    name: str = meta["name"]
    return name


def check_name(resource: Resource, name: str) -> None:
    """Raises ApiError 422 for a missing name or one the resource does not allow."""
    if not name:
        raise status.invalid(
            resource,
            "",
            [
                Cause(
                    "FieldValueRequired",
                    "Required value: name or generateName is required",
                    "metadata.name",
                )
            ],
        )
    rule = _rule(resource)
    if len(name) > rule.limit:
        message = f'Invalid value: "{name}": must be no more than {rule.limit} characters'
    elif rule.pattern.fullmatch(name) is None:
        message = f'Invalid value: "{name}": {rule.text}'
    else:
        return
    raise status.invalid(resource, name, [Cause("FieldValueInvalid", message, "metadata.name")])


def carry_over(resource: Resource, obj: Json, old: Json, *, name: str) -> None:
    """Complete the metadata of an object that replaces `old`.

    Raises ApiError: 400 for another name or namespace than the URL's, 409 for an outdated
    resourceVersion or uid.
    """
    meta, before = obj["metadata"], old["metadata"]
    if meta.setdefault("name", name) != name:
        raise status.bad_request(
            f"the name of the object ({meta['name']}) does not match the name on the URL ({name})"
        )
    _place(resource, meta, before.get("namespace", ""))
    given = meta.get("resourceVersion")
    if given and given != before["resourceVersion"]:
        raise status.conflict(resource, name)
    if meta.get("uid") and meta["uid"] != before["uid"]:
        raise status.conflict(
            resource,
            name,
            f"Precondition failed: UID in precondition: {meta['uid']}, "
            f"UID in object meta: {before['uid']}",
        )
    for field in _KEPT:
        if field in before:
            meta[field] = before[field]
        else:
            meta.pop(field, None)
    meta["resourceVersion"] = before["resourceVersion"]
    if resource.has_generation:
        meta["generation"] = before.get("generation", 1)
    _tidy(obj)


def counts_as_new_generation(obj: Json, old: Json) -> bool:
    """Whether anything but metadata and status differs."""
    ignored = ("metadata", "status")
    return {k: v for k, v in obj.items() if k not in ignored} != {
        k: v for k, v in old.items() if k not in ignored
    }


def _place(resource: Resource, meta: Json, namespace: str) -> None:
    if not resource.namespaced:
        meta.pop("namespace", None)
        return
    if (meta.get("namespace") or namespace) != namespace:
        raise status.bad_request(
            "the namespace of the provided object does not match the namespace sent on the request"
        )
    meta["namespace"] = namespace


def _tidy(obj: Json) -> None:
    """Server's field order; empty fields and managedFields (not kept here) go."""
    meta = obj["metadata"]
    tidy = {field: meta[field] for field in _ORDER if meta.get(field) not in (None, "", {}, [])}
    tidy.update(
        (field, value)
        for field, value in meta.items()
        if field not in _ORDER and field not in ("managedFields", "selfLink")
    )
    obj["metadata"] = tidy
