"""The URL of a page that is gathered, as flags write it; pure."""

from __future__ import annotations

import re
from dataclasses import dataclass

from sidecar.address import ServerAddress, parse_server

_URL = re.compile(r"http://([^/?#\s]+)(/[!-~]*)?", re.ASCII)


@dataclass(frozen=True, slots=True)
class PageUrl:
    """Where a page is."""

    server: ServerAddress
    path: str

    def __str__(self) -> str:
        return f"http://{self.server}{self.path}"


def parse_page(text: str) -> PageUrl | None:
    """As `parse_url`; None for an empty text."""
    return parse_url(text) if text else None


def parse_url(text: str) -> PageUrl:
    """Read `http://host[:port]/path`. Raises ValueError with the reason."""
    found = _URL.fullmatch(text)
    if found is None or "@" in found[1]:
        raise ValueError(f"not an http:// URL of a page: {text!r}")
    return PageUrl(parse_server(found[1], default_port=80), found[2] or "/")
