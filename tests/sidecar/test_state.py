"""The state between the worker threads and the requests."""

from __future__ import annotations

from sidecar.health import ProbeResult
from sidecar.probe_spec import parse_probe
from sidecar.state import State
from sidecar.stats import CacheSample

SPECS = [parse_probe("a,127.0.0.1,x.test,5,A"), parse_probe("b,127.0.0.1,x.test,5,A")]


def test_a_reading_does_not_change_with_what_comes_later() -> None:
    state = State(SPECS)
    before = state.read()
    state.record_probe("a", ProbeResult(1.0, 0.001))
    state.record_probe("a", ProbeResult(2.0, 2.0, "no answer"))
    state.record_cache(CacheSample(hits=3))
    state.record_cache_error()
    after = state.read()
    assert (before.probes[0].errors, before.probes[0].latency.count) == (0, 0)
    assert (before.cache.totals.hits, before.cache.errors) == (0, 0)
    assert [(p.label, p.errors, p.latency.count) for p in after.probes] == [
        ("a", 1, 1),
        ("b", 0, 0),
    ]
    assert (after.cache.totals.hits, after.cache.errors) == (3, 1)


def test_a_change_of_verdict_is_told_once() -> None:
    state = State(SPECS)
    good, bad = ProbeResult(1.0, 0.001), ProbeResult(1.0, 2.0, "no answer")
    told = [state.record_probe("a", result) for result in (good, good, bad, bad, good)]
    assert told == [True, False, True, False, True]


def test_health_is_by_label_and_by_the_clock() -> None:
    now = [100.0]
    state = State(SPECS, clock=lambda: now[0])
    state.record_probe("a", ProbeResult(100.0, 0.001))
    states = {label: state.health(label) for label in ("a", "b")}
    assert {label: health and health.ok for label, health in states.items()} == {
        "a": True,
        "b": False,
    }
    now[0] = 118.0
    stale = state.health("a")
    assert stale is not None and not stale.ok
    assert state.health("c") is None
