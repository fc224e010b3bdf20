"""Fetches a page that kubedns or the front shows: one plain HTTP request, bounded in time and size.

No proxy, no redirect, no name that a flag has not given.
"""

from __future__ import annotations

import http.client
import io
import socket
import time
from typing import cast

from sidecar.page_url import PageUrl

TIMEOUT_S = 2.0
"""For everything together, the connection too."""
PAGE_MAX = 1 << 20
"""Octets of an answer; kubedns's metrics have some ten thousand."""
_READ = 65_536


class FetchError(Exception):
    """There is no page; the text says why."""


def fetch(url: PageUrl, *, timeout_s: float = TIMEOUT_S) -> str:
    """The text of the page. Raises FetchError."""
    try:
        octets = _exchange(url, time.monotonic() + timeout_s)
        # Parsed when all of it is here: a peer that sends an octet now and then gains nothing.
        answer = http.client.HTTPResponse(cast(socket.socket, _Said(octets)))
        answer.begin()
        page = answer.read()
    except (OSError, http.client.HTTPException) as error:
        raise FetchError(f"{url}: {error or type(error).__name__}") from None
    if answer.status != 200:
        raise FetchError(f"{url}: status {answer.status}")
    return page.decode("utf-8", "replace")


def _exchange(url: PageUrl, until: float) -> bytes:
    """Everything that the server says. Raises OSError."""
    server = url.server
    # HTTP/1.0: the end of the answer is the end of the connection.
    request = f"GET {url.path} HTTP/1.0\r\nHost: {server}\r\nAccept: text/plain, */*\r\n\r\n"
    said = bytearray()
    with socket.create_connection((server.host, server.port), _left_s(until)) as sock:
        sock.sendall(request.encode("ascii"))
        while True:
            sock.settimeout(_left_s(until))
            piece = sock.recv(_READ)
            if not piece:
                return bytes(said)
            said += piece
            if len(said) > PAGE_MAX:
                raise OSError(f"more than {PAGE_MAX} octets")


def _left_s(until: float) -> float:
    left_s = until - time.monotonic()
    if left_s <= 0:
        raise TimeoutError("timed out")
    return left_s


class _Said:
    """What HTTPResponse takes for a socket."""

    def __init__(self, octets: bytes) -> None:
        self._octets = octets

    def makefile(self, mode: str) -> io.BytesIO:
        assert mode == "rb"
        return io.BytesIO(self._octets)
