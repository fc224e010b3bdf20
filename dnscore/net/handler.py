"""What stands between sockets and a DNS server: queries in, responses out, now or later."""

from __future__ import annotations

from typing import Any, Protocol

Peer = Any
"""Whom to answer; only the Via that handed it out can read it."""


class Via(Protocol):
    """The way that a query came by, and its response goes back."""

    stream: bool
    """True for TCP: responses may have 65,535 octets."""

    def send(self, response: bytes, peer: Peer) -> None:
        """Answer a peer; does nothing when it is gone."""

    def source(self, peer: Peer) -> tuple[str, int]:
        """The peer's IP address and port, for logs and access rules."""


class Handler(Protocol):
    """A DNS server without sockets."""

    def handle(self, wire: bytes, peer: Peer, via: Via) -> bytes | None:
        """The response to a query, or None: there is none, or `via.send` brings it later."""
