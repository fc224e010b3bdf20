"""The grammar of Go's flag package: dashes, values, bare booleans, underscores, `--`."""

from __future__ import annotations

from typing import Any

import pytest

from dnscore.flags import FlagSet


def program() -> FlagSet:
    flags = FlagSet("prog")
    flags.string("domain", "cluster.local.", help="the zone")
    flags.integer("dns-port", 53, help="the port", minimum=0, maximum=65535)
    flags.duration("sync-period", 10.0, help="how often")
    flags.boolean("keep-in-foreground", help="stay")
    flags.repeated("server", help="upstream")
    flags.ignored("logtostderr", takes_value=False)
    flags.ignored("vmodule", takes_value=True)
    return flags


@pytest.mark.parametrize(
    ("words", "name", "value"),
    [
        ("-dns-port=5353", "dns-port", 5353),
        ("--dns-port=5353", "dns-port", 5353),
        ("-dns-port 5353", "dns-port", 5353),
        ("--dns-port 5353", "dns-port", 5353),
        ("--dns_port=5353", "dns-port", 5353),
        ("--dns-port=0", "dns-port", 0),
        ("--dns-port=65535", "dns-port", 65535),
        ("--dns-port=1 --dns-port=2", "dns-port", 2),
        ("--domain=", "domain", ""),
        ("--domain=a=b", "domain", "a=b"),
        ("--domain --", "domain", "--"),
        ("--domain -x", "domain", "-x"),
        ("--keep-in-foreground", "keep-in-foreground", True),
        ("--keep-in-foreground=false", "keep-in-foreground", False),
        ("--keep_in_foreground=T", "keep-in-foreground", True),
        ("--keep-in-foreground=0", "keep-in-foreground", False),
        ("-keep-in-foreground", "keep-in-foreground", True),
        ("--keep-in-foreground --keep-in-foreground=f", "keep-in-foreground", False),
        ("--sync-period=1m30s", "sync-period", 90.0),
        ("--sync-period 500ms", "sync-period", 0.5),
        ("--sync-period=0", "sync-period", 0.0),
        ("--server=a --server b -server c -server=a", "server", ["a", "b", "c", "a"]),
        ("", "domain", "cluster.local."),
        ("", "dns-port", 53),
        ("", "sync-period", 10.0),
        ("", "keep-in-foreground", False),
        ("", "server", []),
    ],
)
def test_value_of_a_flag(words: str, name: str, value: Any) -> None:
    parsed = program().parse(words.split())[name]
    assert parsed == value
    assert type(parsed) is type(value)


def test_words_behind_two_dashes_are_left_alone() -> None:
    flags = program().parse(["--dns-port=1", "--", "-k", "--", "--nonsense"])
    assert flags.rest == ("-k", "--", "--nonsense")
    assert flags["keep-in-foreground"] is False


def test_nothing_behind_two_dashes() -> None:
    assert program().parse(["--"]).rest == ()
    assert program().parse([]).rest == ()


def test_given_tells_a_default_from_the_same_value_given() -> None:
    assert program().parse(["--dns_port=53", "-keep-in-foreground"]).given == {
        "dns-port",
        "keep-in-foreground",
    }
    assert program().parse([]).given == frozenset()


def test_ignored_flags_take_their_values_along_and_are_named_in_order() -> None:
    words = ["--logtostderr", "-vmodule", "a=1", "--logtostderr=false", "--dns-port=9"]
    flags = program().parse(words)
    assert flags.ignored_given == ("logtostderr", "vmodule", "logtostderr")
    assert flags["dns-port"] == 9
    assert flags.given == {"dns-port"}


def test_one_parse_leaves_nothing_for_the_next() -> None:
    flags = program()
    flags.parse(["--server=a", "--keep-in-foreground"])
    second = flags.parse([])
    assert second["server"] == []
    assert second["keep-in-foreground"] is False
