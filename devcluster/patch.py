"""The four ways to patch an object.

JSON Merge Patch (RFC 7386), JSON Patch (RFC 6902), strategic merge patch (lists with a merge key
are merged by it, with the `$patch`, `$retainKeys`, `$deleteFromPrimitiveList` directives), and
server-side apply, which is here a strategic merge without field ownership: what an applier leaves
out stays. Pure; the functions never change their arguments.
Reference: https://kubernetes.io/docs/reference/using-api/api-concepts/#patch-and-apply
"""

from __future__ import annotations

import copy
from typing import Any

from devcluster.resources import Json

_MERGE_KEYS: dict[str, tuple[str, ...]] = {
    "containers": ("name",),
    "initContainers": ("name",),
    "ephemeralContainers": ("name",),
    "env": ("name",),
    "volumes": ("name",),
    "volumeMounts": ("mountPath",),
    "imagePullSecrets": ("name",),
    "hostAliases": ("ip",),
    "secrets": ("name",),
    # A container's ports merge by containerPort, a Service's by port.
    "ports": ("containerPort", "port"),
    "conditions": ("type",),
    "podIPs": ("ip",),
    "addresses": ("type",),
    "ownerReferences": ("uid",),
    "topologySpreadConstraints": ("topologyKey",),
}
"""patchMergeKey by field name. Any other list is replaced as a whole."""

_SET_LISTS = frozenset({"finalizers"})
"""Lists of plain values that strategic merge adds to instead of replacing."""

_ATOMIC_KINDS = frozenset({"Endpoints", "EndpointSlice"})
"""Kinds whose lists have no merge key at all."""


class PatchError(ValueError):
    """A patch that cannot be applied; the client must correct it."""


def merge(target: Any, patch: Any) -> Any:
    """JSON Merge Patch, RFC 7386 section 2: null removes, objects merge, the rest replaces."""
    if not isinstance(patch, dict):
        return copy.deepcopy(patch)
    result = dict(target) if isinstance(target, dict) else {}
    for name, value in patch.items():
        if value is None:
            result.pop(name, None)
        else:
            result[name] = merge(result.get(name), value)
    return result


def strategic(target: Json, patch: Json, *, kind: str) -> Json:
    """Strategic merge patch of an object of that kind. Raises PatchError."""
    result = _strategic_object(target, patch, lists_merge=kind not in _ATOMIC_KINDS)
    if not isinstance(result, dict):
        raise PatchError("the patch deletes the whole object")
    return result


def _strategic_object(target: Any, patch: Json, *, lists_merge: bool) -> Any:
    directive = patch.get("$patch")
    if directive == "delete":
        return None
    if directive == "replace" or not isinstance(target, dict):
        target = {}
    result = dict(target)
    retained = patch.get("$retainKeys")
    if isinstance(retained, list):
        result = {name: value for name, value in result.items() if name in retained}
    for name, value in patch.items():
        if name.startswith("$deleteFromPrimitiveList/"):
            _drop_values(result, name.partition("/")[2], value)
        elif name.startswith("$"):
            continue  # $setElementOrder only orders; order carries no meaning in our kinds.
        elif value is None:
            result.pop(name, None)
        elif isinstance(value, dict):
            merged = _strategic_object(result.get(name), value, lists_merge=lists_merge)
            if merged is None:
                result.pop(name, None)
            else:
                result[name] = merged
        elif isinstance(value, list) and lists_merge:
            result[name] = _strategic_list(name, result.get(name), value)
        else:
            result[name] = copy.deepcopy(value)
    return result


def _drop_values(result: Json, name: str, values: Any) -> None:
    present = result.get(name)
    if isinstance(present, list) and isinstance(values, list):
        result[name] = [value for value in present if value not in values]


def _strategic_list(name: str, target: Any, patch: list[Any]) -> list[Any]:
    present = target if isinstance(target, list) else []
    if name in _SET_LISTS:
        return [*present, *(value for value in patch if value not in present)]
    key = _merge_key(name, [*present, *patch])
    if key is None:
        return copy.deepcopy([item for item in patch if not _is_replace_directive(item)])
    if any(_is_replace_directive(item) for item in patch):
        present = []
    result = list(present)
    for item in patch:
        if _is_replace_directive(item):
            continue
        at = next((i for i, old in enumerate(result) if old[key] == item[key]), None)
        if item.get("$patch") == "delete":
            if at is not None:
                del result[at]
        elif at is None:
            result.append(_strategic_object({}, item, lists_merge=True))
        else:
            result[at] = _strategic_object(result[at], item, lists_merge=True)
    return result


def _is_replace_directive(item: Any) -> bool:
    return isinstance(item, dict) and item.get("$patch") == "replace"


def _merge_key(name: str, items: list[Any]) -> str | None:
    """The key all items have, if this field merges by a key."""
    bare = [item for item in items if not _is_replace_directive(item)]
    for key in _MERGE_KEYS.get(name, ()):
        if all(isinstance(item, dict) and key in item for item in bare):
            return key
    return None


def json_patch(target: Json, operations: Any) -> Json:
    """JSON Patch, RFC 6902: all operations or none. Raises PatchError."""
    if not isinstance(operations, list):
        raise PatchError("a JSON patch is a list of operations")
    result: Any = copy.deepcopy(target)
    for operation in operations:
        if not isinstance(operation, dict) or not isinstance(operation.get("path"), str):
            raise PatchError(f"not a JSON patch operation: {operation!r}")
        result = _operate(result, operation)
    if not isinstance(result, dict):
        raise PatchError("the patch replaces the whole object by something else")
    return result


def _operate(document: Any, operation: Json) -> Any:
    name, path = operation.get("op"), _pointer(operation["path"])
    if name in ("add", "replace", "test") and "value" not in operation:
        raise PatchError(f"{name} without a value")
    if name == "test":
        if _lookup(document, path) != operation["value"]:
            raise PatchError(f"testing value {operation['path']} failed")
        return document
    if name in ("add", "replace"):
        value = copy.deepcopy(operation["value"])
        if name == "replace":
            _lookup(document, path)
        return _set(document, path, value, insert=name == "add")
    if name == "remove":
        return _removed(document, path)
    if name in ("move", "copy") and isinstance(operation.get("from"), str):
        source = _pointer(operation["from"])
        value = copy.deepcopy(_lookup(document, source))
        if name == "move":
            document = _removed(document, source)
        return _set(document, path, value, insert=True)
    raise PatchError(f"unknown JSON patch operation: {operation!r}")


def _pointer(text: str) -> list[str]:
    """RFC 6901: `/a/b`, with `~1` for a slash and `~0` for a tilde."""
    if text and not text.startswith("/"):
        raise PatchError(f"a JSON pointer starts with a slash: {text!r}")
    return [step.replace("~1", "/").replace("~0", "~") for step in text.split("/")[1:]]


def _index(items: list[Any], step: str, *, past_end: bool) -> int:
    if past_end and step == "-":
        return len(items)
    if not (step.isascii() and step.isdigit()) or int(step) >= len(items) + past_end:
        raise PatchError(f"no list item {step!r}")
    return int(step)


def _lookup(document: Any, path: list[str]) -> Any:
    for step in path:
        if isinstance(document, list):
            document = document[_index(document, step, past_end=False)]
        elif isinstance(document, dict) and step in document:
            document = document[step]
        else:
            raise PatchError(f"the path {'/'.join(path)!r} does not exist")
    return document


def _set(document: Any, path: list[str], value: Any, *, insert: bool) -> Any:
    if not path:
        return value
    parent = _lookup(document, path[:-1])
    if isinstance(parent, list):
        at = _index(parent, path[-1], past_end=insert)
        parent[at : at if insert else at + 1] = [value]
    elif isinstance(parent, dict):
        parent[path[-1]] = value
    else:
        raise PatchError(f"the path {'/'.join(path)!r} does not exist")
    return document


def _removed(document: Any, path: list[str]) -> Any:
    if not path:
        raise PatchError("the whole document cannot be removed")
    _lookup(document, path)
    parent = _lookup(document, path[:-1])
    if isinstance(parent, list):
        del parent[_index(parent, path[-1], past_end=False)]
    else:
        del parent[path[-1]]
    return document
