"""The page that explains how a question is answered, as each daemon serves it: /explain."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from dnscore.httpd import Reply, Route, json_reply, text_reply
from dnscore.page_question import page_question

LOOP_WAIT_S = 5.0
"""For the DNS loop to look."""


def explain_route(explained: Callable[[bytes, int], Mapping[str, object]]) -> Route:
    """/explain?name=...&type=..., a client error (400) for what is no question.

    `explained` takes a folded wire name and a type, in a thread of the server's.
    """

    def page(query: str) -> Reply:
        try:
            name, qtype = page_question(query)
        except ValueError as error:
            return text_reply(400, f"{error}\n")
        return json_reply(explained(name, qtype), indent=2)

    return page
