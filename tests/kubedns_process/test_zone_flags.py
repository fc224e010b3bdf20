"""Flags that change what names there are: --pods, --endpoint-names, --federations, as a process."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from devcluster.cluster import DevCluster
from tests.fakes.dns_server import DnsServer
from tests.kubedns_process.daemon import Kubedns
from tests.waiting import eventually

SVC = "svc.cluster.local."
POD = "pod.cluster.local."
ELSEWHERE = "absent.shop.east.svc.zone-a.region-1.east.example.com."


@pytest.fixture(scope="module")
def other(cluster: DevCluster) -> Iterator[Kubedns]:
    with DnsServer(f"{ELSEWHERE} 300 IN A 192.0.2.30") as upstream:
        flags = (
            "--pods=verified", "--endpoint-names=pod", "--federations=east=east.example.com",
            f"--nameservers={upstream.address}",
        )  # fmt: skip
        with Kubedns(*flags, api=cluster.url) as running:
            yield running.wait_ready()


def test_only_pods_that_run_have_names(other: Kubedns) -> None:
    name = f"10-244-1-7.prod.{POD}"
    assert other.answers(name) == [f"{name} A 10.244.1.7"]
    assert other.answers(name, "AAAA") == [f"{name} AAAA fd00:10:244:1::7"]
    assert other.answers(f"10-244-1-99.prod.{POD}") == ["NXDOMAIN"]
    assert other.answers(f"10-244-1-7.shop.{POD}") == ["NXDOMAIN"]


def test_endpoints_without_a_hostname_go_by_their_pods(other: Kubedns) -> None:
    name = f"workers.shop.{SVC}"
    assert other.answers(name, "SRV") == [
        f"{name} SRV 10 50 0 worker-1.{name}", f"{name} SRV 10 50 0 worker-2.{name}"
    ]  # fmt: skip
    assert other.answers(f"worker-1.{name}") == [f"worker-1.{name} A 10.244.1.11"]


def test_a_federated_name_leads_to_the_other_cluster(other: Kubedns) -> None:
    name = f"absent.shop.east.{SVC}"
    expected = sorted([f"{name} CNAME {ELSEWHERE}", f"{ELSEWHERE} A 192.0.2.30"])
    # The first question has the nodes be read.
    eventually(lambda: other.answers(name) == expected, 10.0)
    assert other.answers(f"web.shop.east.{SVC}")[-1].startswith(f"web.shop.{SVC} A ")


def test_federations_of_the_configuration_come_and_go(cluster: DevCluster, tmp_path: Path) -> None:
    flags = (f"--config-dir={tmp_path}", "--config-period=100ms", "--pods=disabled")
    name = f"web.shop.east.{SVC}"
    with Kubedns(*flags, api=cluster.url) as running:
        running.wait_ready()
        assert running.answers(f"10-244-1-7.prod.{POD}") == ["NXDOMAIN"]
        assert running.answers(name) == ["NXDOMAIN"]
        (tmp_path / "federations").write_text("east=east.example.com")
        eventually(lambda: running.answers(name, "CNAME") == [f"{name} CNAME web.shop.{SVC}"], 10.0)
        (tmp_path / "federations").write_text("invalid.map=xyz")
        eventually(lambda: "last good one stays" in running.log, 10.0)
        assert running.answers(name, "CNAME") == [f"{name} CNAME web.shop.{SVC}"]
        (tmp_path / "federations").unlink()
        eventually(lambda: running.answers(name) == ["NXDOMAIN"], 10.0)
