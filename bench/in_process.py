"""A whole front without sockets, for programs that drive it at full speed."""

from __future__ import annotations

import random
from dataclasses import dataclass, field
from pathlib import Path

from dnscore.net.address import Address
from dnscore.net.handler import Peer
from dnscore.wire.query import Query
from dnsmasq_front.cache import Cache, CacheOptions, cache_key
from dnsmasq_front.chaos import Chaos
from dnsmasq_front.forwarder import TICK_S, Forwarder
from dnsmasq_front.local import LocalData
from dnsmasq_front.outstanding import BETWEEN_GOES_S
from dnsmasq_front.pending import Try
from dnsmasq_front.prebuilt import TICKS, Prebuilt, tick_before
from dnsmasq_front.routes import Routes
from dnsmasq_front.server import FrontServer

SERVER = Address("127.0.0.1", 10053)


@dataclass(slots=True)
class NullVia:
    """A client that counts its answers and drops them."""

    stream: bool = False
    count: int = 0

    def send(self, response: bytes, peer: Peer) -> None:
        self.count += 1

    def source(self, peer: Peer) -> tuple[str, int]:
        return "10.9.8.7", 40000


@dataclass(slots=True)
class NotingTransport:
    """Sends nothing; `sent` has what would be on its way."""

    sent: list[tuple[bytes, Try]] = field(default_factory=list)

    def send(self, query: bytes, attempt: Try) -> None:
        self.sent.append((query, attempt))

    def send_stream(self, query: bytes, attempt: Try) -> None:
        self.send(query, attempt)

    def cancel(self, attempt: Try) -> None:
        """Nothing is on its way."""


class PureFront:
    """A front with one server; time moves by `advance` only."""

    def __init__(self, *, seed: int = 1, options: CacheOptions | None = None) -> None:
        chance = random.Random(seed)
        self.now = 1000.0
        self.failures: list[Exception] = []
        self._ticked = self.now
        self._transport = NotingTransport()
        self._prebuilt = Prebuilt()
        self.cache = Cache(
            options or CacheOptions(records=2000),
            forget=self._prebuilt.drop,
            born=lambda now: tick_before(now, chance.randrange(TICKS)),
        )
        self.forwarder = Forwarder(
            Routes.of((), [SERVER]),
            self.cache,
            self._transport,
            local=LocalData(),
            random_bytes=chance.randbytes,
        )
        self.server = FrontServer(
            self.cache,
            self.forwarder,
            Chaos({}),
            self._prebuilt,
            clock=lambda: self.now,
            random_turn=lambda: chance.getrandbits(16),
            report=self.failures.append,
        )

    @property
    def sent(self) -> list[tuple[bytes, Try]]:
        """What would be on its way to the server, the tries that have ended left out."""
        sent = self._transport.sent
        sent[:] = [one for one in sent if one[1].pending is not None]
        return sent

    @property
    def latest_query(self) -> bytes:
        """The latest query that went out, under an ID of 0."""
        return b"\0\0" + self._transport.sent[-1][0]

    @property
    def latest_question(self) -> bytes:
        """Its question section."""
        return self._transport.sent[-1][1].question

    def ask(self, wire: bytes, via: NullVia) -> bytes | None:
        """A client asks; the response if there is one at once."""
        ready = None if via.stream else self._prebuilt.plain.get(wire[2:])
        return wire[:2] + ready if ready is not None else self.server.handle(wire, None, via)

    def reply_to_latest(self, wire: bytes) -> None:
        """The server answers the latest query; what is no answer to it does not get here."""
        _, attempt = self._transport.sent.pop()
        question_end = 12 + len(attempt.question)
        same = wire[4:6] == b"\0\1" and wire[12:question_end] == attempt.question
        if same and len(wire) >= question_end and wire[2] & 0x80:
            self.forwarder.reply_in(attempt, wire, now=self.now)
        else:
            self.forwarder.unreachable(attempt, now=self.now)

    def advance(self, seconds: float) -> None:
        """Let time pass, with the ticks that the front needs."""
        self.now += seconds
        while self._ticked + TICK_S <= self.now:
            self._ticked += TICK_S
            while self.forwarder.on_timer(self._ticked) <= BETWEEN_GOES_S:
                pass  # The next go, as if at once.
            while self._prebuilt.end(self._ticked, self.cache.used_again) == 0:
                pass  # There are others, as if at once.

    def kept(self, query: Query) -> bytes | None:
        """What the cache has for a query now."""
        entry = self.cache.find(cache_key(query), self.now)
        return None if entry is None else entry.body


def resident_mb() -> float:
    """Megabytes of memory that this process has now (proc_pid_statm(5))."""
    pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1])
    return pages * 4096 / 1e6
