"""`--notify`: which caches kubedns tells of its changes."""

from __future__ import annotations

import pytest

from dnscore.flags import UsageError
from kubedns.options import parse_options


@pytest.mark.parametrize(
    ("argv", "told"),
    [
        (["--dns-port=10053"], ["127.0.0.1:53"]),
        (["--dns-port=10053", "--dns-bind-address=::"], ["[::1]:53"]),
        # Who has the usual port has no cache in front of it.
        (["--dns-port=53"], []),
        (["--notify="], []),
        (["--notify=10.0.0.1"], ["10.0.0.1:53"]),
        (["--dns-port=53", "--notify=10.0.0.1"], ["10.0.0.1:53"]),
        (["--notify=10.0.0.1:54", "--notify=10.0.0.2"], ["10.0.0.1:54", "10.0.0.2:53"]),
        (["--notify=10.0.0.1", "--notify=10.0.0.1:53"], ["10.0.0.1:53"]),
        (["--dns-bind-address=::", "--notify=[fd00::1]:54"], ["[fd00::1]:54"]),
    ],
    ids=" ".join,
)
def test_targets(argv: list[str], told: list[str]) -> None:
    assert [str(target) for target in parse_options(argv, {}).notify] == told


@pytest.mark.parametrize(
    "argv",
    [
        ["--notify=front.example"],
        ["--notify=10.0.0.1:0"],
        ["--notify=10.0.0.1:65536"],
        # Messages leave from the port that is served, whose family is another.
        ["--notify=fd00::1"],
        ["--dns-bind-address=::", "--notify=10.0.0.1"],
    ],
    ids=" ".join,
)
def test_what_cannot_be_told_is_refused_at_the_start(argv: list[str]) -> None:
    with pytest.raises(UsageError, match="notify"):
        parse_options(argv, {})
