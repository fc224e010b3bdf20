"""The real process: `python -m sidecar` against scripted DNS servers, over HTTP and signals."""

from __future__ import annotations

import signal
import socket
from pathlib import Path

import pytest

from tests.fakes.dns_server import DnsServer, Silence
from tests.sidecar.process import SidecarProcess, run_to_end
from tests.waiting import eventually

NAME = "kubernetes.default.svc.cluster.local"
ZONE = f"""
{NAME}. 5 IN SRV 10 100 443 {NAME}.
{NAME}. 5 IN A 10.0.0.1
hits.bind. 0 CH TXT "10"
misses.bind. 0 CH TXT "20"
evictions.bind. 0 CH TXT "30"
insertions.bind. 0 CH TXT "40"
cachesize.bind. 0 CH TXT "50"
"""


def flags(kubedns: DnsServer, dnsmasq: DnsServer) -> list[str]:
    return [
        "--v=2",
        "--logtostderr",
        f"--probe=kubedns,{kubedns.address},{NAME},1,SRV",
        f"--probe=dnsmasq,{dnsmasq.address},{NAME},1,SRV",
        f"--dnsmasq-addr={dnsmasq.host}",
        f"--dnsmasq-port={dnsmasq.port}",
        "--dnsmasq-poll-interval-ms=100",
    ]


def test_health_goes_from_waiting_to_ok_to_failed_when_the_server_dies() -> None:
    kubedns = DnsServer(ZONE)  # listens, and does not answer yet
    with DnsServer(ZONE) as dnsmasq, SidecarProcess(*flags(kubedns, dnsmasq)) as sidecar:
        status, body = sidecar.health("kubedns")
        assert (status, body["Err"]) == (503, "waiting for first probe")
        kubedns.start()
        eventually(lambda: sidecar.health("kubedns")[0] == 200)
        eventually(lambda: sidecar.health("dnsmasq")[0] == 200)
        assert sidecar.health("kubedns")[1]["LatencySeconds"] > 0
        kubedns.stop()
        eventually(lambda: sidecar.health("kubedns")[0] == 503)
        assert (
            sidecar.health("kubedns")[1]["Err"]
            == f"cannot ask {kubedns.address}: Connection refused"
        )
        assert sidecar.health("dnsmasq")[0] == 200
        with DnsServer(ZONE, port=kubedns.port):
            eventually(lambda: sidecar.health("kubedns")[0] == 200)
        assert any("probe failed" in line for line in sidecar.log)


def test_metrics_have_every_stock_name_and_follow_a_restart_of_the_cache() -> None:
    with DnsServer(ZONE) as server, SidecarProcess(*flags(server, server)) as sidecar:

        def metrics() -> dict[str, float]:
            status, body = sidecar.get("/metrics")
            assert status == 200
            lines = [line for line in body.splitlines() if not line.startswith("#")]
            return {name: float(value) for name, value in (x.rsplit(" ", 1) for x in lines)}

        eventually(lambda: metrics()["kubedns_dnsmasq_hits"] == 10)
        eventually(lambda: metrics()["kubedns_probe_kubedns_latency_ms_count"] >= 1)
        eventually(lambda: metrics()["kubedns_probe_dnsmasq_latency_ms_count"] >= 1)
        seen = metrics()
        for name, value in {
            "kubedns_dnsmasq_misses": 20,
            "kubedns_dnsmasq_evictions": 30,
            "kubedns_dnsmasq_insertions": 40,
            "kubedns_dnsmasq_max_size": 50,
            "kubedns_dnsmasq_errors": 0,
            "kubedns_probe_kubedns_errors": 0,
            "kubedns_probe_dnsmasq_errors": 0,
            'kubedns_probe_errors_total{label="kubedns"}': 0,
        }.items():
            assert seen[name] == value
        server.set_zone(ZONE.replace('"10"', '"3"'))
        polls = server.count("cachesize.bind.")
        eventually(lambda: server.count("cachesize.bind.") >= polls + 3)
        assert metrics()["kubedns_dnsmasq_hits"] == 10
        server.on("hits.bind.", Silence(), times=1)
        eventually(lambda: metrics()["kubedns_dnsmasq_errors"] >= 1)
        server.set_zone(ZONE.replace('"10"', '"5"'))
        eventually(lambda: metrics()["kubedns_dnsmasq_hits"] == 12)


def test_a_dead_server_delays_neither_other_probes_nor_http() -> None:
    with DnsServer(ZONE) as good, DnsServer() as dead:
        dead.on_all(Silence())
        with SidecarProcess(
            f"--probe=dead,{dead.address},{NAME},1,A",
            f"--probe=good,{good.address},{NAME},1,A",
            f"--dnsmasq-port={dead.port}",
            "--dnsmasq-poll-interval-ms=10",
        ) as sidecar:
            eventually(lambda: sidecar.health("good")[0] == 200)
            eventually(lambda: "no answer from" in sidecar.health("dead")[1]["Err"])
            before, asked = good.count(f"{NAME}."), dead.count(f"{NAME}.")
            eventually(lambda: good.count(f"{NAME}.") >= before + 4, 30.0)
            # Four rounds of one second; behind a dead server's rounds, of two questions that take
            # two seconds each, there would be six such questions at least.
            assert dead.count(f"{NAME}.") - asked < 5
            for _ in range(20):
                assert sidecar.health("good")[0] == 200


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_ends_it_cleanly_even_amid_a_hanging_probe(number: signal.Signals) -> None:
    with DnsServer() as dead:
        dead.on_all(Silence())
        with SidecarProcess(*flags(dead, dead)) as sidecar:
            eventually(lambda: dead.count(f"{NAME}.") >= 1)
            # An idle connection must not hold it up either.
            with socket.create_connection(("127.0.0.1", sidecar.port)):
                assert sidecar.get("/healthz")[0] == 200
                sidecar.signal(number)
                assert sidecar.wait() == 0
        assert any("stopping" in line and number.name in line for line in sidecar.log)
        assert not any("Traceback" in line for line in sidecar.log)


def test_hangup_and_continue_are_ignored() -> None:
    with DnsServer(ZONE) as server, SidecarProcess(*flags(server, server)) as sidecar:
        sidecar.signal(signal.SIGHUP)
        sidecar.signal(signal.SIGCONT)
        eventually(lambda: sidecar.health("kubedns")[0] == 200)
        assert sidecar.alive()


@pytest.mark.parametrize(
    ("words", "reason"),
    [
        (["--no-such-flag=1"], "unknown flag: --no-such-flag"),
        (["--probe=a,127.0.0.1,x.test,0,A"], "--probe: interval must be from 1"),
        (["-probe", "a,::1,x.test", "-probe", "a,::1,x.test"], "'a' is given twice"),
    ],
)
def test_a_bad_command_line_is_one_line_and_status_2(words: list[str], reason: str) -> None:
    ended = run_to_end(words)
    assert ended.returncode == 2
    assert ended.stdout == ""
    assert len(ended.stderr.splitlines()) == 1
    assert ended.stderr.startswith("sidecar: ")
    assert reason in ended.stderr


def test_a_port_in_use_is_one_line_that_names_port_and_flag() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        ended = run_to_end(["--prometheus-addr=127.0.0.1", f"--prometheus-port={port}"])
    assert ended.returncode == 1
    assert len(ended.stderr.splitlines()) == 1
    assert f"port {port}" in ended.stderr
    assert "--prometheus-port" in ended.stderr


def test_ipv6_everywhere() -> None:
    with DnsServer(ZONE, host="::1") as server:
        sidecar = SidecarProcess(
            "--prometheus-addr=[::1]",
            f"--probe=six,[::1]:{server.port},{NAME},1,A",
            "--dnsmasq-addr=::1",
            f"--dnsmasq-port={server.port}",
        )
        with sidecar:
            eventually(lambda: server.count("cachesize.bind.") and server.count(f"{NAME}."))
            assert any("address=[::1]:" in line for line in sidecar.log)


def test_resident_memory_stays_small_under_scrapes() -> None:
    with DnsServer(ZONE) as server, SidecarProcess(*flags(server, server)) as sidecar:
        for _ in range(50):
            assert sidecar.get("/metrics")[0] == 200
        status = Path(f"/proc/{sidecar.pid}/status").read_text()
        resident_kb = int(status.split("VmRSS:")[1].split()[0])
        # 38 MB measured; 43 where the test tools are installed, whose `rich` structlog loads.
        assert resident_kb < 48 * 1024
