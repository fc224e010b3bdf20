"""What the caching server tells beyond the five stock counters, as far as it does; pure.

`auth.bind` and `servers.bind` are dnsmasq's (dnsmasq(8), section NOTES); the others are those of
dnsmasq_front, about the NOTIFY messages by which its servers tell it of changes. A server that
does not know a name says so, and that figure is then not exported.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import dns.message

from sidecar.stats import StatsError, read_number, strings_of

SERVERS_MAX = 32
"""Servers of the caching server that are told apart."""

COUNTERS = ("auth", "notifies", "notifies-refused", "dropped")
"""Numbers that only grow while the server runs; each is followed by `.bind.`."""
TOLD = "told"
"""How many servers tell it of their changes at the moment."""
SERVERS = "servers"
"""A string for each server: its address, questions sent, questions that failed."""

Ask = Callable[[str], dns.message.Message]


@dataclass(frozen=True, slots=True)
class ServerSample:
    """What became of the questions to one server."""

    name: str
    """As the caching server writes it, such as `10.0.0.1#53`."""
    sent: int
    failed: int


@dataclass(frozen=True, slots=True)
class FrontSample:
    """The figures as the server gave them; what it does not know is missing."""

    counters: dict[str, int]
    told: int | None = None
    servers: tuple[ServerSample, ...] = ()


def read_front(ask: Ask) -> FrontSample:
    """Ask for all of them. Raises what `ask` raises."""
    counters = {name: _figure(ask, name) for name in COUNTERS}
    return FrontSample(
        {name: value for name, value in counters.items() if value is not None},
        told=_figure(ask, TOLD),
        servers=_servers(ask(f"{SERVERS}.bind.")),
    )


def _figure(ask: Ask, name: str) -> int | None:
    try:
        return read_number(strings_of(ask(f"{name}.bind."), name), name)
    except StatsError:
        return None


def _servers(answer: dns.message.Message) -> tuple[ServerSample, ...]:
    try:
        lines = strings_of(answer, SERVERS)
    except StatsError:
        return ()
    found = []
    for line in lines[:SERVERS_MAX]:
        words = line.decode("ascii", "replace").split()
        if len(words) == 3 and words[1].isdecimal() and words[2].isdecimal():
            found.append(ServerSample(words[0], int(words[1]), int(words[2])))
    return tuple(found)


class Growing:
    """Totals over restarts of the server: a number smaller than the last one adds nothing."""

    def __init__(self, keys_max: int = 4 * SERVERS_MAX) -> None:
        self._keys_max = keys_max
        self._last: dict[tuple[str, ...], int] = {}
        self.totals: dict[tuple[str, ...], int] = {}

    def update(self, sample: dict[tuple[str, ...], int]) -> None:
        """Add what has grown since the last sample; keys beyond the bound are left out."""
        for key, value in sample.items():
            if key not in self.totals and len(self.totals) >= self._keys_max:
                continue
            grown = max(0, value - self._last.get(key, 0))
            self.totals[key] = self.totals.get(key, 0) + grown
            self._last[key] = max(0, value)


@dataclass(frozen=True, slots=True)
class FrontReading:
    """The figures for export."""

    totals: dict[tuple[str, ...], int]
    """By name, or by `sent` or `failed` and the server."""
    told: int | None


class FrontFigures:
    """The latest figures of the caching server, added up."""

    def __init__(self) -> None:
        self._growing = Growing()
        self._told: int | None = None

    def update(self, sample: FrontSample) -> None:
        """Take in a sample."""
        now: dict[tuple[str, ...], int] = {(name,): n for name, n in sample.counters.items()}
        for server in sample.servers:
            now["sent", server.name] = server.sent
            now["failed", server.name] = server.failed
        self._growing.update(now)
        self._told = sample.told

    def failed(self) -> None:
        """The poll failed: nobody knows how many servers tell it now."""
        self._told = None

    def read(self) -> FrontReading:
        """A copy."""
        return FrontReading(dict(self._growing.totals), self._told)
