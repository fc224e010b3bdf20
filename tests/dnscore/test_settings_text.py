"""Settings as texts for people: every field, what is a default, no password."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any

import pytest

from dnscore.net.address import Address
from dnscore.settings import HIDDEN, TEXT_MAX, setting_text, settings_json
from dnscore.wire import names


@dataclass(frozen=True)
class Inner:
    size: int = 5
    on: bool = False


@dataclass(frozen=True)
class Rule:
    domain: bytes = b""
    servers: tuple[Address, ...] = ()
    local: bool = False


@dataclass(frozen=True)
class Outer:
    needed: str
    inner: Inner = Inner()
    rules: tuple[Rule, ...] = ()
    more: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))


def _told(options: Any, **hidden: Any) -> dict[object, tuple[object, object]]:
    return {one["name"]: (one["value"], one["default"]) for one in settings_json(options, **hidden)}


def test_every_field_and_those_within_it() -> None:
    assert _told(Outer("x", Inner(size=7))) == {
        "needed": ("x", False),
        "inner.size": ("7", False),
        "inner.on": ("no", True),
        "rules": ("-", True),
        "more": ("-", True),
    }


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (None, "-"),
        ("", "-"),
        ((), "-"),
        (True, "yes"),
        (0, "0"),
        (("a", "b"), "a, b"),
        ({"a": "b", "c": None}, "a=b, c=-"),
        (Address("::1", 53), "[::1]:53"),
        (names.from_text("cluster.local."), "cluster.local."),
        (b"\xff\x00", "ff00"),
        (Rule(names.from_text("a.test."), (Address("192.0.2.1", 53),)), "a.test./192.0.2.1:53"),
        ("http://user:secret@api.test:80/x?y", f"http://{HIDDEN}@api.test:80/x?y"),
        ("http://api.test/a@b", "http://api.test/a@b"),
        ("http://user:secret@[::1", HIDDEN),
    ],
)
def test_a_value_as_text(value: Any, text: str) -> None:
    assert setting_text(value) == text


def test_what_nobody_is_to_see_is_only_said_to_be_set() -> None:
    assert _told(Outer("secret"), hidden=("needed", "rules"))["needed"] == (HIDDEN, False)
    assert _told(Outer("secret"), hidden=("needed", "rules"))["rules"] == ("-", True)


def test_a_long_value_is_cut() -> None:
    (value, _) = _told(Outer("x" * 10_000))["needed"]
    assert value == "x" * TEXT_MAX
