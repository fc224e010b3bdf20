"""The transport over real loopback sockets, for tests of what it sends and what it accepts."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from dnscore.loop import Loop
from dnscore.net.address import Address
from dnscore.wire.query import parse_query
from dnscore.wire.scan import answers_question
from dnsmasq_front.asked import Asked
from dnsmasq_front.pending import Pending, Try
from dnsmasq_front.routes import Route
from dnsmasq_front.servers import Server, ServerGroup
from dnsmasq_front.transport import Sockets
from tests.dnscore.looping import run_until
from tests.dnsmasq_front.messages import query_wire
from tests.dnsmasq_front.pure import Client


class Elsewhere(Address):
    """An address of this machine that is treated as if it were not."""

    __slots__ = ()

    @property
    def is_loopback(self) -> bool:
        return False


class Rig:
    """Sockets on a loop of their own, and what came back."""

    def __init__(self, random_id: Callable[[], bytes]) -> None:
        self.loop = Loop()
        self.sockets = Sockets(self.loop, random_id=random_id)
        self.sockets.answers = self
        self.replies: list[tuple[Try, bytes]] = []
        self.lost: list[Try] = []
        self.flooded: list[Try] = []

    def reply_in(self, attempt: Try, wire: bytes, *, now: float) -> bool:
        if not answers_question(wire, attempt.question):
            return False
        self.replies.append((attempt, wire))
        return True

    def unreachable(self, attempt: Try, *, now: float) -> None:
        self.lost.append(attempt)

    def forged(self, attempt: Try, *, now: float) -> None:
        self.flooded.append(attempt)

    def send(self, server: Address, question: str, *, stream: bool = False) -> Try:
        """Send a question."""
        wire = query_wire(question)
        attempt = try_of(wire, server, stream=stream)
        send = self.sockets.send_stream if stream else self.sockets.send
        send(wire[2:], attempt)
        if server.is_loopback:
            # What goes to this machine leaves at the end of the loop's turn.
            self.loop.call_later(0, self.loop.stop)
            self.loop.run()
        return attempt

    def until(self, predicate: Callable[[], object]) -> None:
        """Run the loop until something is true."""
        run_until(self.loop, predicate)


def try_of(wire: bytes, server: Address, *, stream: bool) -> Try:
    """A query to a server, as the forwarder keeps it."""
    asked = Asked(parse_query(wire))
    waiter = (asked, wire[:2], None, Client(wire))
    pending = Pending(asked, (waiter,), Route(b"\0", ()), ServerGroup(()), 5.0, 5.0)
    known = Server(server, is_near=server.is_loopback)
    attempt = Try(pending, known, asked.question, asked.plain_start, 0.0, stream)
    pending.tries += (attempt,)
    return attempt


@contextmanager
def rig(random_id: Callable[[], bytes] = lambda: os.urandom(2)) -> Iterator[Rig]:
    """A rig that is closed at the end."""
    made = Rig(random_id)
    try:
        yield made
    finally:
        made.sockets.close()
        made.loop.close()
