"""The HTTP pages that take their time: metrics for Prometheus, a list of what there is.

Answers from what is already known; no request causes a DNS query but those of `explain_page`.
Health checks are not here but in `health_pages`. Further pages register their routes on the
application that `create_app` makes.
"""

from __future__ import annotations

from flask import Flask, Response, request
from prometheus_client import CollectorRegistry
from prometheus_client.exposition import choose_encoder
from werkzeug.exceptions import HTTPException, MethodNotAllowed

from dnscore.log import get_logger
from sidecar.http_reply import TEXT
from sidecar.state import State


def create_app(
    state: State, registry: CollectorRegistry, *, metrics_path: str = "/metrics"
) -> Flask:
    """The WSGI application over a state and the registry that renders it."""
    app = Flask("sidecar", static_folder=None)

    @app.get(metrics_path)
    def metrics() -> Response:
        body, content_type = _render(registry, request.headers.get("Accept", ""))
        return Response(body, content_type=content_type)

    app.register_error_handler(HTTPException, _http_error)
    app.register_error_handler(Exception, _unexpected_error)
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
    return Response(body, status, content_type=TEXT)


def _http_error(error: HTTPException) -> Response:
    response = _text(f"{error.code} {error.name}\n", status=error.code or 500)
    if isinstance(error, MethodNotAllowed) and error.valid_methods:  # RFC 9110 15.5.6
        response.headers["Allow"] = ", ".join(sorted(error.valid_methods))
    return response


def _unexpected_error(error: Exception) -> Response:
    get_logger("sidecar.web").error("request failed", path=request.path, error=repr(error))
    return _text("500 Internal Server Error\n", status=500)
