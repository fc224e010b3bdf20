"""The pages, through Flask's test client."""

from __future__ import annotations

import io
import string

import pytest
from flask.testing import FlaskClient
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from dnscore import log
from sidecar.collector import build_registry
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


@pytest.mark.parametrize("path", ["/x", "/metrics/", "/static/x", "/%00"])
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
    assert client.head("/metrics").status_code == 200


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
    assert client.get("/metrics").status_code == 500  # It goes on answering.
