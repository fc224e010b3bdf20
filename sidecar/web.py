"""The HTTP application: health checks for kubelet, metrics for Prometheus.

Answers from what is already known; no request causes a DNS query.
"""

from __future__ import annotations

from datetime import UTC, datetime

from flask import Flask, Response, request
from prometheus_client import CollectorRegistry
from prometheus_client.exposition import choose_encoder
from werkzeug.exceptions import HTTPException, MethodNotAllowed

from dnscore.log import get_logger
from sidecar.state import State

_TEXT = "text/plain; charset=utf-8"


def create_app(
    state: State, registry: CollectorRegistry, *, metrics_path: str = "/metrics"
) -> Flask:
    """The WSGI application over a state and the registry that renders it."""
    app = Flask("sidecar", static_folder=None)

    @app.get("/healthcheck/<label>")
    def healthcheck(label: str) -> Response:
        health = state.health(label)
        if health is None:
            known = ", ".join(state.labels) or "none"
            return _text(f"no probe has this label; labels: {known}\n", status=404)
        status = 200 if health.ok else 503
        return Response(health.to_json(), status, content_type="application/json")

    @app.get("/healthz")
    def healthz() -> Response:
        return _text(f"ok ({datetime.now(UTC).isoformat(timespec='seconds')})\n")

    @app.get(metrics_path)
    def metrics() -> Response:
        body, content_type = _render(registry, request.headers.get("Accept", ""))
        return Response(body, content_type=content_type)

    @app.get("/")
    def index() -> Response:
        paths = [*(f"/healthcheck/{label}" for label in state.labels), "/healthz", metrics_path]
        return _text("\n".join(["kube-dns sidecar", *paths]) + "\n")

    app.register_error_handler(HTTPException, _http_error)
    app.register_error_handler(Exception, _unexpected_error)
    app.after_request(_common_headers)
    return app


def _render(registry: CollectorRegistry, accept: str) -> tuple[bytes, str]:
    """The metrics in the format that `accept` asks for."""
    try:
        encode, content_type = choose_encoder(accept)
        return encode(registry), content_type
    except (TypeError, ValueError):
        # prometheus_client trips over a version that is no number: such a client gets plain text.
        encode, content_type = choose_encoder("")
        return encode(registry), content_type


def _text(body: str, *, status: int = 200) -> Response:
    return Response(body, status, content_type=_TEXT)


def _http_error(error: HTTPException) -> Response:
    response = _text(f"{error.code} {error.name}\n", status=error.code or 500)
    if isinstance(error, MethodNotAllowed) and error.valid_methods:  # RFC 9110 15.5.6
        response.headers["Allow"] = ", ".join(sorted(error.valid_methods))
    return response


def _unexpected_error(error: Exception) -> Response:
    get_logger("sidecar.web").error("request failed", path=request.path, error=repr(error))
    return _text("500 Internal Server Error\n", status=500)


def _common_headers(response: Response) -> Response:
    response.headers["Cache-Control"] = "no-store"
    response.headers["X-Content-Type-Options"] = "nosniff"
    return response
