"""What the sidecar answers over HTTP, and its bytes on the wire. RFC 9112."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

TEXT = "text/plain; charset=utf-8"
JSON = "application/json"

_PHRASES = {
    200: "OK",
    301: "Moved Permanently",
    302: "Found",
    303: "See Other",
    304: "Not Modified",
    307: "Temporary Redirect",
    308: "Permanent Redirect",
    400: "Bad Request",
    404: "Not Found",
    405: "Method Not Allowed",
    413: "Content Too Large",
    414: "URI Too Long",
    431: "Request Header Fields Too Large",
    500: "Internal Server Error",
    503: "Service Unavailable",
    505: "HTTP Version Not Supported",
}


class Reply(NamedTuple):
    """A whole answer."""

    status: int
    body: bytes
    content_type: str = TEXT
    more: Sequence[tuple[str, str]] = ()
    """Further header fields."""


def text_reply(status: int, text: str) -> Reply:
    """A plain text answer."""
    return Reply(status, text.encode())


def error_reply(status: int) -> Reply:
    """The plain text answer to a request that failed; repeats nothing of the request."""
    return text_reply(status, f"{status} {_PHRASES.get(status, '')}\n")


def render(reply: Reply, *, keep_alive: bool, head_only: bool = False) -> bytes:
    """The answer as it is sent. `head_only` leaves out the body, as HEAD wants it."""
    fields = [
        ("Content-Type", reply.content_type),
        ("Content-Length", str(len(reply.body))),
        ("Connection", "keep-alive" if keep_alive else "close"),
        ("Cache-Control", "no-store"),
        ("X-Content-Type-Options", "nosniff"),
        *reply.more,
    ]
    lines = [f"HTTP/1.1 {reply.status} {_PHRASES.get(reply.status, '')}"]
    lines += [f"{name}: {value}" for name, value in fields]
    head = "\r\n".join([*lines, "", ""]).encode("latin-1", "replace")
    return head if head_only else head + reply.body
