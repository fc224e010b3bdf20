"""The HTTP pages of a running kubedns."""

from __future__ import annotations

import json
import re

import pytest
from prometheus_client.parser import text_string_to_metric_families

from dnscore import VERSION
from tests.kubedns_process.daemon import Kubedns

RESIDENT_MIB_MAX = 70.0
"""Some 50 on the sample cluster; a tenth of it may depend on what else is installed."""


def test_probes(kubedns: Kubedns) -> None:
    for path in ("/readiness", "/readyz", "/livez", "/healthz"):
        page = kubedns.get(path)
        assert (page.status, page.text) == (200, "ok\n"), path


def test_readyz_verbose_tells_of_each_watch(kubedns: Kubedns) -> None:
    lines = kubedns.get("/readyz?verbose").text.splitlines()
    for line, resource in zip(lines, ("services", "endpointslices", "namespaces"), strict=False):
        state = r"watching, [1-9]\d* objects, last heard \d+\.\d s ago"
        assert re.fullmatch(rf"\[\+\] watch {resource}: {state}", line)
    assert lines[3:] == ["[+] API server", "[+] not draining", "ready"]


def test_cache_is_the_tree_in_kube_dns_shape(kubedns: Kubedns) -> None:
    page = kubedns.get("/cache")
    assert page.status == 200
    tree = json.loads(page.text)
    for label in ("local", "cluster", "svc", "shop", "web", "_tcp", "_http"):
        assert set(tree) == {"ChildNodes", "Entries"}
        tree = tree["ChildNodes"][label]
    (record,) = tree["Entries"].values()
    assert record == {
        "host": "web.shop.svc.cluster.local.",
        "port": 80,
        "priority": 10,
        "weight": 10,
        "ttl": 30,
    }


@pytest.mark.parametrize("path", ["/", "/metrics", "/debug/pprof/", "/cache/x"])
def test_other_paths_are_not_found(kubedns: Kubedns, path: str) -> None:
    assert kubedns.get(path).status == 404


def scrape(kubedns: Kubedns) -> dict[tuple[str, ...], float]:
    page = kubedns.get("/metrics", kubedns.metrics_port)
    assert page.status == 200
    return {
        (sample.name, *(f"{name}={value}" for name, value in sorted(sample.labels.items()))): (
            sample.value
        )
        for family in text_string_to_metric_families(page.text)
        for sample in family.samples
    }


def test_metrics_count_what_is_asked(kubedns: Kubedns) -> None:
    before = scrape(kubedns)
    for tcp in (False, False, False, True, True):  # most of them are answered as they were before
        kubedns.ask("web.shop.svc.cluster.local.", tcp=tcp)
        kubedns.ask("uncounted.shop.svc.cluster.local.", tcp=tcp)
        kubedns.ask("mail.example.com.", tcp=tcp)
        kubedns.ask("21.0.96.10.in-addr.arpa.", "PTR", tcp=tcp)
    after = scrape(kubedns)

    def grown(*key: str) -> float:
        return after[key] - before[key]

    count = "skydns_skydns_dns_request_count_total"
    durations, sizes = "request_duration_seconds_count", "response_size_bytes_count"
    for system, queries in (("auth", 10), ("recursive", 5), ("reverse", 5)):
        assert grown(count, f"system={system}") == queries
        for name in (durations, sizes):
            assert grown(f"skydns_skydns_dns_{name}", f"system={system}") == queries
    errors = "skydns_skydns_dns_error_count_total"
    assert grown(errors, "cause=nxdomain", "system=auth") == 5
    for cause in ("nxdomain", "refused", "servfail", "truncated", "overflow"):
        for system in ("auth", "recursive", "reverse"):
            assert (errors, f"cause={cause}", f"system={system}") in after
    misses = grown("skydns_skydns_dns_cachemiss_count_total", "cache=response")
    assert misses + grown("kubedns_prebuilt_answers_total") >= 10
    assert misses <= 4, "each name once over UDP and once over TCP, unless it was known"


def test_metrics_describe_the_daemon(kubedns: Kubedns) -> None:
    metrics = scrape(kubedns)
    assert any(key[0] == "kubedns_build_info" and f"version={VERSION}" in key for key in metrics)
    assert metrics["kubedns_ready",] == metrics["kubedns_api_server_up",] == 1
    for resource in ("services", "endpointslices"):
        label = f"resource={resource}"
        assert metrics["kubedns_watch_synced", label] == 1
        assert metrics["kubedns_watch_objects", label] > 5
        assert metrics["kubedns_watch_silence_seconds", label] >= 0
        states = {
            state: metrics["kubedns_watch_state", label, f"state={state}"]
            for state in ("listing", "watching", "waiting", "refused")
        }
        assert states == {"listing": 0, "watching": 1, "waiting": 0, "refused": 0}
        for name in ("errors", "relists", "bad_objects"):
            assert metrics[f"kubedns_watch_{name}_total", label] == 0
        assert metrics["kubedns_watch_opened_total", label] >= 1
    assert metrics["process_resident_memory_bytes",] > 0


def test_metrics_have_a_port_of_their_own(kubedns: Kubedns) -> None:
    assert kubedns.get("/readiness", kubedns.metrics_port).status == 404


def test_memory_of_an_idle_daemon(kubedns: Kubedns) -> None:
    assert kubedns.resident_mib < RESIDENT_MIB_MAX
