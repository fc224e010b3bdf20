"""Label and field selectors of lists, watches and Services.

`labelSelector` has equality (`a=b`, `a==b`, `a!=b`), set (`a in (b,c)`, `a notin (b)`) and
existence (`a`, `!a`) requirements joined by commas; `fieldSelector` has equality only, on the
fields a resource offers. Pure.
Reference: https://kubernetes.io/docs/concepts/overview/working-with-objects/labels/
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from devcluster.resources import Json, Resource
from devcluster.status import bad_request

_REQUIREMENT = re.compile(
    r"""\s*(?:
        (?P<absent>!)\s*(?P<absent_key>[^\s=!,()]+)
      | (?P<key>[^\s=!,()]+)\s*(?:
            (?P<equality>==|=|!=)\s*(?P<value>[^\s=!,()]*)
          | (?P<set>in|notin)\s*\((?P<values>[^()]*)\)
        )?
    )\s*(?:,|$)""",
    re.VERBOSE,
)

Predicate = Callable[[Json], bool]
"""Whether a stored object is selected."""


@dataclass(frozen=True, slots=True)
class _Requirement:
    key: str
    values: frozenset[str] | None
    """None: only the key's presence counts."""
    negated: bool

    def holds(self, labels: Mapping[str, str]) -> bool:
        present = labels.get(self.key)
        # A negated requirement also selects objects without the label.
        found = present is not None and (self.values is None or present in self.values)
        return found is not self.negated


def parse_labels(text: str) -> Callable[[Mapping[str, str]], bool]:
    """A predicate on labels. Raises ApiError 400 on a selector that cannot be read."""
    requirements: list[_Requirement] = []
    at = 0
    while at < len(text):
        match = _REQUIREMENT.match(text, at)
        if match is None or match.end() == at:
            raise bad_request(f"unable to parse requirement: {text[at:]!r} of selector {text!r}")
        requirements.append(_requirement(match))
        at = match.end()
    return lambda labels: all(requirement.holds(labels) for requirement in requirements)


def _requirement(match: re.Match[str]) -> _Requirement:
    if match["absent"]:
        return _Requirement(match["absent_key"], None, negated=True)
    key = match["key"]
    if match["equality"]:
        return _Requirement(key, frozenset({match["value"]}), negated=match["equality"] == "!=")
    if match["set"]:
        values = frozenset(value.strip() for value in match["values"].split(","))
        return _Requirement(key, values, negated=match["set"] == "notin")
    return _Requirement(key, None, negated=False)


def parse_fields(resource: Resource, text: str) -> Predicate:
    """A predicate on objects. Raises ApiError 400 on an unknown field or a bad selector."""
    known = {"metadata.name", "metadata.namespace", *resource.field_labels}
    wanted: list[tuple[list[str], str, bool]] = []
    for term in filter(None, (part.strip() for part in text.split(","))):
        match = re.fullmatch(r"([^=!]+)(==|=|!=)(.*)", term)
        if match is None:
            raise bad_request(f"invalid field selector: {term!r}; known operators are =, == and !=")
        if match[1] not in known:
            raise bad_request(f"field label not supported: {match[1]}")
        wanted.append((match[1].split("."), match[3], match[2] != "!="))
    return lambda obj: all((_field(obj, path) == value) is equal for path, value, equal in wanted)


def _field(obj: Json, path: list[str]) -> str:
    value: object = obj
    for step in path:
        value = value.get(step) if isinstance(value, dict) else None
    if isinstance(value, bool):
        return "true" if value else "false"
    return "" if value is None else str(value)


def selection(resource: Resource, *, labels: str, fields: str) -> Predicate | None:
    """One predicate for both selectors; None when both are empty, that is, all objects."""
    if not labels and not fields:
        return None
    by_labels = parse_labels(labels)
    by_fields = parse_fields(resource, fields)
    return lambda obj: by_labels(obj["metadata"].get("labels") or {}) and by_fields(obj)
