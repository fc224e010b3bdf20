"""A command line that cannot be used is a UsageError of one line that names the flag."""

from __future__ import annotations

import pytest

from dnscore.flags import UsageError
from tests.dnscore.test_flags_grammar import program


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--dns-port"], "--dns-port needs a value"),
        (["--dns-port", "x"], "--dns-port: not a whole number: 'x'"),
        (["--dns-port="], "--dns-port: not a whole number: ''"),
        (["--dns-port=-1"], "--dns-port: -1 is less than 0"),
        (["--dns-port=65536"], "--dns-port: 65536 is more than 65535"),
        (["--dns-port=" + "9" * 5000], "--dns-port: not a whole number"),
        (["--sync-period=10"], "--sync-period: not a duration"),
        (["--sync-period=-1s"], "--sync-period: negative duration"),
        (["-keep-in-foreground=maybe"], "--keep-in-foreground: not true or false: 'maybe'"),
        (["-keep-in-foreground="], "--keep-in-foreground: not true or false: ''"),
        (["--nonsense"], "unknown flag: --nonsense"),
        (["--nonsense=1"], "unknown flag: --nonsense"),
        (["-_"], "unknown flag"),
        (["---dns-port=1"], "not a flag: '---dns-port=1'"),
        (["dns-port=1"], "not a flag: 'dns-port=1'"),
        (["-"], "not a flag: '-'"),
        (["-=1"], "not a flag: '-=1'"),
        (["--=1"], "not a flag: '--=1'"),
        ([""], "not a flag: ''"),
        # Go ends the flags there and drops the rest without a word; we say so.
        (["-logtostderr", "true", "--dns-port=1"], "not a flag: 'true'"),
        (["-keep-in-foreground", "false"], "not a flag: 'false'"),
    ],
)
def test_refused(words: list[str], said: str) -> None:
    with pytest.raises(UsageError) as caught:
        program().parse(words)
    assert said in str(caught.value)
    assert len(str(caught.value).splitlines()) == 1


@pytest.mark.parametrize("text", [" 5", "5 ", "1_000", "\u0663", "5\n"])
def test_a_number_that_go_refuses_is_refused(text: str) -> None:
    with pytest.raises(UsageError, match="not a whole number"):
        program().parse([f"--dns-port={text}"])


def test_line_break_in_an_unknown_flag_does_not_make_a_second_line() -> None:
    with pytest.raises(UsageError) as caught:
        program().parse(["--x\nE1121 forged"])
    assert len(str(caught.value).splitlines()) == 1
