"""Servers that were given by name: their addresses, asked for again when the TTL has passed.

`stubDomains` and `--server=/d/host` may name a host, mostly a Service. dnsmasq and its nanny look
it up once, so a Service that is made anew is lost to them until they restart. Here a look-up that
fails changes nothing: the addresses found last go on to be asked. Pure; the caller brings the
time and the way to look up.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import NamedTuple

LIFE_S = (5.0, 300.0)
"""Bounds of the time between two look-ups of a name that was found."""
AGAIN_S = 5.0
"""Time between look-ups of a name that was not."""
ADDRESSES_MAX = 8
"""Of one name; what is more is left out."""


class Found(NamedTuple):
    """What a look-up brought: addresses as text, and for how long they hold, in seconds."""

    addresses: tuple[str, ...]
    ttl_s: float


LookUp = Callable[[str, Callable[[Found | None], None]], None]
"""Look up the addresses of a host; the result comes at once or later, None for a failure."""


class _Host:
    """One name."""

    def __init__(self) -> None:
        self.addresses: tuple[str, ...] = ()
        self.due = float("-inf")
        self.is_asked = False
        self.result: Found | None = None


class NamedServers:
    """The names that are in use."""

    def __init__(self, look_up: LookUp) -> None:
        self._look_up = look_up
        self._hosts: dict[str, _Host] = {}

    def use(self, hosts: Iterable[str]) -> None:
        """From now on these are looked up, and no others."""
        self._hosts = {host: self._hosts.get(host) or _Host() for host in hosts}

    def addresses(self, host: str) -> tuple[str, ...]:
        """The addresses found last, in order of their text; none before the first was found."""
        known = self._hosts.get(host)
        return known.addresses if known else ()

    def poll(self, now: float) -> list[str]:
        """Ask for what is due; the names whose addresses have changed since the last poll."""
        changed = []
        for name, host in self._hosts.items():
            found, host.result = host.result, None
            if found is not None:
                shortest, longest = LIFE_S
                host.due = now + min(max(found.ttl_s, shortest), longest)
                # Servers turn the addresses of a name, which is no change.
                addresses = tuple(sorted(set(found.addresses))[:ADDRESSES_MAX])
                if addresses != host.addresses:
                    host.addresses = addresses
                    changed.append(name)
            elif host.due <= now and not host.is_asked:
                host.due = now + AGAIN_S
                host.is_asked = True
                self._look_up(name, _taker(host))
        return changed


def _taker(host: _Host) -> Callable[[Found | None], None]:
    def take(found: Found | None) -> None:
        host.is_asked = False
        if found is not None and found.addresses:
            host.result = found

    return take
