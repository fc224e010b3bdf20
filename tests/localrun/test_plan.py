"""What the plan of a local run consists of."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dnscore.flags import UsageError
from localrun.options import Options, parse_options
from localrun.plan import ProcessSpec, build_plan, doubled_ports


def named(options: Options) -> dict[str, ProcessSpec]:
    return {spec.name: spec for spec in build_plan(options)}


def test_four_processes_each_after_those_it_needs() -> None:
    assert list(named(Options())) == ["devcluster", "kubedns", "dnsmasq_front", "sidecar"]


def test_a_kubeconfig_replaces_devcluster() -> None:
    plan = named(Options(kubeconfig="/somewhere/config"))
    assert list(plan) == ["kubedns", "dnsmasq_front", "sidecar"]
    assert "--kubecfg-file=/somewhere/config" in plan["kubedns"].argv


def test_kubedns_reads_the_kubeconfig_that_devcluster_writes() -> None:
    plan = named(Options(run_dir="there"))
    assert "--kubeconfig-out=there/kubeconfig" in plan["devcluster"].argv
    assert "--kubecfg-file=there/kubeconfig" in plan["kubedns"].argv


def test_a_moved_port_moves_everywhere_it_is_used() -> None:
    options = Options(kubedns_port=20053, front_port=2053, kubedns_metrics_port=20055)
    plan = named(options)
    assert "--dns-port=20053" in plan["kubedns"].argv
    assert ("PROMETHEUS_PORT", "20055") in plan["kubedns"].env
    assert "--server=/cluster.local/127.0.0.1#20053" in plan["dnsmasq_front"].argv
    assert "--port=2053" in plan["dnsmasq_front"].argv
    assert "--dnsmasq-port=2053" in plan["sidecar"].argv
    probes = [word for word in plan["sidecar"].argv if word.startswith("--probe=")]
    assert [probe.split(",")[1] for probe in probes] == ["127.0.0.1:20053", "127.0.0.1:2053"]
    everything = " ".join(word for spec in plan.values() for word in spec.argv)
    assert "10053" not in everything
    assert "1053" not in everything


def test_every_port_of_the_options_is_checked_before_the_start() -> None:
    ports = [port for spec in build_plan(Options()) for port in spec.ports]
    assert sorted(port.number for port in ports) == [1053, 8001, 8081, 10053, 10054, 10055, 10056]
    assert len({port.variable for port in ports}) == 7


def test_two_variables_with_one_port_are_told_apart() -> None:
    assert doubled_ports(build_plan(Options())) == []
    clash = replace(Options(), front_port=10053)
    assert doubled_ports(build_plan(clash)) == [
        "KUBEDNS_PORT and FRONT_PORT are both 10053: change one of them"
    ]


@pytest.mark.parametrize("words", [["--front-port=0"], ["--front-port=65536"], ["--port=1"], ["x"]])
def test_a_wrong_command_line_is_a_usage_error(words: list[str]) -> None:
    with pytest.raises(UsageError):
        parse_options(words)


@given(st.lists(st.text(max_size=30) | st.sampled_from(["--front-port", "--run-dir=x", "--"])))
def test_any_words_give_options_or_a_usage_error(words: list[str]) -> None:
    try:
        options = parse_options(words)
    except UsageError as error:
        assert "\n" not in str(error)
    else:
        assert 1 <= options.front_port <= 65535
