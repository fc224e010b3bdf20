"""dnsmasq's words are read as getopt_long(3) reads them."""

from __future__ import annotations

import pytest

from dnscore.flags import UsageError
from dnsmasq_front.flag_table import FLAGS
from dnsmasq_front.getopt import Given, Grammar

GRAMMAR = Grammar(FLAGS.values())


def given(*words: str) -> list[tuple[str, str | None]]:
    """Name and value of every flag in the words."""
    found: list[Given] = []
    at = 0
    while at < len(words):
        more, at = GRAMMAR.read(words, at)
        found += more
    return [(one.name, one.value) for one in found]


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        (["--cache-size=5"], [("cache-size", "5")]),
        (["--cache-size", "5"], [("cache-size", "5")]),
        (["--cache-size", "--no-resolv"], [("cache-size", "--no-resolv")]),
        (["--conf-file="], [("conf-file", "")]),
        (["--no-neg"], [("no-negcache", None)]),
        (["--cache-s=5"], [("cache-size", "5")]),
        (["--filter-A"], [("filter-A", None)]),  # whole, though another one begins so
        (["--filter-AA"], [("filter-AAAA", None)]),
        (["--dns-l"], [("dns-loop-detect", None)]),
        (["-c1000"], [("cache-size", "1000")]),
        (["-c", "1000"], [("cache-size", "1000")]),
        (["-p53"], [("port", "53")]),
        (["-S/dom/10.0.0.1"], [("server", "/dom/10.0.0.1")]),
        (["-S=/dom/10.0.0.1"], [("server", "/dom/10.0.0.1")]),
        (
            ["-kNR"],
            [("keep-in-foreground", None), ("no-negcache", None), ("no-resolv", None)],
        ),
        (["-kNRc1000"], [*given("-kNR"), ("cache-size", "1000")]),
        (["-kc", "10", "-R"], [*given("-k"), ("cache-size", "10"), ("no-resolv", None)]),
        (["-q"], [("log-queries", None)]),
        (["--log-queries", "-k"], [("log-queries", None), ("keep-in-foreground", None)]),
        (["--log-queries=extra"], [("log-queries", "extra")]),
        (["--use-stale-cache", "-k"], [("use-stale-cache", None), ("keep-in-foreground", None)]),
        (["-8-"], [("log-facility", "-")]),
        (["-8", "-"], [("log-facility", "-")]),
        (["-0300"], [("dns-forward-max", "300")]),
        (["-h"], [("no-hosts", None)]),
        (["-H/x", "-H", "/y"], [("addn-hosts", "/x"), ("addn-hosts", "/y")]),
    ],
    ids=lambda value: " ".join(value) if value and isinstance(value[0], str) else "",
)
def test_flags_of_words(words: list[str], expected: list[tuple[str, str | None]]) -> None:
    assert given(*words) == expected


@pytest.mark.parametrize(
    ("words", "reason"),
    [
        (["--cache"], "ambiguous flag: --cache may be --cache-rr, --cache-size"),
        (["-"], "not a flag"),
        (["stray"], "not a flag: 'stray'"),
        (["--nosuch"], "unknown flag: --nosuch"),
        (["---no-resolv"], "unknown flag"),
        (["-!"], "unknown flag: -!"),
        (["-kN!"], "unknown flag: -!"),
        (["--no-resolv=1"], "--no-resolv takes no value: '1'"),
        (["--no-resolv="], "--no-resolv takes no value"),
        (["-R=1"], "--no-resolv takes no value: '1'"),
        (["--cache-size"], "--cache-size needs a value"),
        (["-kc"], r"-c \(--cache-size\) needs a value"),
        (["--\n"], "unknown flag"),
    ],
    ids=str,
)
def test_words_that_are_refused(words: list[str], reason: str) -> None:
    with pytest.raises(UsageError, match=reason) as caught:
        given(*words)
    assert len(str(caught.value).splitlines()) == 1


@pytest.mark.parametrize("name", sorted(FLAGS))
def test_a_whole_name_is_never_ambiguous(name: str) -> None:
    assert GRAMMAR.long(name).name == name


def test_no_two_flags_share_a_short_form() -> None:
    shorts = [flag.short for flag in FLAGS.values() if flag.short]
    assert len(set(shorts)) == len(shorts)
