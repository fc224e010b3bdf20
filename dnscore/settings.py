"""A program's settings as texts, for status pages: one name and one value each. Pure."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import MISSING, Field, fields, is_dataclass
from typing import Any
from urllib.parse import urlsplit

from dnscore.wire import names
from dnscore.wire.errors import WireError

HIDDEN = "(not shown)"
TEXT_MAX = 500
"""Characters of a value; a list of servers can be longer."""


def settings_json(options: Any, *, hidden: Collection[str] = ()) -> list[dict[str, object]]:
    """The fields of a dataclass, those of nested ones by `outer.inner`.

    `hidden` names fields whose values nobody is to see; a password in a URL is left out anyway.
    """
    found: list[dict[str, object]] = []
    for name, value, is_default in _flat(options, ""):
        text = HIDDEN if name in hidden and not is_default else setting_text(value)
        found.append({"name": name, "value": text[:TEXT_MAX], "default": is_default})
    return found


def _flat(options: Any, prefix: str) -> Iterator[tuple[str, Any, bool]]:
    for field in fields(options):
        value = getattr(options, field.name)
        if is_dataclass(value) and type(value).__str__ is object.__str__:
            yield from _flat(value, f"{prefix}{field.name}.")
        else:
            yield prefix + field.name, value, value == _default(field)


def _default(field: Field[Any]) -> Any:
    if field.default_factory is not MISSING:
        return field.default_factory()
    return field.default


def setting_text(value: Any) -> str:
    """One value, on one line; nothing is a dash."""
    if value is None or value == () or value == "":
        return "-"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, bytes):
        return _octets_text(value)
    if isinstance(value, str):
        return _without_password(value)
    if isinstance(value, Mapping):
        return ", ".join(f"{key}={setting_text(one)}" for key, one in value.items()) or "-"
    if isinstance(value, (tuple, list, frozenset)) and type(value).__str__ is object.__str__:
        return ", ".join(setting_text(one) for one in value) or "-"
    if is_dataclass(value) and type(value).__str__ is object.__str__:
        # What is not set is not said: a rule has many fields, most of them empty.
        return "/".join(
            setting_text(one) for _, one, is_default in _flat(value, "") if not is_default
        )
    return str(value)


def _octets_text(value: bytes) -> str:
    try:
        if names.skip(value, 0) == len(value):
            return names.to_text(value)
    except (WireError, IndexError):  # A compressed name ends as a whole one may.
        pass
    return value.hex()


def _without_password(text: str) -> str:
    if "@" not in text or "://" not in text:
        return text
    try:
        parts = urlsplit(text)
    except ValueError:
        return HIDDEN
    if "@" not in parts.netloc:
        return text
    return parts._replace(netloc=f"{HIDDEN}@{parts.netloc.rpartition('@')[2]}").geturl()
