"""The status page at `/` and the same as JSON at `/status.json`, of what is already known.

Everything is in the one document: style and script too, allowed by a nonce that no content could
know (CSP level 3, 2.3.1). Without JavaScript the page is the same but for renewing itself.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable, Sequence
from typing import Any

from flask import Flask, Response, jsonify, render_template

from sidecar import page_shapes

REFRESH_S = 5
"""How often the page renews itself."""


def add_status_page(
    app: Flask,
    document: Callable[[], dict[str, Any]],
    *,
    metrics_path: str = "/metrics",
    explain_types: Sequence[str] = (),
) -> None:
    """Add both paths to an application; with record types, a form that leads to `/explain`."""
    app.jinja_env.filters.update(page_shapes.FILTERS)
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True

    @app.get("/status.json")
    def status_json() -> Response:
        return jsonify(document())

    @app.get("/")
    def status_page() -> Response:
        return html_page(
            "status.html",
            document=document(),
            metrics_path=metrics_path,
            explain_types=explain_types,
            refresh_s=REFRESH_S,
            width=page_shapes.WIDTH,
            strip_height=page_shapes.STRIP_HEIGHT,
            plot_height=page_shapes.PLOT_HEIGHT,
        )


def html_page(template: str, *, status: int = 200, **values: Any) -> Response:
    """A template's document, which may use nothing from elsewhere; it has `nonce`."""
    nonce = secrets.token_urlsafe(16)
    html = render_template(template, nonce=nonce, **values)
    response = Response(html, status, content_type="text/html; charset=utf-8")
    response.headers["Content-Security-Policy"] = (
        f"default-src 'none'; style-src 'nonce-{nonce}'; script-src 'nonce-{nonce}'; "
        "img-src data:; connect-src 'self'; form-action 'self'; base-uri 'none'; "
        "frame-ancestors 'none'"
    )
    response.headers["Referrer-Policy"] = "no-referrer"
    return response
