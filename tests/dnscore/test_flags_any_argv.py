"""Whatever the words are, parsing them ends in typed values or in a UsageError of one line."""

from __future__ import annotations

import contextlib

from hypothesis import given
from hypothesis import strategies as st

from dnscore.flags import FlagSet, UsageError, klog_flags
from tests.dnscore.test_flags_grammar import program

NAMES = st.sampled_from(
    ["domain", "dns-port", "dns_port", "sync-period", "k", "S", "v", "version", "log-format", "x"]
)
VALUES = st.one_of(st.text(max_size=12), st.sampled_from(["1", "true", "--", "1s", "raw", "-1"]))
WORDS = st.one_of(
    st.text(max_size=20),
    st.builds(lambda dash, name: dash + name, st.sampled_from(["-", "--", "---"]), NAMES),
    st.builds(lambda n, v: f"--{n}={v}", NAMES, VALUES),
    st.builds(lambda n, v: f"--{n}{v}", st.text(max_size=6), VALUES),
    VALUES,
)


def klog_program() -> FlagSet:
    flags = program()
    klog_flags(flags)
    return flags


@given(st.lists(WORDS, max_size=6))
def test_only_usage_errors_of_one_line(argv: list[str]) -> None:
    try:
        flags = klog_program().parse(argv)
    except UsageError as error:
        assert len(str(error).splitlines()) == 1
        return
    assert 0 <= flags["dns-port"] <= 65535
    assert 0 <= flags["sync-period"] < float("inf")
    assert flags["log-format"] in ("text", "json")
    assert flags["version"] in ("true", "false", "raw")


@given(st.lists(WORDS, max_size=4), st.lists(st.text(max_size=8), max_size=4))
def test_what_stands_behind_two_dashes_comes_back_unchanged(
    before: list[str], behind: list[str]
) -> None:
    argv = [*before, "--domain=x", "--", *behind]
    with contextlib.suppress(UsageError):
        flags = klog_program().parse(argv)
        if not flags.help_wanted and "--" not in before:
            assert flags.rest == tuple(behind)
