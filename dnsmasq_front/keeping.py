"""How long an answer is believed, beside what its TTLs say.

Names of the cluster change at any moment. While their server tells us of changes (see notify)
its answers are kept for their whole lives; while it does not, they are asked for again after some
tenths of a second, which costs microseconds. Pure.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable

from dnscore.wire.chain import chain_names
from dnscore.wire.scan import Scan
from dnsmasq_front.cache import Cache
from dnsmasq_front.routes import DEFAULT, Route, Routes

UNTOLD_LIFE_S = (0.2, 0.4)
"""Bounds of the life of an answer about the cluster whose server does not tell us of changes: a
deleted service must not live on here."""

Told = Callable[[Route, bytes], bool]
"""Whether the servers of a route tell us when their answer for a name changes."""


class Keeper:
    """Puts answers in the cache."""

    def __init__(self, cache: Cache, *, routes: Callable[[], Routes]) -> None:
        """`routes` gives the routing table as it is now."""
        self._cache = cache
        self._routes = routes
        self._drawn = 0
        self.are_told: Told = lambda route, name: False

    # HOT: once per answer of a server.
    def keep(
        self, route: Route, key: bytes, name: bytes, body: bytes, scan: Scan, *, now: float
    ) -> None:
        """Store an answer for `name` that came from the servers of `route`."""
        names: tuple[bytes, ...] = (name,)
        if not scan.plain and scan.counts[0]:
            names = chain_names(body, scan)
            if not names:
                return
        life, is_untold = float("inf"), route.is_cluster
        if is_untold and self.are_told(route, name):
            is_untold = False
        elif is_untold or (len(names) > 1 and self._passes_cluster(names)):
            life = self._untold_life_s()
        self._cache.store(
            key,
            body,
            scan,
            now=now,
            life_cap_s=life,
            cluster=is_untold,
            for_name=route.is_cluster,
            names=names if route.domain != DEFAULT else (),
        )

    def _passes_cluster(self, names: Iterable[bytes]) -> bool:
        """Whether others lead to a name of the cluster, of whose changes they know nothing."""
        routes = [self._routes().find(name) for name in names]
        return any(route is not None and route.is_cluster for route in routes)

    def distrust(self, domains: Iterable[bytes], *, now: float) -> None:
        """Nobody tells us of changes in these domains any more: ask again before long."""
        for domain in domains:
            self._cache.distrust(domain, until=now + self._untold_life_s())

    def _untold_life_s(self) -> float:
        """Spread over its bounds (by the golden ratio), lest all names be asked again at once."""
        self._drawn += 1
        shortest, longest = UNTOLD_LIFE_S
        return shortest + (longest - shortest) * (self._drawn * 0.618034 % 1.0)
