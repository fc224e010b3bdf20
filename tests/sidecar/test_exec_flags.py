"""The flags of exechealthz become options; what cannot be used is a usage error."""

from __future__ import annotations

import pytest

from dnscore.flags import UsageError
from sidecar.exechealthz.cli import Check, Options, parse_options, run

LOOK_UP = "nslookup kubernetes.default.svc.cluster.local 127.0.0.1"


def test_defaults_are_those_of_exechealthz() -> None:
    options = parse_options([])
    assert options == Options()
    assert options.checks == (Check("echo healthz", "/healthz"),)
    assert (options.port, options.period_s, options.latency_s) == (8080, 2.0, 30.0)
    assert (options.quiet, options.output) == (False, False)


def test_the_words_of_the_kube_dns_pod_are_taken() -> None:
    first, second = f"{LOOK_UP} >/dev/null", f"{LOOK_UP}:10053 >/dev/null"
    options = parse_options(
        [
            f"--cmd={first}",
            "--url=/healthz-dnsmasq",
            f"--cmd={second}",
            "--url=/healthz-kubedns",
            "--port=8080",
            "--quiet",
        ]
    )
    pairs = (Check(first, "/healthz-dnsmasq"), Check(second, "/healthz-kubedns"))
    assert options == Options(checks=pairs, quiet=True)


@pytest.mark.parametrize("dashes", ["-", "--"])
def test_every_flag_with_one_dash_or_two(dashes: str) -> None:
    words = ["cmd=true", "url=/a/b.c", "port=0", "period=500ms", "latency=1m", "quiet", "output"]
    assert parse_options([dashes + word for word in words]) == Options(
        checks=(Check("true", "/a/b.c"),),
        port=0,
        period_s=0.5,
        latency_s=60.0,
        quiet=True,
        output=True,
    )


def test_a_command_alone_has_the_stock_page() -> None:
    assert parse_options(["-cmd", "true"]).checks == (Check("true", "/healthz"),)


@pytest.mark.parametrize(
    ("words", "reason"),
    [
        (["-cmd=a", "-cmd=b"], "--cmd is given 2 times and --url 1 times"),
        (["-url=/a", "-url=/b"], "--cmd is given 1 times and --url 2 times"),
        (["-cmd=a", "-cmd=b", "-url=/a", "-url=/a"], "--url: '/a' is given twice"),
        (["-cmd="], "--cmd: empty command"),
        (["-url=healthz"], "--url: not a path"),
        (["-url=/"], "--url: not a path"),
        (["-url=/a?b"], "--url: not a path"),
        (["-url=/a b"], "--url: not a path"),
        (["-period=0s"], "--period: must be more than 0"),
        (["-latency=0s"], "--latency: must be more than 0"),
        (["-period=-1s"], "--period"),
        (["-period=2"], "--period"),
        (["-port=65536"], "--port: 65536 is more than 65535"),
        (["-no-such-flag"], "unknown flag: --no-such-flag"),
        (["--", "word"], "unexpected words after --: word"),
    ],
)
def test_usage_errors_are_one_line(words: list[str], reason: str) -> None:
    with pytest.raises(UsageError) as refused:
        parse_options(words)
    assert reason in str(refused.value)
    assert "\n" not in str(refused.value)


def test_help_and_version_run_nothing(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["-help"]) == 0
    printed = capsys.readouterr().out
    for flag in ("cmd", "url", "port", "period", "latency", "quiet", "output"):
        assert f"--{flag}" in printed
    assert run(["-version"]) == 0
    assert capsys.readouterr().out.strip()
