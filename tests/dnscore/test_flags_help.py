"""`--help` and the text it shows."""

from __future__ import annotations

import pytest

from dnscore.flags import UsageError, klog_flags
from tests.dnscore.test_flags_grammar import program


@pytest.mark.parametrize("word", ["-h", "--h", "-help", "--help"])
def test_help_is_wanted(word: str) -> None:
    assert program().parse([word]).help_wanted
    assert program().parse(["--keep-in-foreground", word, "--unknown"]).help_wanted


def test_help_behind_two_dashes_belongs_to_the_other_program() -> None:
    flags = program().parse(["--", "--help"])
    assert not flags.help_wanted
    assert flags.rest == ("--help",)


def test_help_as_a_value_is_a_value() -> None:
    assert program().parse(["--domain", "--help"])["domain"] == "--help"


def test_text_shows_each_flag_with_its_help_and_default() -> None:
    text = program().usage()
    lines = [line.strip() for line in text.splitlines()]
    assert lines[0] == "usage: prog [flags]"
    assert text.endswith("\n")
    assert "the port (default 53)" in lines
    assert "how often (default 10s)" in lines
    assert "stay (default false)" in lines
    assert "upstream (default none)" in lines
    assert "--keep-in-foreground" in lines
    assert "accepted, without effect: --logtostderr, --vmodule" in lines


def test_every_flag_in_the_help_can_be_given() -> None:
    flags = program()
    klog_flags(flags)
    named = {
        word.strip(",").lstrip("-")
        for line in flags.usage().splitlines()
        if line.startswith("  -") or line.startswith("accepted")
        for word in line.split()
        if word.startswith("-")
    }
    assert {"v", "log-format", "version", "dns-port", "alsologtostderr"} <= named
    for name in named:
        try:
            flags.parse([f"--{name}=1s"])
        except UsageError as error:
            assert "unknown flag" not in str(error)
