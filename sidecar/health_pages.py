"""`/healthcheck/<label>` and `/healthz`: answered from what is known, in microseconds."""

from __future__ import annotations

from datetime import UTC, datetime

from sidecar.http_reply import JSON, Reply, text_reply
from sidecar.http_request import Request
from sidecar.state import State

_PREFIX = "/healthcheck/"


class HealthPages:
    """The Quick of the HTTP server."""

    def __init__(self, state: State) -> None:
        self._state = state

    def __call__(self, request: Request) -> Reply | None:
        """The answer, or None for another page."""
        path = request.path
        is_label = path.startswith(_PREFIX)
        if not is_label and path != "/healthz":
            return None
        if request.method not in ("GET", "HEAD"):
            # RFC 9110 15.5.6
            return text_reply(405, "405 Method Not Allowed\n")._replace(
                more=(("Allow", "GET, HEAD"),)
            )
        return self._probe(path[len(_PREFIX) :]) if is_label else _alive()

    def _probe(self, label: str) -> Reply:
        health = self._state.health(label)
        if health is None:
            known = ", ".join(self._state.labels) or "none"
            return text_reply(404, f"no probe has this label; labels: {known}\n")
        return Reply(200 if health.ok else 503, health.to_json().encode(), JSON)


def _alive() -> Reply:
    return text_reply(200, f"ok ({datetime.now(UTC).isoformat(timespec='seconds')})\n")
