"""What is to be reached, and the rows that say whether it was. Pure."""

from __future__ import annotations

import statistics
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from bench.scale.delay import Delays
from bench.scale.lists import Relist
from bench.scale.steady import Steady
from bench.targets import MET, MISSED, NOT_MEASURED

FLAT_MB = 1.0
"""Memory is flat when it grows by no more than this in the last third of a run."""


@dataclass(frozen=True, slots=True)
class Lists:
    """The first lists of one run."""

    start_s: float
    """From the start of the process to its first request."""
    ready_s: float
    """From there to the first answer."""
    fetch_s: float
    """What curl takes for the same pages."""
    paced_ready_s: float
    paced_fetch_s: float
    """The same with the API server held to PACED_MB_S."""
    idle_mb: float
    """Resident when ready."""
    peak_mb: float
    """At most, with the relists under load."""


@dataclass(slots=True)
class Round:
    """What one round has found; None was not measured."""

    others: float = 0.0
    """Load average of the machine before it: what else ran, on processors that the figures need."""
    lists: Lists | None = None
    relist: Relist | None = None
    steady: Steady | None = None
    single: Delays | None = None
    stream: Delays | None = None


PACED_MB_S = 100
"""Megabytes of JSON a second from an API server that encodes its objects for each request."""


@dataclass(frozen=True, slots=True)
class Target:
    """A figure and its bound."""

    name: str
    figure: Callable[[Round], float | None]
    bound: float | None
    """The most that will do; None is told and not judged."""
    unit: str
    worst: bool = False
    """Every round has to reach it; otherwise the median counts."""

    def over(self, rounds: Sequence[Round]) -> list[float]:
        """The figure of each round that has it."""
        return [value for one in rounds if (value := self.figure(one)) is not None]

    def verdict(self, values: Sequence[float]) -> str:
        """Whether it was reached."""
        if not values:
            return NOT_MEASURED
        if self.bound is None:
            return ""
        counted = max(values) if self.worst else statistics.median(values)
        return MET if counted <= self.bound else MISSED

    def row(self, rounds: Sequence[Round]) -> str:
        """A line of the table."""
        values = self.over(rounds)
        wanted = "-" if self.bound is None else f"<= {self.bound:g} {self.unit}".strip()
        reached = "-"
        if values:
            low, high = _text(min(values)), _text(max(values))
            spread = f" ({low} to {high})" if len(values) > 1 else ""
            reached = f"{_text(statistics.median(values))} {self.unit}".strip() + spread
        return f"| {self.name} | {wanted} | {reached} | {self.verdict(values)} |"


def _text(value: float) -> str:
    return f"{value:,.0f}" if value >= 100 or value == int(value) else f"{value:.2f}"


def _lists(figure: Callable[[Lists], float]) -> Callable[[Round], float | None]:
    return lambda one: None if one.lists is None else figure(one.lists)


def _relist(figure: Callable[[Relist], float]) -> Callable[[Round], float | None]:
    return lambda one: None if one.relist is None else figure(one.relist)


def _steady(figure: Callable[[Steady], float]) -> Callable[[Round], float | None]:
    return lambda one: None if one.steady is None else figure(one.steady)


def _single(share: float) -> Callable[[Round], float | None]:
    return lambda one: None if one.single is None else one.single.at(share) * 1e3


def _stream(share: float) -> Callable[[Round], float | None]:
    return lambda one: None if one.stream is None else one.stream.at(share) * 1e3


TARGETS = (
    Target("peak memory, lists and two relists under load", _lists(lambda f: f.peak_mb), 110, "MB"),
    Target("memory when ready", _lists(lambda f: f.idle_mb), None, "MB"),
    Target("first request to ready", _lists(lambda f: f.ready_s), None, "s"),
    Target("process start to first request", _lists(lambda f: f.start_s), None, "s"),
    Target(
        "first request to ready / curl, API server that only joins bytes",
        _lists(lambda f: f.ready_s / f.fetch_s),
        2,
        "",
    ),
    Target(
        f"first request to ready / curl, API server of {PACED_MB_S} MB/s",
        _lists(lambda f: f.paced_ready_s / f.paced_fetch_s),
        2,
        "",
    ),
    Target("relist: wrong or missing answers", _relist(lambda f: f.wrong), 0, "", worst=True),
    Target("relist: answers compared", _relist(lambda f: f.asked), None, ""),
    Target("relist: first page to last", _relist(lambda f: f.seconds), None, "s"),
    Target("relist: lost queries", _relist(lambda f: f.busy.lost), 0, "", worst=True),
    Target(
        "relist: p99 above that before it",
        _relist(lambda f: (f.busy.p99_us - f.quiet.p99_us) / 1e3),
        5,
        "ms",
    ),
    Target("updates: wrong or missing answers after", _steady(lambda f: f.wrong), 0, "", True),
    Target("updates: lost queries", _steady(lambda f: f.latency.lost), 0, "", True),
    Target("updates: p99 of queries", _steady(lambda f: f.latency.p99_us / 1e3), 5, "ms"),
    Target(
        "updates: memory, growth in the last third",
        _steady(lambda f: f.end_mb - f.late_mb),
        FLAT_MB,
        "MB",
    ),
    Target("updates: memory, growth in all", _steady(lambda f: f.end_mb - f.start_mb), None, "MB"),
    Target("updates: last one answered after", _steady(lambda f: f.behind_s * 1e3), None, "ms"),
    Target("updates: processors busy", _steady(lambda f: f.busy), None, ""),
    Target("write acknowledged to answer, one at a time: p50", _single(0.5), 2, "ms"),
    Target("write acknowledged to answer, one at a time: p99", _single(0.99), 10, "ms"),
    Target("write acknowledged to answer, 100 a second: p50", _stream(0.5), None, "ms"),
    Target("write acknowledged to answer, 100 a second: p99", _stream(0.99), 25, "ms"),
)


def table(rounds: Sequence[Round]) -> str:
    """The targets and what was reached."""
    lines = ["| figure | target | reached (median; least to most) | |", "|---|---:|---:|---|"]
    return "\n".join([*lines, *(target.row(rounds) for target in TARGETS)])
