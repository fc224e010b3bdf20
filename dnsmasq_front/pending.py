"""Questions that have been asked and not been answered: who waits, and whom we have asked."""

from __future__ import annotations

from typing import Protocol

from msgspec import Struct

from dnscore.net.handler import Peer, Via
from dnscore.wire.const import (
    EDE_NETWORK_ERROR,
    EDE_NO_REACHABLE_AUTHORITY,
    EDE_NOT_READY,
    RCODE_MASK,
    REFUSED,
    SERVFAIL,
)
from dnscore.wire.scan import Scan
from dnsmasq_front.asked import Asked
from dnsmasq_front.routes import Route
from dnsmasq_front.servers import Server, ServerGroup
from dnsmasq_front.spelling import repeats

Waiter = tuple[Asked, bytes, Peer, Via]
"""A client that waits for an answer: what it asks, under which ID, who it is, and the way there.

A tuple without names, as one is made for each question that has to be asked.
"""


# Structs, as to make one takes a third of the time of a class with an __init__ (CPython 3.11), and
# one of each is made for a question that has to be asked.
class Try(Struct, eq=False):
    """One query to one server. `question` is as it was sent; `pending` None when it is over.

    A plain answer to it begins with `plain_start` (see scan). `carrier` and `id` are the
    transport's: what its answer comes by, and its ID there.
    """

    pending: Pending | None
    server: Server
    question: bytes
    plain_start: bytes
    sent_at: float
    stream: bool
    carrier: object = None
    id: bytes = b""

    def is_spelled(self, wire: bytes) -> bool:
        """Whether a response may be believed that should have our letter case.

        Over UDP without it, it may be a forger's; over TCP it shows that the server folds case.
        """
        if repeats(wire, self.question):
            self.server.case_misses = 0
            return True
        self.server.spelled_otherwise(certain=self.stream)
        return self.stream

    def end(self) -> Pending | None:
        """It is over; the question it was for, None if it was over already."""
        pending = self.pending
        if pending is not None:
            pending.tries = tuple(one for one in pending.tries if one is not self)
            self.pending = self.carrier = None  # Without a circle all are freed at once.
        return pending


class Pending(Struct, eq=False):
    """A question that has been asked and not been answered.

    `tries` are those without an answer so far, the oldest first; `tried` the servers asked in
    this round and `failing` those that answered with a failure, of which `failure` is the best.
    `was_silent` tells whether a server let its time pass, `outdated` that the answer must not be
    kept: since it was asked, the name has changed or somebody else answers for it. `is_simple`:
    one server has been asked, over UDP, none has failed, and the answer may be kept. At `look_at`
    it has waited for somebody long enough, at `deadline` for anybody.
    """

    asked: Asked
    waiters: tuple[Waiter, ...]
    route: Route
    group: ServerGroup
    deadline: float
    look_at: float
    tries: tuple[Try, ...] = ()
    tried: tuple[Server, ...] = ()
    failing: tuple[Server, ...] = ()
    failure: tuple[bytes, Scan] | None = None
    was_silent: bool = False
    outdated: bool = False
    is_simple: bool = True

    @property
    def key(self) -> bytes:
        """What the cache knows the question by."""
        return self.asked.key

    @property
    def name(self) -> bytes:
        """The folded name."""
        return self.asked.query.name

    @property
    def outgoing(self) -> bytes:
        """The query as we ask it, behind its ID."""
        return self.asked.outgoing

    @property
    def has_next(self) -> bool:
        """Whether a server of the group has not been asked in this round."""
        return any(server not in self.tried for server in self.group.usable)

    @property
    def verdict(self) -> tuple[int, int]:
        """The rcode and RFC 8914 code for its clients when no server has answered at all."""
        if self.group.servers and not self.group.usable:
            return REFUSED, EDE_NOT_READY  # All send our questions back: nobody to ask.
        if self.was_silent or not self.tried:
            return SERVFAIL, EDE_NO_REACHABLE_AUTHORITY
        return SERVFAIL, EDE_NETWORK_ERROR

    def hold(self, wire: bytes, scan: Scan, server: Server) -> None:
        """Keep a failure, to be passed on when nobody knows better.

        SERVFAIL is the best of them: resolvers ask again, and do not take us for one that will
        never answer. One whose upper bits stand in the OPT record cannot be passed on.
        """
        self.failing = (*self.failing, server)
        self.is_simple = False
        if scan.rcode <= RCODE_MASK and (self.failure is None or scan.rcode == SERVFAIL):
            self.failure = wire, scan


class Transport(Protocol):
    """Sends questions; what comes of them is told to Answers (see fresh)."""

    def send(self, query: bytes, attempt: Try) -> None:
        """Send to the server of a try, over UDP under an unpredictable ID.

        `query` has no ID. Datagrams with that ID come back until `reply_in` takes one for the
        answer. OSError when it cannot be sent.
        """

    def send_stream(self, query: bytes, attempt: Try) -> None:
        """Send over TCP; as `send`."""

    def cancel(self, attempt: Try) -> None:
        """Expect no answer any more."""
