"""Why a name resolves as it does, at `/explain` for people and at `/explain.json` for programs.

The one page that asks others while its reader waits: the front over DNS, and both daemons for
their reasons. So it explains one name at a time, and the other worker is left for all else.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any

from flask import Flask, Response, jsonify, request

from sidecar.explain.asked import Sources
from sidecar.explain.question import default_type, parse_name, parse_pod, parse_type
from sidecar.explain.walk import Walker
from sidecar.options import Options
from sidecar.page import html_page
from sidecar.page_url import PageUrl

TYPES = ("A", "AAAA", "SRV", "PTR", "CNAME", "TXT", "MX", "NS", "SOA", "ANY")
"""Those that the form offers; a URL may have any."""
BUSY = "Another name is being explained; try again in a moment."

Explain = Callable[[str, str, str], dict[str, Any]]
"""Name, type and pod; see `Walker.view`."""


def walker(options: Options) -> Walker:
    """Asks whom the flags name; the daemons explain on the ports of their status."""
    return Walker(
        Sources(
            options.dnsmasq,
            front_page=_explanations(options.dnsmasq_status),
            kubedns_page=_explanations(options.kubedns_status),
        )
    )


def _explanations(status: PageUrl | None) -> PageUrl | None:
    return None if status is None else PageUrl(status.server, "/explain")


def add_explain_page(app: Flask, explain: Explain) -> None:
    """Add both paths to an application that has the status page."""
    one_at_a_time = threading.Lock()

    def explained() -> tuple[dict[str, Any], int]:
        try:
            name, rdtype, pod = _asked()
        except ValueError as error:
            return {"error": str(error)}, 400
        if not one_at_a_time.acquire(blocking=False):
            return {"error": BUSY}, 503
        try:
            return explain(name, rdtype, pod), 200
        finally:
            one_at_a_time.release()

    @app.get("/explain.json")
    def explain_json() -> tuple[Response, int]:
        found, status = explained()
        return jsonify(found), status

    @app.get("/explain")
    def explain_page() -> Response:
        view, status = explained() if request.args.get("name") else ({}, 200)
        asked = {key: _field(key) for key in ("name", "type", "pod")}
        return html_page("explain.html", status=status, view=view, asked=asked, types=TYPES)


def _asked() -> tuple[str, str, str]:
    """The question of the request. Raises ValueError."""
    text = _field("name")
    if not text:
        raise ValueError("no name: ask for ?name=web.shop&type=A&pod=namespace/name")
    name = parse_name(text)
    return name, parse_type(_field("type") or default_type(name)), parse_pod(_field("pod"))


def _field(key: str) -> str:
    return request.args.get(key, "").strip()
