"""Flags as people and the nanny spell them: two words, short forms, one dash or two."""

from __future__ import annotations

import pytest

from tests.dnsmasq_front.test_command_lines import options_of, servers_of


@pytest.mark.parametrize(
    "words",
    [
        ["--server=/corp/10.0.0.1#54"],
        ["--server", "/corp/10.0.0.1#54"],  # the nanny's two words
        ["-server", "/corp/10.0.0.1#54"],
        ["-S", "/corp/10.0.0.1#54"],
        ["-S=/corp/10.0.0.1#54"],
    ],
)
def test_one_server(words: list[str]) -> None:
    options = options_of(words)
    assert {d: str(s) for d, s in servers_of(options).items()} == {"corp": "10.0.0.1:54"}


def test_short_forms() -> None:
    argv = ["-k", "-c", "500", "-N", "-R", "-S", "8.8.8.8", "-q", "-p", "5353", "-0", "300"]
    argv += ["-A", "/x.test/10.0.0.1", "-n", "-o", "-a", "127.0.0.1", "-8", "-", "-P", "1232"]
    options = options_of([*argv, "-u", "root"])
    assert options.cache.records == 500
    assert not options.cache.negative
    assert options.resolv_file is None
    assert options.group_max == 300
    assert options.log_queries
    assert [str(address) for address in options.listen] == ["127.0.0.1:5353"]
    assert not options.poll_resolv_file
    assert [rule.addresses for rule in options.rules] == [(), ("10.0.0.1",)]


def test_resolv_file_short() -> None:
    assert options_of(["-r", "/run/resolv.conf"]).resolv_file == "/run/resolv.conf"


def test_h_is_no_hosts_as_in_dnsmasq_and_does_not_end_the_container_with_a_help_text() -> None:
    assert options_of(["--", "-k"]).hosts.files == ("/etc/hosts",)
    assert options_of(["--", "-k", "-h"]).hosts.files == ()


def test_flags_without_effect_are_named() -> None:
    argv = [
        "-k",
        "--bind-interfaces",
        "--user=root",
        "--pid-file=/x",
        "--log-async=5",
    ]
    assert set(options_of(argv).ignored_flags) == {
        "keep-in-foreground",
        "bind-interfaces",
        "user",
        "pid-file",
        "log-async",
    }
