"""The command lines of real clusters give the options that their writers meant."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from dnscore.net.address import Address
from dnscore.wire import names
from dnsmasq_front.cli import parse_options
from dnsmasq_front.options import FrontOptions

KUBEDNS = Address("127.0.0.1", 10053)
CLUSTER = ("cluster.local", "in-addr.arpa", "ip6.arpa")
STOCK = [
    "-v=2",
    "-logtostderr",
    "-configDir=/etc/k8s/dns/dnsmasq-nanny",
    "-restartDnsmasq=true",
    "--",
    "-k",
    "--cache-size=1000",
    "--no-negcache",
    "--dns-loop-detect",
    "--log-facility=-",
    "--server=/cluster.local/127.0.0.1#10053",
    "--server=/in-addr.arpa/127.0.0.1#10053",
    "--server=/ip6.arpa/127.0.0.1#10053",
]


def options_of(argv: Sequence[str]) -> FrontOptions:
    options = parse_options(argv)
    assert isinstance(options, FrontOptions)
    return options


def servers_of(options: FrontOptions) -> dict[str, Address | None]:
    """Server by domain, `.` for everything else."""
    return {
        names.to_text(domain).rstrip(".") or ".": rule.server
        for rule in options.rules
        for domain in rule.domains
    }


def test_stock_manifest() -> None:
    options = options_of(STOCK)
    assert servers_of(options) == dict.fromkeys(CLUSTER, KUBEDNS)
    assert options.cache.records == 1000
    assert not options.cache.negative
    assert options.resolv_file == "/etc/resolv.conf"
    assert options.config_dir == "/etc/k8s/dns/dnsmasq-nanny"
    assert options.verbosity == 2
    assert options.listen == (Address("0.0.0.0", 53), Address("::", 53))


def test_stock_manifest_before_2017_keeps_negative_answers() -> None:
    argv = [flag for flag in STOCK if flag not in ("--no-negcache", "--dns-loop-detect")]
    assert options_of(argv).cache.negative


def test_kubernetes_1_3_without_double_dash_sends_everything_to_kubedns() -> None:
    argv = ["--cache-size=1000", "--no-resolv", "--server=127.0.0.1#10053", "--log-facility=-"]
    options = options_of(argv)
    assert servers_of(options) == {".": KUBEDNS}
    assert options.resolv_file is None
    assert options.group_max == 150


def test_acs_engine() -> None:
    argv = ["-k", "--cache-size=1000", "--no-resolv", "--server=127.0.0.1#10053"]
    argv += [f"--server=/{domain}/127.0.0.1#10053" for domain in CLUSTER[1:]]
    options = options_of([*argv, "--log-facility=-"])
    assert servers_of(options) == dict.fromkeys((".", *CLUSTER[1:]), KUBEDNS)


def test_gke_caps_what_clients_see_and_what_is_kept() -> None:
    argv = ["--", "-k", "--cache-size=1000", "--no-negcache", "--dns-forward-max=1500"]
    argv += ["--log-facility=-", "--max-ttl=30", "--max-cache-ttl=30"]
    options = options_of([*argv, *(f"--server=/{d}/127.0.0.1#10053" for d in CLUSTER)])
    assert options.group_max == 1500
    assert (options.cache.max_ttl_s, options.cache.max_cache_ttl_s) == (30, 30)


def test_kops_with_its_misspelt_domain_and_min_port() -> None:
    argv = ["--", "-k", "--cache-size=1000", "--dns-forward-max=150", "--no-negcache"]
    argv += ["--log-facility=-", "--server=/in6.arpa/127.0.0.1#10053", "--min-port=1024"]
    options = options_of(argv)
    assert servers_of(options) == {"in6.arpa": KUBEDNS}
    assert "min-port" in options.ignored_flags


def test_kubespray_variables() -> None:
    options = options_of(["--", "-k", "--dns-forward-max=300", "--cache-size=10000"])
    assert (options.group_max, options.cache.records) == (300, 10000)


@pytest.mark.parametrize("flag", ["--log-queries", "--log-queries=extra", "-q"])
def test_tuned_by_hand_query_log(flag: str) -> None:
    assert options_of([flag]).log_queries


def test_tuned_by_hand_resolvers_and_times() -> None:
    argv = ["-R", "--server=8.8.8.8", "--server=8.8.4.4", "--server=/corp/10.1.1.1"]
    options = options_of([*argv, "--neg-ttl=5", "--max-cache-ttl=30"])
    assert [rule.server for rule in options.rules] == [
        Address("8.8.8.8", 53),
        Address("8.8.4.4", 53),
        Address("10.1.1.1", 53),
    ]
    assert (options.cache.neg_ttl_s, options.cache.max_cache_ttl_s) == (5, 30)
    assert options.resolv_file is None


def test_tuned_by_hand_search_expansions_that_never_exist() -> None:
    options = options_of(["--address=/com.cluster.local/com.svc.cluster.local/net.cluster.local/"])
    assert servers_of(options) == {
        "com.cluster.local": None,
        "com.svc.cluster.local": None,
        "net.cluster.local": None,
    }


def test_nanny_words_before_and_dnsmasq_words_behind_the_double_dash() -> None:
    argv = ["-syncInterval=100ms", "-logInterval=1m", "-configDir=/c", "--", "-p", "5353"]
    options = options_of(argv)
    assert (options.sync_interval_s, options.log_interval_s) == (0.1, 60.0)
    assert options.config_dir == "/c"
    assert options.listen[0].port == 5353


def test_the_part_behind_the_double_dash_wins_and_servers_add_up() -> None:
    options = options_of(["--cache-size=1", "-S", "8.8.8.8", "--", "-c", "2", "-S", "8.8.4.4"])
    assert options.cache.records == 2
    assert [str(rule.server) for rule in options.rules] == ["8.8.8.8:53", "8.8.4.4:53"]


def test_max_ttl_of_zero_is_none() -> None:
    options = options_of(["--max-ttl=0", "--max-cache-ttl=0"])
    assert options.cache == options_of([]).cache


def test_min_cache_ttl_is_an_hour_at_most() -> None:
    assert options_of(["--min-cache-ttl=86400"]).cache.min_cache_ttl_s == 3600
