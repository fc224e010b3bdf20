"""/explain: how the front would answer a question, as JSON. See `dnsmasq_front.explain`."""

from __future__ import annotations

import json
from collections.abc import Callable

from dnscore.ask_loop import ask_loop
from dnscore.httpd import JSON, Reply, Route, text_reply
from dnscore.loop import Loop
from dnscore.page_question import page_question
from dnsmasq_front.explain import FrontParts, explain

LOOP_WAIT_S = 5.0
"""For the loop to look."""


def explain_route(loop: Loop, parts: Callable[[], FrontParts], *, workers: int) -> Route:
    """/explain?name=...&type=..., a client error (400) for what is no question.

    `parts` is called in the loop's thread. Of several workers it tells of the one that serves the
    page: each has a cache of its own.
    """

    def page(query: str) -> Reply:
        try:
            name, qtype = page_question(query)
        except ValueError as error:
            return text_reply(400, f"{error}\n")
        said = ask_loop(
            loop, lambda: explain(parts(), name, qtype, now=loop.now()), wait_s=LOOP_WAIT_S
        )
        text = json.dumps({**said, "workers": workers}, indent=2)
        return Reply(200, JSON, text.encode() + b"\n")

    return page
