"""What this project means to reach: ratios computed within a round, and memory. Pure."""

from __future__ import annotations

import statistics
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from bench.changes import HIT_PATH, QUIET, RATE, TOTAL
from bench.idle import SIDECAR
from bench.measure import Result
from bench.peers import DNSMASQ, FLOOR, KUBEDNS, OURS
from bench.processors import SPREAD_MIN

Round = Mapping[tuple[str, str], Result]
"""Results of one round by workload and server."""

MET, MISSED, NOT_MEASURED, NO_BOUND = "met", "**missed**", "not measured", ""


@dataclass(frozen=True, slots=True)
class Target:
    """A ratio and its bound."""

    path: str
    ratio: Callable[[Round], float]
    bound: float | None
    """None is a ratio that is told and not judged."""
    at_least: bool = False
    """The bound is the least that will do; otherwise the most."""
    processors: int = 1
    """With fewer than these the ratio is told and not judged."""

    @property
    def wanted(self) -> str:
        """The bound as text."""
        if self.bound is None:
            return "-"
        return f"{'>=' if self.at_least else '<='} {self.bound:.2f}"

    def over(self, rounds: Sequence[Round]) -> list[float]:
        """The ratio of each round that has its figures."""
        found = []
        for results in rounds:
            try:
                found.append(self.ratio(results))
            except (KeyError, ZeroDivisionError):
                continue
        return found

    def verdict(self, ratios: Sequence[float], *, processors: int) -> str:
        """Whether the median of the rounds' ratios reaches the bound."""
        if not ratios:
            return NOT_MEASURED
        if self.bound is None:
            return NO_BOUND
        if processors < self.processors:
            return f"no cores for it: {processors} processors, {self.processors} are needed"
        median = statistics.median(ratios)
        good = median >= self.bound if self.at_least else median <= self.bound
        return MET if good else MISSED


def _cpu(workload: str, peer: str, over: str) -> Callable[[Round], float]:
    return lambda r: r[workload, peer].cpu_us / r[workload, over].cpu_us


def _own(workload: str, peer: str, *, over: str) -> Callable[[Round], float]:
    return lambda r: r[workload, peer].cpu_us / r[over, peer].cpu_us


def _change(workload: str) -> Callable[[Round], float]:
    """Our own change against the plain warm hit, in units of dnsmasq's change."""
    ours, theirs = (_own(workload, peer, over="warm") for peer in (OURS, DNSMASQ))
    return lambda r: ours(r) / theirs(r)


def _p99(r: Round) -> float:
    ours = r["warm", OURS].p99_us
    if not ours:
        raise KeyError("no latencies in this run")
    return ours / r["warm", DNSMASQ].p99_us


def _workers(r: Round) -> float:
    return r["workers-2", OURS].qps / r["workers-1", OURS].qps


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
        _own("headless-a", KUBEDNS, over="warm"),
        2.0,
    ),
    Target(
        f"kubedns, hit path at {RATE:.0f} unrelated changes a second / quiet",
        _own(HIT_PATH, KUBEDNS, over=QUIET),
        1.15,
    ),
    Target(
        "the same with the CPU of the changes themselves",
        _own(TOTAL, KUBEDNS, over=QUIET),
        None,
    ),
    Target(
        "front, q/s of 2 workers / 1, two load generators",
        _workers,
        1.7,
        at_least=True,
        processors=SPREAD_MIN,
    ),
    Target("front, p99 at half the maximum rate / dnsmasq", _p99, 1.0),
)

MEMORY_MB = {OURS: 32.0, KUBEDNS: 70.0, SIDECAR: 40.0}
"""Resident megabytes of the idle daemons, at most."""


def memory_verdict(daemon: str, found_mb: float | None) -> str:
    """Whether an idle daemon is small enough."""
    if found_mb is None:
        return NOT_MEASURED
    return MET if found_mb <= MEMORY_MB[daemon] else MISSED
