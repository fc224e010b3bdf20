"""The head of an HTTP/1 request, read within bounds; pure. RFC 9112.

Requests have no body here: who sends one is refused, since nothing takes it.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from urllib.parse import unquote_to_bytes

HEAD_MAX = 16_384
"""Octets of a head; nginx and waitress allow as much or more."""
FIELDS_MAX = 100

_METHOD = re.compile(rb"[A-Z]{1,16}")
_TARGET = re.compile(rb"[!-~]+")
_FIELD = re.compile(rb"([!#$%&'*+.^_`|~0-9A-Za-z-]+):[ \t]*([^\0\r\n]*?)[ \t]*")
_AUTHORITY = re.compile(r"https?://[^/?#]*", re.IGNORECASE)


class Refused(Exception):
    """A request that cannot be served; its status says why."""

    def __init__(self, status: int) -> None:
        super().__init__(f"status {status}")
        self.status = status


@dataclass(frozen=True, slots=True)
class Request:
    """What a client asks for."""

    method: str
    path: str
    """Decoded, as WSGI has it: one character an octet. Begins with a slash."""
    query: str
    """As it was sent."""
    fields: dict[str, str]
    """By name in lower case; a field that came twice is joined by commas."""
    keep_alive: bool
    """Whether the client may ask again on this connection (RFC 9112 9.3)."""


def parse_head(head: bytes) -> Request:
    """Read the lines before the empty one. Raises Refused."""
    first, *lines = head.split(b"\r\n")
    words = first.split(b" ")
    if len(words) != 3 or not _METHOD.fullmatch(words[0]) or not _TARGET.fullmatch(words[1]):
        raise Refused(400)
    method, target, version = (word.decode("ascii", "replace") for word in words)
    if version not in ("HTTP/1.1", "HTTP/1.0"):
        raise Refused(505 if version.startswith("HTTP/") else 400)
    fields = _parse_fields(lines)
    if "host" not in fields and version == "HTTP/1.1":  # RFC 9112 3.2
        raise Refused(400)
    if "transfer-encoding" in fields or fields.get("content-length", "0") != "0":
        raise Refused(413)
    connection = {word.strip().lower() for word in fields.get("connection", "").split(",")}
    path, query = _split_target(target)
    return Request(
        method,
        path,
        query,
        fields,
        keep_alive=version == "HTTP/1.1" and "close" not in connection,
    )


def _parse_fields(lines: list[bytes]) -> dict[str, str]:
    if len(lines) > FIELDS_MAX:
        raise Refused(431)
    fields: dict[str, str] = {}
    for line in lines:
        found = _FIELD.fullmatch(line)
        if found is None:  # folded lines too, which RFC 9112 5.2 has refused
            raise Refused(400)
        name, value = found[1].decode("ascii").lower(), found[2].decode("latin-1")
        fields[name] = f"{fields[name]}, {value}" if name in fields else value
    return fields


def _split_target(target: str) -> tuple[str, str]:
    """Path and query of an origin-form or absolute-form target (RFC 9112 3.2)."""
    found = _AUTHORITY.match(target)
    rest = target[found.end() :] if found else target
    path, _, query = rest.partition("#")[0].partition("?")
    path = path or ("/" if found else "")
    if not path.startswith("/"):
        raise Refused(400)
    return unquote_to_bytes(path).decode("latin-1"), query
