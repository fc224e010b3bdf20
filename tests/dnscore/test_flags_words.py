"""How many words a flag takes, for command lines in which two grammars stand together."""

from __future__ import annotations

import pytest

from tests.dnscore.test_flags_grammar import program


@pytest.mark.parametrize(
    ("word", "count"),
    [
        ("--dns-port=5", 1),
        ("--dns_port", 2),
        ("-dns-port", 2),
        ("-keep-in-foreground", 1),
        ("--logtostderr", 1),
        ("--vmodule", 2),
        ("--vmodule=x", 1),
        ("-h", 1),
        ("--help", 1),
        ("--nosuch", 0),
        ("---dns-port", 0),
        ("dns-port", 0),
        ("-", 0),
        ("", 0),
    ],
)
def test_words_of_a_flag(word: str, count: int) -> None:
    assert program().words_of(word) == count
