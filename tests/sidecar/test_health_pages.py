"""`/healthcheck/<label>` and `/healthz`: from the state at the clock's time, and nothing else."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest

from sidecar.health import ProbeResult
from sidecar.health_pages import HealthPages
from sidecar.http_reply import JSON, Reply
from sidecar.http_request import Request
from sidecar.probe_spec import parse_probe
from sidecar.state import State

NOW = 100.0
STOCK = ("IsOk", "LatencySeconds", "Err")


@pytest.fixture
def state() -> State:
    specs = [parse_probe(f"{label},127.0.0.1,x.test,5,A") for label in ("kubedns", "dnsmasq")]
    return State(specs, clock=lambda: NOW)


def get(state: State, path: str, *, method: str = "GET") -> Reply | None:
    return HealthPages(state)(Request(method, path, "", {}, keep_alive=True))


def health(state: State, label: str) -> tuple[int, dict[str, Any]]:
    reply = get(state, f"/healthcheck/{label}")
    assert reply is not None and reply.content_type == JSON
    return reply.status, json.loads(reply.body)


def stock(state: State, label: str) -> tuple[int, tuple[Any, ...]]:
    status, body = health(state, label)
    return status, tuple(body[name] for name in STOCK)


def test_before_the_first_probe(state: State) -> None:
    assert stock(state, "kubedns") == (503, (False, 0, "waiting for first probe"))


def test_the_last_probe_decides(state: State) -> None:
    state.record_probe("kubedns", ProbeResult(NOW - 1, 0.25))
    assert stock(state, "kubedns") == (200, (True, 0.25, ""))
    assert health(state, "dnsmasq")[0] == 503
    state.record_probe("kubedns", ProbeResult(NOW, 2.0, "no answer", answered=False))
    assert stock(state, "kubedns") == (503, (False, 0, "no answer"))


def test_a_cache_that_lives_before_a_dead_kubedns_is_seen_to(state: State) -> None:
    state.record_probe("dnsmasq", ProbeResult(NOW - 1, 0.3, "stale answer", stale=True))
    status, body = health(state, "dnsmasq")
    assert (status, body["IsOk"], body["Answered"], body["Stale"]) == (503, False, True, True)


def test_a_result_that_is_too_old_is_unhealthy_and_tells_its_age(state: State) -> None:
    state.record_probe("kubedns", ProbeResult(NOW - 30, 0.25))
    status, body = health(state, "kubedns")
    assert (status, body["AgeSeconds"]) == (503, 30)
    assert "30 s ago" in body["Err"]


@pytest.mark.parametrize("label", ["<script>", "", "a/b", "x" * 10_000])
def test_an_unknown_label_is_404_and_names_the_known_ones(state: State, label: str) -> None:
    reply = get(state, f"/healthcheck/{label}")
    assert reply is not None
    assert reply.status == 404
    assert reply.body == b"no probe has this label; labels: kubedns, dnsmasq\n"


def test_healthz_tells_the_time(state: State) -> None:
    reply = get(state, "/healthz")
    assert reply is not None and reply.status == 200
    assert re.fullmatch(rb"ok \(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\+00:00\)\n", reply.body)


def test_only_reading_is_allowed(state: State) -> None:
    reply = get(state, "/healthz", method="POST")
    assert reply is not None
    assert (reply.status, reply.more) == (405, (("Allow", "GET, HEAD"),))


@pytest.mark.parametrize("path", ["/", "/metrics", "/healthz/", "/healthcheck"])
def test_other_paths_are_other_pages(state: State, path: str) -> None:
    assert get(state, path) is None
