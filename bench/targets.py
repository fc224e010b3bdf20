"""The ratios that this project means to reach, computed within a round. Pure."""

from __future__ import annotations

import statistics
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from bench.measure import Result
from bench.peers import DNSMASQ, FLOOR, KUBEDNS, OURS

Round = Mapping[tuple[str, str], Result]
"""Results of one round by workload and server."""


@dataclass(frozen=True, slots=True)
class Target:
    """A ratio and its bound."""

    path: str
    ratio: Callable[[Round], float]
    bound: float

    def over(self, rounds: list[Round]) -> list[float]:
        """The ratio of each round that has its figures."""
        found = []
        for results in rounds:
            try:
                found.append(self.ratio(results))
            except (KeyError, ZeroDivisionError):
                continue
        return found


def _cpu(workload: str, peer: str, over: str) -> Callable[[Round], float]:
    return lambda r: r[workload, peer].cpu_us / r[workload, over].cpu_us


def _change(workload: str) -> Callable[[Round], float]:
    """Our own change against the plain warm hit, in units of dnsmasq's change."""

    def ratio(r: Round) -> float:
        ours = r[workload, OURS].cpu_us / r["warm", OURS].cpu_us
        theirs = r[workload, DNSMASQ].cpu_us / r["warm", DNSMASQ].cpu_us
        return ours / theirs

    return ratio


def _p99(r: Round) -> float:
    return r["warm", OURS].p99_us / r["warm", DNSMASQ].p99_us


TARGETS = (
    Target("front, warm hit / dnsmasq", _cpu("warm", OURS, DNSMASQ), 0.95),
    Target("front, warm hit / C echo", _cpu("warm", OURS, FLOOR), 1.30),
    Target("front, mixed case: own change / dnsmasq's", _change("case"), 1.25),
    Target("front, 1,000 clients: own change / dnsmasq's", _change("warm-1000"), 1.25),
    Target("front, miss to kubedns / dnsmasq", _cpu("miss", OURS, DNSMASQ), 0.90),
    Target("front, miss to another server / dnsmasq", _cpu("miss-outside", OURS, DNSMASQ), 1.70),
    Target("front, Zipf 100,000 / cache 10,000 / dnsmasq", _cpu("zipf", OURS, DNSMASQ), 0.90),
    Target("kubedns, A of a service / C echo", _cpu("warm", KUBEDNS, FLOOR), 1.45),
    Target(
        "kubedns, headless of 100 endpoints / own plain A",
        lambda r: r["headless-a", KUBEDNS].cpu_us / r["warm", KUBEDNS].cpu_us,
        2.0,
    ),
    Target("front, p99 at half the maximum rate / dnsmasq", _p99, 1.0),
)


def median_ratio(target: Target, rounds: list[Round]) -> float | None:
    """The median over the rounds, None when no round has the figures."""
    found = target.over(rounds)
    return statistics.median(found) if found else None
