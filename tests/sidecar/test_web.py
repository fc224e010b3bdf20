"""The HTTP endpoints, through Flask's test client."""

from __future__ import annotations

import io
import re
import string

import pytest
from flask.testing import FlaskClient
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from dnscore import log
from sidecar.collector import build_registry
from sidecar.health import ProbeResult
from sidecar.probe_spec import parse_probe
from sidecar.state import State
from sidecar.web import create_app

NOW = 100.0


@pytest.fixture
def state() -> State:
    specs = [parse_probe(f"{label},127.0.0.1,x.test,5,A") for label in ("kubedns", "dnsmasq")]
    return State(specs, clock=lambda: NOW)


@pytest.fixture
def client(state: State) -> FlaskClient:
    return create_app(state, build_registry(state, namespace="kubedns")).test_client()


def test_healthcheck_before_the_first_probe(client: FlaskClient) -> None:
    answer = client.get("/healthcheck/kubedns")
    assert (answer.status_code, answer.content_type) == (503, "application/json")
    assert answer.json == {"IsOk": False, "LatencySeconds": 0, "Err": "waiting for first probe"}


def test_healthcheck_follows_the_last_probe(client: FlaskClient, state: State) -> None:
    state.record_probe("kubedns", ProbeResult(NOW - 1, 0.25))
    answer = client.get("/healthcheck/kubedns")
    assert (answer.status_code, answer.content_type) == (200, "application/json")
    assert answer.json == {"IsOk": True, "LatencySeconds": 0.25, "Err": ""}
    assert client.get("/healthcheck/dnsmasq").status_code == 503
    state.record_probe("kubedns", ProbeResult(NOW, 2.0, "no answer"))
    answer = client.get("/healthcheck/kubedns")
    assert answer.status_code == 503
    assert answer.json == {"IsOk": False, "LatencySeconds": 0, "Err": "no answer"}


def test_a_result_that_is_too_old_is_unhealthy(client: FlaskClient, state: State) -> None:
    state.record_probe("kubedns", ProbeResult(NOW - 30, 0.25))
    answer = client.get("/healthcheck/kubedns")
    assert answer.status_code == 503
    assert "30 s ago" in answer.text


def test_an_unknown_label_is_404_and_names_the_known_ones(client: FlaskClient) -> None:
    answer = client.get("/healthcheck/<script>")
    assert (answer.status_code, answer.mimetype) == (404, "text/plain")
    assert "kubedns, dnsmasq" in answer.text
    assert "script" not in answer.text


def test_healthz_tells_the_time(client: FlaskClient) -> None:
    answer = client.get("/healthz")
    assert (answer.status_code, answer.mimetype) == (200, "text/plain")
    assert re.fullmatch(r"ok \(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\+00:00\)\n", answer.text)


def test_metrics_are_text_unless_openmetrics_is_asked_for(client: FlaskClient) -> None:
    plain = client.get("/metrics")
    assert plain.status_code == 200
    assert plain.content_type == "text/plain; version=0.0.4; charset=utf-8"
    assert "\nkubedns_dnsmasq_hits 0.0\n" in plain.text
    accept = {"Accept": "application/openmetrics-text;version=1.0.0,text/plain;q=0.5"}
    negotiated = client.get("/metrics", headers=accept)
    assert negotiated.content_type.startswith("application/openmetrics-text; version=1.0.0")
    assert negotiated.text.endswith("# EOF\n")


_ACCEPT_WORDS = st.sampled_from(
    [
        "application/openmetrics-text",
        "text/plain",
        "*/*",
        ";",
        ",",
        "version=",
        "escaping=",
        "q=0.5",
    ]
) | st.text(string.ascii_letters + string.digits + "./=;, ", max_size=8)


@settings(deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@example(["application/openmetrics-text; version=x"])
@example(["application/openmetrics-text; version=1.0.0; escaping=x"])
@example(["application/openmetrics-text; version=99"])
@given(st.lists(_ACCEPT_WORDS, max_size=8))
def test_any_accept_header_gets_metrics(client: FlaskClient, words: list[str]) -> None:
    answer = client.get("/metrics", headers={"Accept": "".join(words)})
    assert answer.status_code == 200
    assert "kubedns_dnsmasq_hits" in answer.text


def test_the_metrics_path_can_be_elsewhere(state: State) -> None:
    registry = build_registry(state, namespace="kubedns")
    client = create_app(state, registry, metrics_path="/a/b").test_client()
    assert client.get("/a/b").status_code == 200
    assert client.get("/metrics").status_code == 404
    assert "/a/b" in client.get("/").text


def test_the_index_lists_what_there_is(client: FlaskClient) -> None:
    answer = client.get("/")
    assert answer.mimetype == "text/plain"
    for line in answer.text.splitlines()[1:]:
        assert client.get(line).status_code in (200, 503)
    assert "/healthcheck/dnsmasq" in answer.text.splitlines()


@pytest.mark.parametrize(
    "path", ["/x", "/healthcheck/", "/healthcheck/a/b", "/metrics/", "/static/x"]
)
def test_everything_else_is_a_plain_404(client: FlaskClient, path: str) -> None:
    answer = client.get(path)
    assert (answer.status_code, answer.mimetype, answer.text) == (
        404,
        "text/plain",
        "404 Not Found\n",
    )


def test_only_reading_is_allowed(client: FlaskClient) -> None:
    answer = client.post("/metrics", data=b"x")
    assert answer.status_code == 405
    assert answer.headers["Allow"] == "GET, HEAD, OPTIONS"
    assert client.head("/healthz").status_code == 200


def test_nothing_is_cached_or_sniffed(client: FlaskClient) -> None:
    for path in ("/healthcheck/kubedns", "/metrics", "/", "/x"):
        headers = client.get(path).headers
        assert headers["Cache-Control"] == "no-store"
        assert headers["X-Content-Type-Options"] == "nosniff"


def test_a_fault_inside_is_a_plain_500_and_a_line_in_the_log() -> None:
    class Broken(State):
        def read(self) -> object:  # type: ignore[override]
            raise RuntimeError("secret")

    written = io.StringIO()
    log.configure(stream=written)
    state = Broken([])
    client = create_app(state, build_registry(state, namespace="kubedns")).test_client()
    answer = client.get("/metrics")
    assert (answer.status_code, answer.text) == (500, "500 Internal Server Error\n")
    assert "request failed path=/metrics" in written.getvalue()
    assert client.get("/healthz").status_code == 200
