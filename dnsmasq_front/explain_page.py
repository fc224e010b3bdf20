"""/explain: how the front would answer a question, as JSON. See `dnsmasq_front.explain`."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from dnscore.ask_loop import ask_loop
from dnscore.explain_route import LOOP_WAIT_S
from dnscore.explain_route import explain_route as route_of
from dnscore.httpd import Route
from dnscore.loop import Loop
from dnsmasq_front.explain import FrontParts, explain


def explain_route(loop: Loop, parts: Callable[[], FrontParts], *, workers: int) -> Route:
    """/explain?name=...&type=..., see `dnscore.explain_route`.

    `parts` is called in the loop's thread. Of several workers it tells of the one that serves the
    page: each has a cache of its own.
    """

    def explained(name: bytes, qtype: int) -> dict[str, Any]:
        said = ask_loop(
            loop, lambda: explain(parts(), name, qtype, now=loop.now()), wait_s=LOOP_WAIT_S
        )
        return {**said, "workers": workers}

    return route_of(explained)
