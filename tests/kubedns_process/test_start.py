"""From the command line to ready, and the ways in which that fails."""

from __future__ import annotations

import socket
from pathlib import Path

import dns.edns
import dns.rcode
import pytest

from devcluster.cluster import DevCluster, Settings
from dnscore import VERSION
from tests.fakes.apiserver import SILENCE, ScriptedServer, stream
from tests.fakes.dns_server import DnsServer
from tests.kubedns_process.daemon import Kubedns, run_to_end
from tests.ports import HOST, free_port
from tests.waiting import eventually

WEB = "web.shop.svc.cluster.local."


def test_not_ready_until_the_lists_are_there_then_ready() -> None:
    cluster = DevCluster(Settings(sample=True))
    with cluster:
        pass  # it has listened once, so its port is known, and is away now
    with Kubedns("--initial-sync-timeout=200ms", api=cluster.url) as kubedns:
        kubedns.wait_listening()
        assert kubedns.readiness() == 503
        assert kubedns.get("/readiness").text.startswith("waiting for the first lists of services")
        eventually(lambda: "trying on" in kubedns.log, message=lambda: kubedns.log)
        assert "missing=services,endpointslices" in kubedns.log
        cluster.come_up()
        try:
            kubedns.wait_ready()
            assert kubedns.get("/readiness").text == "ok\n"
            assert kubedns.answers(WEB) == [f"{WEB} A 10.96.0.20"]
        finally:
            cluster.stop()


def test_before_the_lists_the_zone_fails_with_a_reason_and_the_rest_is_forwarded() -> None:
    with (
        ScriptedServer() as api,
        DnsServer("www.example.com. 60 IN A 192.0.2.1") as outside,
    ):
        for resource in ("services", "endpointslices"):
            api.on_list(resource, stream(SILENCE))
        with Kubedns(f"--nameservers={outside.address}", api=api.url) as kubedns:
            kubedns.wait_listening()
            for name, rdtype in (
                (WEB, "A"),
                ("cluster.local.", "SOA"),
                ("1.0.96.10.in-addr.arpa.", "PTR"),
            ):
                response = kubedns.ask(name, rdtype)
                assert response.rcode() == dns.rcode.SERVFAIL
                (option,) = response.options
                assert isinstance(option, dns.edns.EDEOption) and option.code == 14
            assert kubedns.answers("www.example.com.") == ["www.example.com. A 192.0.2.1"]
            assert kubedns.readiness() == 503


def test_answers_stay_while_the_api_is_away_and_catch_up_after() -> None:
    with (
        DevCluster(Settings(sample=True)) as cluster,
        Kubedns(api=cluster.url, metrics=True) as kubedns,
    ):

        def metric(text: str) -> bool:
            return text in kubedns.get("/metrics", kubedns.metrics_port).text.splitlines()

        kubedns.wait_ready()
        assert metric("kubedns_api_server_up 1.0")
        cluster.go_down()
        eventually(lambda: metric("kubedns_api_server_up 0.0"), message=lambda: kubedns.log)
        eventually(lambda: metric('kubedns_watch_state{resource="services",state="waiting"} 1.0'))
        assert "watch lost" in kubedns.log
        assert kubedns.answers(WEB) == [f"{WEB} A 10.96.0.20"]
        page = kubedns.get("/readyz?verbose")
        assert page.status == 200 and page.text.endswith("\nready\n")
        assert "[-] API server: away, trying on" in page.text
        assert "[+] watch services: waiting, " in page.text
        assert kubedns.get("/livez").status == 200
        cluster.delete("services", "web", "shop")
        cluster.come_up()
        eventually(lambda: kubedns.answers(WEB) == ["NXDOMAIN"], 40.0, lambda: kubedns.log)
        eventually(lambda: metric("kubedns_api_server_up 1.0"), 40.0)
        assert "[+] API server\n" in kubedns.get("/readyz?verbose").text


def test_a_new_api_server_that_has_forgotten_everything_is_followed() -> None:
    first = DevCluster(Settings(sample=True))
    with first:
        port = int(first.url.rpartition(":")[2])
        with Kubedns(api=first.url) as kubedns:
            kubedns.wait_ready()
            first.stop()
            eventually(lambda: "watch lost" in kubedns.log, message=lambda: kubedns.log)
            assert kubedns.answers(WEB) == [f"{WEB} A 10.96.0.20"]
            with DevCluster(Settings(port=port)):  # Without the sample's objects.
                eventually(lambda: kubedns.answers(WEB) == ["NXDOMAIN"], 40.0, lambda: kubedns.log)
                kubernetes = "kubernetes.default.svc.cluster.local."
                assert kubedns.answers(kubernetes) == [f"{kubernetes} A 10.96.0.1"]
                assert kubedns.readiness() == 200


def test_version() -> None:
    assert run_to_end("--version") == (0, f"Kube-DNS {VERSION}\n", "")
    assert run_to_end("--version=raw") == (0, f'"{VERSION}"\n', "")


def test_help_names_every_flag_and_its_default() -> None:
    code, out, _ = run_to_end("--help")
    assert code == 0
    for flag in ("--domain", "--nameservers", "--lameduck", "--initial-sync-timeout"):
        assert flag in out


@pytest.mark.parametrize(
    ("flags", "reason"),
    [
        (["--no-such-flag"], "unknown flag: --no-such-flag"),
        (["--dns-port=dns"], "--dns-port: not a whole number"),
        (["--domain=UPPER.local"], "--domain: "),
        (["--nameservers=junk"], "--nameservers: not an IP address"),
        (["--config-map=a", "--config-dir=b"], "--config-map and --config-dir"),
        (["--config-period=soon"], "--config-period: not a duration"),
    ],
)
def test_a_bad_flag_is_one_line_and_exit_2(flags: list[str], reason: str) -> None:
    code, out, err = run_to_end(*flags)
    assert (code, out) == (2, "")
    assert err.startswith(f"kubedns: {reason}") and err.count("\n") == 1


def test_a_bad_environment_is_one_line_and_exit_2() -> None:
    code, _, err = run_to_end(env={"PROMETHEUS_PORT": "http"})
    assert code == 2
    assert err.startswith("kubedns: PROMETHEUS_PORT: ") and err.count("\n") == 1


@pytest.mark.parametrize(
    ("kind", "flag"),
    [
        (socket.SOCK_DGRAM, "--dns-port"),
        (socket.SOCK_STREAM, "--dns-port"),
        (socket.SOCK_STREAM, "--healthz-port"),
        (socket.SOCK_STREAM, "PROMETHEUS_PORT"),
    ],
)
def test_a_port_in_use_is_one_line_that_names_port_and_flag_and_exit_1(
    kind: socket.SocketKind, flag: str
) -> None:
    with socket.socket(type=kind) as taken:
        taken.bind((HOST, 0))
        if kind == socket.SOCK_STREAM:
            taken.listen()
        ports = {"--dns-port": free_port(), "--healthz-port": free_port()}
        env = {"PROMETHEUS_PORT": str(free_port())}
        port = taken.getsockname()[1]
        (ports if flag in ports else env)[flag] = port
        flags = [f"{name}={number}" for name, number in ports.items()]
        code, _, err = run_to_end(
            *flags,
            f"--dns-bind-address={HOST}",
            "--kube-master-url=http://127.0.0.1:1",
            env={name: str(value) for name, value in env.items()},
        )
    (line,) = (line for line in err.splitlines() if line.startswith("kubedns: "))
    assert code == 1
    assert f":{port}: Address already in use" in line or f"HTTP port {port}: " in line
    assert line.endswith(f"choose another with {flag}")
    assert "Traceback" not in err


@pytest.mark.parametrize(
    "content", [None, "", "{", "apiVersion: v1\nkind: Config\n", "\0\xff", "[1, 2]"]
)
def test_a_kubeconfig_that_cannot_be_used_is_one_line_and_exit_1(
    tmp_path: Path, content: str | None
) -> None:
    path = tmp_path / "kubeconfig"
    if content is not None:
        path.write_text(content)
    flags = [f"--dns-port={free_port()}", f"--healthz-port={free_port()}"]
    code, _, err = run_to_end(*flags, f"--dns-bind-address={HOST}", f"--kubecfg-file={path}")
    (line,) = (line for line in err.splitlines() if line.startswith("kubedns: "))
    assert code == 1
    assert str(path) in line and "--kubecfg-file" in line
    assert "Traceback" not in err


def test_outside_of_a_cluster_without_kubeconfig_is_one_line_and_exit_1() -> None:
    flags = [f"--dns-port={free_port()}", f"--healthz-port={free_port()}"]
    code, _, err = run_to_end(
        *flags, f"--dns-bind-address={HOST}", env={"KUBERNETES_SERVICE_HOST": ""}
    )
    assert code == 1
    assert "--kubecfg-file" in err.splitlines()[-1]


def test_what_has_no_effect_yet_is_said(cluster: DevCluster) -> None:
    flags = ("--federations=east=example.com", "--config-map=kube-dns", "--nameservers=10.0.0.1")
    with Kubedns(*flags, "--logtostderr", api=cluster.url) as kubedns:
        kubedns.wait_ready()
        for flag in ("--federations", "--nameservers", "--logtostderr"):
            assert kubedns.log.count(f"flag without effect flag={flag} ") == 1
