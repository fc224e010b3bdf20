"""Questions that are asked again with nobody waiting: for stale answers and for popular names.

A Refresher is the Via of its own questions: what comes goes into the cache, and the copy for the
client is dropped here. Bounded, so that it never takes the places of questions that clients wait
for. Pure.
"""

from __future__ import annotations

from dnscore.net.handler import Peer
from dnsmasq_front.asked import Asked
from dnsmasq_front.entry import Entry
from dnsmasq_front.forwarder import Forwarder

OUTSTANDING_MAX = 32
"""Questions that are asked for nobody at a time."""
AGAIN_S = 5.0
"""Wait before an entry whose refresh brought nothing is asked for again. RFC 8767 5 recommends
30 s towards the servers of a zone; ours are resolvers, which are back soon."""


class Refresher:
    """Asks for entries of the cache before, or after, they end."""

    stream = False

    def __init__(self, forwarder: Forwarder, *, outstanding_max: int = OUTSTANDING_MAX) -> None:
        self._forwarder = forwarder
        self._outstanding_max = outstanding_max
        self.outstanding = 0
        self.begun = 0
        """Questions asked for nobody; the forwarder has counted them among its clients'."""

    def begin(self, asked: Asked, entry: Entry, now: float) -> None:
        """Ask for an entry again, unless too many are asked for already."""
        if self.outstanding >= self._outstanding_max:
            return
        entry.refresh_at = now + AGAIN_S
        self.outstanding += 1
        waiter = (asked, b"\0\0", None, self)
        if self._forwarder.ask(asked, waiter, now=now) is None:
            self.begun += 1
        else:
            self.outstanding -= 1

    def send(self, response: bytes, peer: Peer) -> None:
        """The question has been answered, or has failed."""
        self.outstanding -= 1

    def source(self, peer: Peer) -> tuple[str, int]:
        """Nobody asked."""
        return "0.0.0.0", 0
