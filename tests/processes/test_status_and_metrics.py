"""What operators read of the pod over HTTP and CHAOS."""

from __future__ import annotations

import json

import dns.message
import dns.query
import pytest

from localrun.plan import HOST
from tests.processes.pod import Pod
from tests.waiting import eventually


def test_readiness(pod: Pod) -> None:
    assert pod.get(pod.options.kubedns_health_port, "/readiness") == (200, "ok\n")


def test_cache_dump_has_the_services(pod: Pod) -> None:
    status, body = pod.get(pod.options.kubedns_health_port, "/cache")
    assert status == 200
    tree = json.loads(body)
    for label in ("local", "cluster", "svc", "shop", "web"):
        tree = tree["ChildNodes"][label]
    assert [entry["host"] for entry in tree["Entries"].values()] == ["10.96.0.20"]


def test_kubedns_counts_queries(pod: Pod) -> None:
    pod.ask("web.shop.svc.cluster.local. A", port=pod.options.kubedns_port)
    status, body = pod.get(pod.options.kubedns_metrics_port, "/metrics")
    assert status == 200
    assert 'skydns_skydns_dns_request_count_total{system="auth"}' in body


@pytest.mark.parametrize("counter", ["cachesize", "insertions", "evictions", "misses", "hits"])
def test_front_tells_its_counters_in_class_chaos(pod: Pod, counter: str) -> None:
    query = dns.message.make_query(f"{counter}.bind", "TXT", "CH")
    query.flags = 0  # Exporters ask without RD.
    (rrset,) = dns.query.udp(query, HOST, timeout=5, port=pod.options.front_port).answer
    (text,) = rrset
    assert int(text.strings[0]) >= (1000 if counter == "cachesize" else 0)


def test_sidecar_exports_what_the_front_counts(pod: Pod) -> None:
    def exported() -> bool:
        body = pod.get(pod.options.sidecar_port, "/metrics")[1]
        return "kubedns_dnsmasq_max_size 1000.0" in body

    eventually(exported, 15.0, "kubedns_dnsmasq_max_size is not 1000")
    body = pod.get(pod.options.sidecar_port, "/metrics")[1]
    for name in ("hits", "misses", "evictions", "insertions", "errors"):
        assert f"\nkubedns_dnsmasq_{name} " in body
    for label in ("kubedns", "dnsmasq"):
        assert f"kubedns_probe_{label}_latency_ms_bucket" in body
        assert f"kubedns_probe_{label}_errors" in body
