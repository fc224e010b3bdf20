"""The command line and environment of kubedns."""

from __future__ import annotations

import pytest

from dnscore.flags import UsageError
from dnscore.net.address import Address
from kubedns.options import MetricsOptions, Options, parse_options


def test_defaults_are_those_of_kube_dns() -> None:
    assert parse_options([], {}) == Options(
        domain="cluster.local.",
        nameservers=(),
        kubecfg_file="",
        kube_master_url="",
        healthz_port=8081,
        dns_bind_address="0.0.0.0",
        dns_port=53,
        config_dir="",
        config_period_s=10.0,
        initial_sync_timeout_s=60.0,
        lameduck_s=5.0,
        metrics=None,
        verbosity=0,
        log_format="text",
        notices=(),
    )


def test_the_stock_manifest() -> None:
    argv = ["--domain=cluster.local.", "--dns-port=10053", "--config-dir=/kube-dns-config", "--v=2"]
    options = parse_options(argv, {"PROMETHEUS_PORT": "10055"})
    assert (options.domain, options.dns_port, options.verbosity) == ("cluster.local.", 10053, 2)
    assert options.config_dir == "/kube-dns-config"
    assert options.metrics == MetricsOptions(10055, "/metrics", "skydns", "skydns")
    assert options.notices == ()


@pytest.mark.parametrize(
    ("argv", "field", "value"),
    [
        (["--domain=a.b-c"], "domain", "a.b-c."),
        (["-domain", "x."], "domain", "x."),
        (["--dns_port=5353"], "dns_port", 5353),
        (["--dns-bind-address=[::1]"], "dns_bind_address", "::1"),
        (["--dns-bind-address=::"], "dns_bind_address", "::"),
        (["--nameservers="], "nameservers", ()),
        (
            ["--nameservers=1.1.1.1, 2.2.2.2:5353,[fd00::1]:54"],
            "nameservers",
            (Address("1.1.1.1", 53), Address("2.2.2.2", 5353), Address("fd00::1", 54)),
        ),
        (["--nameservers=1.1.1.1,1.1.1.1:53"], "nameservers", (Address("1.1.1.1", 53),)),
        (["--config-period=1m30s"], "config_period_s", 90.0),
        (["--initial-sync-timeout=500ms"], "initial_sync_timeout_s", 0.5),
        (["--lameduck=0"], "lameduck_s", 0.0),
        (["--log-format=json"], "log_format", "json"),
        (["--kube-master-url=http://[::1]:80/"], "kube_master_url", "http://[::1]:80/"),
        (["--pods=verified"], "pods", "verified"),
        (["--pods", "disabled"], "pods", "disabled"),
        (["--endpoint-names=pod"], "endpoint_names", "pod"),
        (["--endpoint_names=address"], "endpoint_names", "address"),
        (
            ["--federations=a=b.c,d=e", "--federations=f=g"],
            "federations",
            {"a": "b.c", "d": "e", "f": "g"},
        ),
        (["--kube-master-url=https://${HOST}:6443"], "kube_master_url", "https://10.0.0.1:6443"),
    ],
)
def test_flag_values(argv: list[str], field: str, value: object) -> None:
    assert getattr(parse_options(argv, {"HOST": "10.0.0.1"}), field) == value


@pytest.mark.parametrize(
    "argv",
    [
        ["--domain="],
        ["--domain=."],
        ["--domain=Cluster.local"],
        ["--domain=cluster..local"],
        ["--domain=cluster.local.."],
        ["--domain=-a.local"],
        ["--domain=a_b.local"],
        ["--domain=" + "a" * 64],
        ["--domain=" + "abcdefghi." * 20],
        ["--nameservers=junk"],
        ["--nameservers=1.1.1.1,,2.2.2.2"],
        ["--nameservers=1.1.1.1:0"],
        ["--nameservers=1.1.1.1:"],
        ["--kube-master-url=10.0.0.1"],
        ["--kube-master-url=http://"],
        ["--kube-master-url=http://:"],
        ["--kube-master-url=http://a:99999"],
        ["--kube-master-url=http://${UNSET_HOST"],
        ["--dns-bind-address=localhost"],
        ["--dns-bind-address=10.0.0.1:53"],
        ["--dns-port=0"],
        ["--dns-port=65536"],
        ["--dns-port=dns"],
        ["--healthz-port=-1"],
        ["--federations=a.b=c"],
        ["--pods=any"],
        ["--pods="],
        ["--endpoint-names=hostname"],
        ["--config-map=kube-dns", "--config-dir=/x"],
        ["--config-period=0"],
        ["--config-period=10"],
        ["--lameduck=-1s"],
        ["--no-such-flag"],
        ["word"],
        ["--", "word"],
    ],
)
def test_refused_in_one_line(argv: list[str]) -> None:
    with pytest.raises(UsageError) as caught:
        parse_options(argv, {})
    assert str(caught.value) and "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("environ", "expected"),
    [
        ({}, None),
        ({"PROMETHEUS_PORT": "", "PROMETHEUS_PATH": "/x"}, None),
        ({"PROMETHEUS_PORT": "1", "PROMETHEUS_PATH": ""}, MetricsOptions(1)),
        (
            {
                "PROMETHEUS_PORT": "10055",
                "PROMETHEUS_PATH": "/m",
                "PROMETHEUS_NAMESPACE": "a",
                "PROMETHEUS_SUBSYSTEM": "b_1",
            },
            MetricsOptions(10055, "/m", "a", "b_1"),
        ),
    ],
)
def test_metrics_environment(environ: dict[str, str], expected: MetricsOptions | None) -> None:
    assert parse_options([], environ).metrics == expected


@pytest.mark.parametrize(
    ("variable", "value"),
    [
        ("PROMETHEUS_PORT", "http"),
        ("PROMETHEUS_PORT", "0"),
        ("PROMETHEUS_PORT", "65536"),
        ("PROMETHEUS_PATH", "metrics"),
        ("PROMETHEUS_NAMESPACE", "a-b"),
        ("PROMETHEUS_SUBSYSTEM", "1a"),
    ],
)
def test_metrics_environment_refused(variable: str, value: str) -> None:
    with pytest.raises(UsageError, match=variable):
        parse_options([], {"PROMETHEUS_PORT": "10055", variable: value})


@pytest.mark.parametrize(
    ("argv", "flag"),
    [
        (["--federations=east=example.com"], "--federations"),
        (["--config-dir=/x", "--nameservers=1.1.1.1"], "--nameservers"),
        (["--logtostderr", "--vmodule=a=2", "--logtostderr=false"], "--logtostderr --vmodule"),
    ],
)
def test_what_has_no_effect_is_noted_once(argv: list[str], flag: str) -> None:
    assert [notice.flag for notice in parse_options(argv, {}).notices] == [flag]


def test_flags_that_are_off_are_not_noted() -> None:
    argv = ["--federations=", "--profiling=false", "--config-map-namespace=kube-system"]
    assert parse_options(argv, {}).notices == ()
