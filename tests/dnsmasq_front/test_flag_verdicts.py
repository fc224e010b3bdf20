"""What becomes of every flag of dnsmasq: it works, has no effect for a reason, or is refused."""

from __future__ import annotations

import dataclasses
from typing import Any

import pytest

from dnscore.flags import UsageError
from dnscore.net.address import Address
from dnscore.wire import names
from dnscore.wire.const import AAAA, MX, TXT, A
from dnsmasq_front.cli import parse_options
from dnsmasq_front.flag_table import FLAGS, Verdict
from dnsmasq_front.getopt import Takes
from dnsmasq_front.options import FrontOptions
from tests.dnsmasq_front.test_command_lines import options_of

# A value that each ignored flag takes, and the path of the option that each other one sets.
IGNORED_VALUES = {
    "query-port": "0",
    "min-port": "1024",
    "max-port": "60000",
    "port-limit": "2",
    "cache-rr": "TXT,MX",
    "user": "root",
    "group": "dip",
    "pid-file": "/run/x.pid",
}
EFFECTS: list[tuple[str, str, Any]] = [
    ("--no-resolv", "resolv_file", None),
    ("--resolv-file=/x", "resolv_file", "/x"),
    ("--no-poll", "poll_resolv_file", False),
    ("--clear-on-reload", "clear_on_reload", True),
    ("--strict-order", "strict_order", True),
    ("--all-servers", "all_servers", True),
    ("--dns-loop-detect", "loop_detect", True),
    ("--dns-forward-max=7", "group_max", 7),
    ("--servers-file=/x", "servers_files", ("/x",)),
    ("--cache-size=7", "cache.records", 7),
    ("--cache-size=9000000", "cache.records", 5_000_000),
    ("--no-negcache", "cache.negative", False),
    ("--neg-ttl=7", "cache.neg_ttl_s", 7),
    ("--max-neg-ttl=7", "cache.max_negative_ttl_s", 7),
    ("--max-neg-ttl=7", "cache.cluster_negative_ttl_s", 5),
    ("--max-neg-ttl=2", "cache.cluster_negative_ttl_s", 2),
    ("--max-ttl=7", "cache.max_ttl_s", 7),
    ("--max-cache-ttl=7", "cache.max_cache_ttl_s", 7),
    ("--min-cache-ttl=7", "cache.min_cache_ttl_s", 7),
    ("--use-stale-cache", "cache.stale_s", 86400.0),
    ("--use-stale-cache=7", "cache.stale_s", 7.0),
    ("--use-stale-cache=0", "cache.stale_s", float("inf")),
    ("--prefetch", "cache.prefetch", True),
    ("--no-round-robin", "round_robin", False),
    ("--no-round-robin", "local.round_robin", False),
    ("--no-hosts", "hosts.files", ()),
    ("--addn-hosts=/x", "hosts.files", ("/etc/hosts", "/x")),
    ("--hostsdir=/x", "hosts.watched", ("/x",)),
    ("--expand-hosts --domain=d.test", "hosts.suffix", names.from_text("d.test")),
    ("--domain=d.test", "hosts.suffix", None),
    ("--local-ttl=7", "local.ttl_s", 7),
    ("--domain-needed", "local.domain_needed", True),
    ("--bogus-priv", "local.bogus_priv", True),
    ("--filter-A", "screen.filtered", frozenset((A,))),
    ("--filter-AAAA", "screen.filtered", frozenset((AAAA,))),
    ("--filter-rr=txt,15,ANY", "screen.filtered", frozenset((TXT, MX))),
    ("--stop-dns-rebind", "screen.stop_rebind", True),
    ("--rebind-localhost-ok", "screen.rebind_localhost_ok", True),
    ("--rebind-domain-ok=d.test", "screen.rebind_domains_ok", (names.from_text("d.test"),)),
    (
        "--rebind-domain-ok=/a.test/B.test/",
        "screen.rebind_domains_ok",
        (names.from_text("a.test"), names.from_text("b.test")),
    ),
    ("--port=7", "listen", (Address("0.0.0.0", 7), Address("::", 7))),
    ("--listen-address=127.0.0.1,::1", "listen", (Address("127.0.0.1", 53), Address("::1", 53))),
    ("--interface=eth0,eth1 -i eth2", "interfaces", ("eth0", "eth1", "eth2")),
    ("--except-interface=eth0", "except_interfaces", ("eth0",)),
    ("--edns-packet-max=1400", "edns_packet_max", 1400),
    ("--edns-packet-max=1", "edns_packet_max", 512),
    ("--edns-packet-max=65000", "edns_packet_max", 4096),
    ("--max-tcp-connections=7", "max_tcp_connections", 7),
    ("--no-ident", "no_ident", True),
    ("--log-queries", "log_queries", True),
    ("--log-queries=extra", "log_extra", True),
    ("--log-facility=/x", "log_facility", "/x"),
    ("--log-facility=local0", "log_facility", "local0"),
]


def option_at(options: FrontOptions, path: str) -> Any:
    value: Any = options
    for part in path.split("."):
        value = getattr(value, part)
    return value


@pytest.mark.parametrize(("flags", "path", "value"), EFFECTS, ids=str)
def test_working_flag_sets_its_option(flags: str, path: str, value: Any) -> None:
    options = options_of(["--", *flags.split()])
    assert option_at(options, path) == value
    assert not options.ignored_flags


@pytest.mark.parametrize(("flags", "path", "value"), EFFECTS, ids=str)
def test_option_differs_from_what_it_is_without_the_flag(flags: str, path: str, value: Any) -> None:
    if flags not in ("--domain=d.test", "--max-neg-ttl=7"):
        assert option_at(options_of([]), path) != value


def of_verdict(verdict: Verdict) -> list[str]:
    return sorted(flag.name for flag in FLAGS.values() if flag.verdict is verdict)


def word_of(name: str) -> str:
    if FLAGS[name].takes is not Takes.VALUE:
        return f"--{name}"
    return f"--{name}={IGNORED_VALUES.get(name, 'x')}"


@pytest.mark.parametrize("name", of_verdict(Verdict.REFUSED))
def test_refused_flag_is_named_with_its_reason(name: str) -> None:
    with pytest.raises(UsageError) as caught:
        parse_options(["--", "-k", word_of(name)])
    assert str(caught.value) == f"--{name} is refused: {FLAGS[name].help}"
    assert FLAGS[name].help


@pytest.mark.parametrize("name", of_verdict(Verdict.IGNORED))
def test_ignored_flag_is_told_and_changes_nothing(name: str) -> None:
    options = options_of(["--", word_of(name)])
    assert options.ignored_flags == (name,)
    assert dataclasses.replace(options, ignored_flags=()) == options_of([])
    assert FLAGS[name].help


@pytest.mark.parametrize("word", ["--min-port=x", "--port-limit=0", "--max-port=65536"])
def test_ignored_flag_still_needs_a_value_that_makes_sense(word: str) -> None:
    with pytest.raises(UsageError, match=word.partition("=")[0]):
        parse_options([word])


def test_fixed_source_port_is_refused_with_the_danger() -> None:
    with pytest.raises(UsageError, match=r"--query-port: a fixed source port .* forge"):
        parse_options(["-Q", "5353"])


def test_dhcp_tftp_and_zones_are_refused() -> None:
    refused = set(of_verdict(Verdict.REFUSED))
    assert {"dhcp-range", "enable-tftp", "auth-zone", "dnssec", "ipset", "conf-script"} <= refused
    assert not any(
        name.startswith(("dhcp", "tftp", "auth-", "dnssec")) and name not in refused
        for name in FLAGS
    )


def test_help_tells_of_every_flag() -> None:
    text = parse_options(["--help"])
    assert isinstance(text, str)
    for name in FLAGS:
        assert f"--{name}" in text
    for verdict in (Verdict.IGNORED, Verdict.REFUSED):
        for name in of_verdict(verdict):
            assert FLAGS[name].help in text


@pytest.mark.parametrize("argv", [["--", "-w"], ["--", "--help"], ["--help"], ["-h"]])
def test_help(argv: list[str]) -> None:
    text = parse_options(argv)
    assert isinstance(text, str)
    assert text.startswith("usage:")


@pytest.mark.parametrize("argv", [["--version"], ["--", "-v"], ["-v=2", "--", "--version"]])
def test_version(argv: list[str]) -> None:
    text = parse_options(argv)
    assert isinstance(text, str)
    assert text.startswith("dnsmasq-front ")


def test_v_is_the_nannys_before_two_dashes() -> None:
    assert options_of(["-v=2", "--", "-k"]).verbosity == 2


def test_test_reads_the_flags_and_ends() -> None:
    assert parse_options(["--test", "-c5"]) == "dnsmasq-front: syntax check OK.\n"
    with pytest.raises(UsageError):
        parse_options(["--test", "-cx"])
