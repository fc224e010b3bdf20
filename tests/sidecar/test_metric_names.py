"""Every name that stock dashboards query is there, beside well-named twins, in both formats."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from prometheus_client.core import Metric
from prometheus_client.exposition import choose_encoder, generate_latest
from prometheus_client.openmetrics import parser as openmetrics_parser
from prometheus_client.parser import text_string_to_metric_families as parse_text

from dnscore import VERSION
from sidecar.collector import build_registry
from sidecar.health import ProbeResult
from sidecar.probe_spec import parse_probe
from sidecar.state import State
from sidecar.stats import CacheSample

STOCK_CACHE = {
    "kubedns_dnsmasq_hits": 10,
    "kubedns_dnsmasq_misses": 20,
    "kubedns_dnsmasq_evictions": 30,
    "kubedns_dnsmasq_insertions": 40,
    "kubedns_dnsmasq_max_size": 50,
    "kubedns_dnsmasq_errors": 1,
}
TWINS = {
    "kubedns_dnsmasq_cache_hits_total": 10,
    "kubedns_dnsmasq_cache_misses_total": 20,
    "kubedns_dnsmasq_cache_evictions_total": 30,
    "kubedns_dnsmasq_cache_insertions_total": 40,
    "kubedns_dnsmasq_cache_capacity_entries": 50,
    "kubedns_dnsmasq_scrape_errors_total": 1,
}


def busy_state(*labels: str) -> State:
    state = State([parse_probe(f"{label},127.0.0.1,x.test,5,A") for label in labels])
    for label in labels:
        state.record_probe(label, ProbeResult(1.0, 0.0015))
        state.record_probe(label, ProbeResult(2.0, 0.3))
        state.record_probe(label, ProbeResult(3.0, 2.0, "no answer"))
    state.record_cache(CacheSample(10, 20, 30, 40, 50))
    state.record_cache_error()
    return state


def text(*labels: str, namespace: str = "kubedns") -> str:
    return generate_latest(build_registry(busy_state(*labels), namespace=namespace)).decode()


def openmetrics(*labels: str) -> str:
    registry = build_registry(busy_state(*labels), namespace="kubedns")
    encode, content_type = choose_encoder("application/openmetrics-text; version=1.0.0")
    assert content_type.startswith("application/openmetrics-text")
    return encode(registry).decode()


def parse_openmetrics(rendered: str) -> Iterator[Metric]:
    return openmetrics_parser.text_string_to_metric_families(rendered)  # type: ignore[no-any-return, no-untyped-call]


def samples(families: list[Metric]) -> dict[str, float]:
    found: dict[str, float] = {}
    for family in families:
        for sample in family.samples:
            labels = ",".join(f"{k}={v}" for k, v in sorted(sample.labels.items()))
            key = f"{sample.name}{{{labels}}}" if labels else sample.name
            assert key not in found, f"{key} is exported twice"
            found[key] = sample.value
    return found


@pytest.mark.parametrize("fmt", ["text", "openmetrics"])
def test_stock_names_and_their_twins(fmt: str) -> None:
    if fmt == "text":
        got = samples(list(parse_text(text("kubedns", "dnsmasq"))))
    else:
        got = samples(list(parse_openmetrics(openmetrics("kubedns", "dnsmasq"))))
    expected = {
        **STOCK_CACHE,
        **TWINS,
        "kubedns_probe_kubedns_errors": 1,
        "kubedns_probe_dnsmasq_errors": 1,
        "kubedns_probe_kubedns_latency_ms_count": 2,
        "kubedns_probe_kubedns_latency_ms_sum": pytest.approx(301.5),
        "kubedns_probe_kubedns_latency_ms_bucket{le=1.0}": 0,
        "kubedns_probe_kubedns_latency_ms_bucket{le=2.0}": 1,
        "kubedns_probe_kubedns_latency_ms_bucket{le=512.0}": 2,
        "kubedns_probe_kubedns_latency_ms_bucket{le=8192.0}": 2,
        "kubedns_probe_kubedns_latency_ms_bucket{le=+Inf}": 2,
        "kubedns_probe_errors_total{label=kubedns}": 1,
        "kubedns_probe_latency_seconds_count{label=dnsmasq}": 2,
        "kubedns_probe_latency_seconds_sum{label=dnsmasq}": pytest.approx(0.3015),
        "kubedns_probe_latency_seconds_bucket{label=dnsmasq,le=0.00025}": 0,
        "kubedns_probe_latency_seconds_bucket{label=dnsmasq,le=0.002}": 1,
        "kubedns_probe_latency_seconds_bucket{label=dnsmasq,le=8.192}": 2,
    }
    assert {name: got.get(name) for name in expected} == expected
    assert f"version={VERSION}" in next(
        n for n in got if n.startswith("kubedns_sidecar_build_info")
    )
    assert got["process_resident_memory_bytes"] > 1e6


def test_stock_names_stand_at_the_beginning_of_a_line_without_labels() -> None:
    lines = text("kubedns").splitlines()
    for name, value in {**STOCK_CACHE, "kubedns_probe_kubedns_errors": 1}.items():
        assert f"{name} {float(value)}" in lines


def test_the_stock_histogram_has_sixteen_buckets_and_inf() -> None:
    lines = [x for x in text("a").splitlines() if x.startswith("kubedns_probe_a_latency_ms_bucket")]
    assert len(lines) == 17
    assert lines[0].startswith('kubedns_probe_a_latency_ms_bucket{le="0.25"}')


@pytest.mark.parametrize("rendered", [text("a"), openmetrics("a")], ids=["text", "openmetrics"])
def test_no_created_series(rendered: str) -> None:
    assert "_created" not in rendered


def test_figures_are_there_before_the_first_round() -> None:
    state = State([parse_probe("a,127.0.0.1,x.test,5,A")])
    rendered = generate_latest(build_registry(state, namespace="kubedns")).decode()
    got = samples(list(parse_text(rendered)))
    assert [got[name] for name in STOCK_CACHE] == [0] * 6
    assert got["kubedns_probe_a_errors"] == got["kubedns_probe_a_latency_ms_count"] == 0


@pytest.mark.parametrize(("namespace", "name"), [("dns", "dns_dnsmasq_hits"), ("", "dnsmasq_hits")])
def test_the_namespace_is_before_every_own_name(namespace: str, name: str) -> None:
    rendered = text("a", namespace=namespace)
    assert f"\n{name} 10.0\n" in rendered
    assert "kubedns" not in rendered


def test_two_registries_do_not_share_figures() -> None:
    assert "kubedns_dnsmasq_hits 10.0" in text("a")
    empty = generate_latest(build_registry(State([]), namespace="kubedns")).decode()
    assert "kubedns_dnsmasq_hits 0.0" in empty


_LABEL = st.from_regex(r"\A[a-zA-Z0-9_]{1,12}\Z") | st.sampled_from(
    ["errors", "latency", "latency_ms", "a_latency_ms", "errors_total", "latency_seconds", "a"]
)


@settings(max_examples=50, deadline=None)
@given(st.lists(_LABEL, unique=True, max_size=4))
def test_no_set_of_labels_makes_names_clash(labels: list[str]) -> None:
    samples(list(parse_text(text(*labels))))
    families = list(parse_openmetrics(openmetrics(*labels)))
    samples(families)
    names = [family.name for family in families]
    assert len(names) == len(set(names))
