"""What the servers of a domain tell us of its changes: NOTIFY (RFC 1996). Pure.

A NOTIFY of the type SOA is what RFC 1996 has: the zone changed if the serial in it is another than
the one we know. kubedns sends it once a second, so it is a sign of life as well: while it goes on,
and only then, answers of that server are kept for their whole lives, as we are told when they
change. Any other type stands for the name itself: everything at and below it may differ.

Only a server of a domain is believed, by address and port, about the domain and what is above
it: a zone that we ask about in part is told of as a whole. A sender off the machine cannot have
the port of one on it, and a stream says nothing about the port.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from struct import Struct, error
from typing import Protocol

from dnscore.net.address import Address
from dnscore.wire import names
from dnscore.wire.const import NOERROR, REFUSED, SOA
from dnscore.wire.errors import Malformed
from dnscore.wire.query import Query
from dnsmasq_front.routes import DEFAULT, Route, Routes

TOLD_S = 3.5
"""For how long a sign of life holds: three in a row must be missing."""
ZONES_MAX = 16
"""Zones that one server may tell of."""

_FIXED = Struct("!HHIH")
_SERIAL = Struct("!I")


Drop = Callable[[bytes], int]
"""Forgets what is known at and below a folded name; gives how many answers that were."""


class Distrust(Protocol):
    """Has what is known at and below some domains asked for again before long."""

    def __call__(self, domains: Iterable[bytes], *, now: float) -> None: ...


@dataclass(slots=True)
class NotifyCounters:
    """Plain sums since the start."""

    taken: int = 0
    """Messages that named something changed."""
    refused: int = 0
    """Messages from somebody whom we do not ask about that name."""
    dropped: int = 0
    """Answers that were forgotten."""
    missed: int = 0
    """Signs of life with another serial than the one we had been told."""


@dataclass(slots=True)
class _Teller:
    """One server that tells us of changes."""

    until: float
    serials: dict[bytes, int | None]
    """The serial last heard, by zone."""


class Notices:
    """Takes NOTIFY messages. Times are monotonic seconds."""

    def __init__(self, *, drop: Drop, distrust: Distrust, routes: Callable[[], Routes]) -> None:
        """`routes` gives the routing table as it is now."""
        self._drop = drop
        self._distrust = distrust
        self._routes = routes
        self._tellers: dict[Address, _Teller] = {}
        self.counters = NotifyCounters()

    def take(self, query: Query, source: Address | None, *, now: float) -> int:
        """Take a message that came in a datagram from `source`; the rcode of the response.

        Without a source, as over a stream, it is refused.
        """
        if source is None or not self._concerned(query.name, source):
            self.counters.refused += 1
            return REFUSED
        if query.qtype != SOA:
            self.counters.taken += 1
        self.learn(query, source, now=now)
        return NOERROR

    def learn(self, query: Query, source: Address, *, now: float) -> None:
        """Do as a message says that was taken, here or by another worker."""
        serial = soa_serial(query)
        if query.qtype == SOA:
            self._sign_of_life(query.name, source, serial, now)
            return
        teller = self._tellers.get(source)
        if teller is not None and serial is not None:
            for zone in teller.serials:
                teller.serials[zone] = serial
        for domain in self._concerned(query.name, source):
            self.counters.dropped += self._drop(domain)

    def _concerned(self, name: bytes, source: Address) -> list[bytes]:
        """What a server may know to have changed at and below a name: that, or parts of it."""
        route = self._routes().find(name)
        if route is not None and route.domain != DEFAULT and source in route.servers:
            return [name]
        return [domain for domain in self._domains_of(source) if names.is_below(domain, name)]

    def _sign_of_life(self, zone: bytes, source: Address, serial: int | None, now: float) -> None:
        teller = self._tellers.get(source)
        if teller is None:
            teller = self._tellers[source] = _Teller(now, {})
        teller.until = now + TOLD_S
        if zone not in teller.serials and len(teller.serials) >= ZONES_MAX:
            teller.serials.clear()
        if serial is None or teller.serials.get(zone) != serial:
            teller.serials[zone] = serial
            self.counters.missed += 1
            # Whatever else it answers for has changed without a word as well.
            for domain in {*self._concerned(zone, source), *self._domains_of(source)}:
                self.counters.dropped += self._drop(domain)

    def _domains_of(self, server: Address) -> list[bytes]:
        routes = self._routes().all
        return [r.domain for r in routes if r.domain != DEFAULT and server in r.servers]

    # HOT: once per answer that is stored.
    def are_told(self, route: Route, name: bytes) -> bool:
        """Whether the servers of a route tell us when their answer for a name changes.

        They cannot for a name with a wildcard, which hangs on names that are not above it, nor do
        they for the zone's own records, whose serial changes all the time.
        """
        tellers = self._tellers
        for server in route.servers:
            teller = tellers.get(server)
            if teller is None or name in teller.serials:
                return False
        return bool(route.servers) and b"\x01*" not in name

    def on_timer(self, now: float) -> None:
        """Distrust what was kept for a server that has fallen silent."""
        for server in [s for s, teller in self._tellers.items() if teller.until <= now]:
            zones = self._tellers.pop(server).serials
            concerned = [domain for zone in zones for domain in self._concerned(zone, server)]
            self._distrust({*concerned, *self._domains_of(server)}, now=now)

    def told_by(self, now: float) -> list[tuple[Address, float]]:
        """Who tells us of changes, and for how many seconds that holds without a further word."""
        return [(server, teller.until - now) for server, teller in self._tellers.items()]

    @property
    def tellers(self) -> int:
        """Servers that tell us of their changes at the moment."""
        return len(self._tellers)


def soa_serial(query: Query) -> int | None:
    """The serial of the SOA record behind the question (RFC 1996 3.7); None without one."""
    wire = query.wire
    if wire[6:8] == b"\x00\x00":
        return None
    try:
        at = names.skip(wire, query.question_end)
        rtype, _, _, rdlength = _FIXED.unpack_from(wire, at)
        end = at + 10 + rdlength
        at = names.skip(wire, names.skip(wire, at + 10))
        if rtype != SOA or at + 20 != end:
            return None
        return int(_SERIAL.unpack_from(wire, at)[0])
    except (Malformed, error):
        return None
