"""The stock sidecar's flags become options; what cannot be used is a usage error."""

from __future__ import annotations

import dataclasses

import pytest

from dnscore.flags import UsageError
from sidecar.address import ServerAddress
from sidecar.cli import parse_options, run
from sidecar.options import Options
from sidecar.page_url import PageUrl

PROBE = "127.0.0.1:53,kubernetes.default.svc.cluster.local,5,SRV"


def test_defaults_are_those_of_the_stock_sidecar() -> None:
    options = parse_options([])
    assert options == Options()
    assert dataclasses.asdict(options) == {
        "probes": (),
        "probe_retries": 1,
        "dnsmasq": {"host": "127.0.0.1", "port": 53},
        "dnsmasq_poll_interval_ms": 5000,
        "kubedns_metrics": {
            "server": {"host": "127.0.0.1", "port": 10055},
            "path": "/metrics",
        },
        "kubedns_status": {
            "server": {"host": "127.0.0.1", "port": 8081},
            "path": "/status.json",
        },
        "dnsmasq_status": {
            "server": {"host": "127.0.0.1", "port": 10056},
            "path": "/status.json",
        },
        "prometheus_addr": "0.0.0.0",
        "prometheus_port": 10054,
        "prometheus_path": "/metrics",
        "prometheus_namespace": "kubedns",
        "verbosity": 0,
        "log_format": "text",
    }


def test_the_stock_manifest_is_taken() -> None:
    options = parse_options(
        [
            "--v=2",
            "--logtostderr",
            f"--probe=kubedns,127.0.0.1:10053,{PROBE.split(',', 1)[1]}",
            f"--probe=dnsmasq,{PROBE}",
        ]
    )
    assert options.verbosity == 2
    assert [probe.label for probe in options.probes] == ["kubedns", "dnsmasq"]
    assert str(options.probes[0].server) == "127.0.0.1:10053"


@pytest.mark.parametrize("dashes", ["-", "--"])
def test_every_flag_with_one_dash_or_two(dashes: str) -> None:
    words = [
        "dnsmasq-addr=[::1]",
        "dnsmasq_port=5353",
        "dnsmasq-poll-interval-ms=250",
        "probe-retries=3",
        "kubedns-metrics-url=",
        "kubedns-status-url=http://[::1]:81/x",
        "dnsmasq-status-url=",
        "prometheus-addr=127.0.0.1",
        "prometheus-port=9153",
        "prometheus-path=/a/metrics",
        "prometheus-namespace=dns",
        "v=3",
        "vmodule=a=2",
        "log-flush-frequency=5s",
        "log_dir=/tmp",
        "alsologtostderr",
    ]
    options = parse_options([dashes + word for word in words])
    assert options == Options(
        dnsmasq=ServerAddress("::1", 5353),
        dnsmasq_poll_interval_ms=250,
        probe_retries=3,
        kubedns_metrics=None,
        kubedns_status=PageUrl(ServerAddress("::1", 81), "/x"),
        dnsmasq_status=None,
        prometheus_addr="127.0.0.1",
        prometheus_port=9153,
        prometheus_path="/a/metrics",
        prometheus_namespace="dns",
        verbosity=3,
    )


@pytest.mark.parametrize(
    ("words", "reason"),
    [
        (["--no-such-flag"], "unknown flag: --no-such-flag"),
        ([f"--probe=a,{PROBE}", f"--probe=a,{PROBE}"], "--probe: the label 'a' is given twice"),
        (["--probe=a,127.0.0.1,x.test,0"], "--probe: interval must be from 1"),
        (["--probe=a"], "--probe: invalid format to --probe"),
        (["--probe=a,127.0.0.1,x.test,-1"], "--probe: interval must be from 1"),
        (["--probe-retries=-1"], "--probe-retries: -1 is less than 0"),
        (["--probe-retries=11"], "--probe-retries: 11 is more than 10"),
        (["--kubedns-metrics-url=https://a/"], "--kubedns-metrics-url: not an http:// URL"),
        (["--kubedns-metrics-url=http://a b/"], "--kubedns-metrics-url: not an http:// URL"),
        (["--kubedns-metrics-url=http://u@a/"], "--kubedns-metrics-url: not an http:// URL"),
        (["--kubedns-metrics-url=http://a:0/"], "--kubedns-metrics-url: not a port"),
        (["--dnsmasq-port=0"], "--dnsmasq-port: 0 is less than 1"),
        (["--dnsmasq-addr=a b"], "--dnsmasq-addr: not an IP address"),
        (["--dnsmasq-addr=127.0.0.1:53"], "--dnsmasq-addr: not an address without a port"),
        (["--dnsmasq-poll-interval-ms=0"], "--dnsmasq-poll-interval-ms: 0 is less than"),
        (["--prometheus-port=70000"], "--prometheus-port: 70000 is more than"),
        (["--prometheus-path=metrics"], "--prometheus-path: not a path"),
        (["--prometheus-path=/"], "--prometheus-path: not a path"),
        (["--prometheus-path=/<x>"], "--prometheus-path: not a path"),
        (["--prometheus-path=/healthz"], "--prometheus-path: '/healthz' is taken"),
        (["--prometheus-path=/status.json"], "--prometheus-path: '/status.json' is taken"),
        (["--prometheus-path=/explain"], "--prometheus-path: '/explain' is taken"),
        (["--kubedns-status-url=x"], "--kubedns-status-url: not an http:// URL"),
        (["--prometheus-path=/healthcheck/a"], "--prometheus-path: '/healthcheck/a' is taken"),
        (["--prometheus-namespace=kube-dns"], "--prometheus-namespace: not letters"),
        (["--v"], "--v needs a value"),
        (["word"], "not a flag"),
        (["--", "-k"], "unexpected words"),
    ],
)
def test_usage_errors_are_one_line(words: list[str], reason: str) -> None:
    with pytest.raises(UsageError) as refused:
        parse_options(words)
    assert reason in str(refused.value)
    assert "\n" not in str(refused.value)


def test_an_empty_namespace_and_listen_address_are_allowed() -> None:
    options = parse_options(["--prometheus-namespace=", "--prometheus-addr="])
    assert (options.prometheus_namespace, options.prometheus_addr) == ("", "")


@pytest.mark.parametrize(("word", "text"), [("--version", "Kube-DNS "), ("--version=raw", '"')])
def test_version_is_printed_instead_of_running(
    capsys: pytest.CaptureFixture[str], word: str, text: str
) -> None:
    assert run([word, "--prometheus-port=1"]) == 0
    assert capsys.readouterr().out.startswith(text)


def test_help_names_every_flag(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["--help"]) == 0
    printed = capsys.readouterr().out
    for flag in (
        "probe",
        "dnsmasq-addr",
        "dnsmasq-poll-interval-ms",
        "prometheus-path",
        "probe-retries",
    ):
        assert f"--{flag}" in printed
