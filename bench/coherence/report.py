"""What is to be reached, and the tables. Pure."""

from __future__ import annotations

import statistics
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from bench.coherence.appearing import Appeared
from bench.coherence.changing import KINDS
from bench.coherence.judging import at
from bench.coherence.under_load import Loaded
from bench.targets import MET, MISSED, NOT_MEASURED

HELD_S = 25.0
"""A negative answer may be kept for 30 s."""
P99_MS = 50.0
HITS = 0.99


@dataclass(slots=True)
class Round:
    """What one round has found; None was not measured."""

    held: int | None = None
    """Questions passed on in HELD_S for a name that does not exist."""
    appeared: Appeared | None = None
    loaded: Loaded | None = None


@dataclass(frozen=True, slots=True)
class Row:
    """A figure and its bound."""

    name: str
    figure: Callable[[Round], float | None]
    form: str
    """How the figure is written."""
    bound: float | None = None
    at_least: bool = False
    worst: bool = False
    """Every round has to reach it; otherwise the median counts."""

    def text(self, rounds: Sequence[Round]) -> str:
        """A line of the table."""
        values = [value for one in rounds if (value := self.figure(one)) is not None]
        wanted = "-"
        if self.bound is not None:
            wanted = f"{'>=' if self.at_least else '<='} {self.form.format(self.bound)}"
        if not values:
            return f"| {self.name} | {wanted} | - | {NOT_MEASURED} |"
        reached = self.form.format(statistics.median(values))
        if len(values) > 1:
            low, high = self.form.format(min(values)), self.form.format(max(values))
            reached += f" ({low} to {high})"
        return f"| {self.name} | {wanted} | {reached} | {self._verdict(values)} |"

    def _verdict(self, values: Sequence[float]) -> str:
        if self.bound is None:
            return ""
        counted = statistics.median(values)
        if self.worst:
            counted = min(values) if self.at_least else max(values)
        good = counted >= self.bound if self.at_least else counted <= self.bound
        return MET if good else MISSED


def _appeared(figure: Callable[[Appeared], float]) -> Callable[[Round], float | None]:
    return lambda one: None if one.appeared is None else figure(one.appeared)


def _loaded(figure: Callable[[Loaded], float]) -> Callable[[Round], float | None]:
    return lambda one: None if one.loaded is None else figure(one.loaded)


def _late(share: float, kind: str = "") -> Callable[[Round], float | None]:
    def figure(loaded: Loaded) -> float:
        judged = loaded.judged
        return 1e3 * at(judged.late_s[kind] if kind else judged.all_s, share)

    return _loaded(figure)


_MS, _COUNT, _SHARE = "{:.1f} ms", "{:,.0f}", "{:.2%}"
_NEW, _OLD, _TOLD = "new pod", "old data after a change", "NOTIFY"
ROWS = (
    Row(
        f"no such name: questions passed on while it was asked for {HELD_S:.0f} s",
        lambda one: one.held,
        _COUNT,
        1,
        worst=True,
    ),
    Row(f"{_NEW}: first answer after the write, p50", _appeared(lambda a: a.at(0.5) * 1e3), _MS),
    Row(
        f"{_NEW}: first answer after the write, p99",
        _appeared(lambda a: a.at(0.99) * 1e3),
        _MS,
        P99_MS,
    ),
    Row(f"{_NEW}: first answer after the write, longest", _appeared(lambda a: a.at(1) * 1e3), _MS),
    Row(
        f"{_NEW}: negative answers behind the first",
        _appeared(lambda a: a.negatives_after),
        _COUNT,
        0,
        worst=True,
    ),
    Row(f"{_NEW}: trials", _appeared(lambda a: len(a.delays_s)), _COUNT),
    Row(f"{_NEW}: questions before it was there", _appeared(lambda a: a.asked_before), _COUNT),
    Row(f"{_NEW}: questions that the front passed on", _appeared(lambda a: a.forwarded), _COUNT),
    Row(f"{_OLD}: last one, p50", _late(0.5), _MS),
    Row(f"{_OLD}: last one, p99", _late(0.99), _MS, P99_MS),
    Row(f"{_OLD}: last one, longest", _late(1.0), _MS),
    *(Row(f"{_OLD}: {kind}, p99", _late(0.99, kind), _MS, P99_MS) for kind in KINDS),
    Row(f"{_OLD}: answers looked at", _loaded(lambda f: f.judged.answers), _COUNT),
    Row(f"{_OLD}: old ones among them", _loaded(lambda f: f.judged.old), _COUNT),
    Row(f"{_OLD}: never true", _loaded(lambda f: f.judged.foreign), _COUNT, 0, worst=True),
    Row(f"{_OLD}: changes made", _loaded(lambda f: f.changes), _COUNT),
    Row(f"{_OLD}: changes never seen", _loaded(lambda f: f.judged.unseen), _COUNT, 0, worst=True),
    Row("changes a second", _loaded(lambda f: f.changes / f.seconds), _COUNT),
    Row("questions a second", _loaded(lambda f: f.heard.asked / f.heard.seconds), _COUNT),
    Row("questions lost or failed", _loaded(lambda f: f.heard.lost + f.heard.failed), _COUNT),
    Row(
        "untouched names: answered by the cache", _loaded(lambda f: f.hit_share), _SHARE, HITS, True
    ),
    Row(f"{_TOLD}: acknowledged", _loaded(lambda f: f.told.acknowledged), _COUNT),
    Row(f"{_TOLD}: sent again", _loaded(lambda f: f.told.retried), _COUNT),
    Row(f"{_TOLD}: the whole zone in place of names", _loaded(lambda f: f.told.everything), _COUNT),
    Row(f"{_TOLD}: change to acknowledgement, mean", _loaded(lambda f: f.told.mean_s * 1e3), _MS),
    Row(
        f"{_TOLD}: change to acknowledgement, p99 within",
        _loaded(lambda f: f.told.p99_s * 1e3),
        _MS,
    ),
)


def table(rounds: Sequence[Round]) -> str:
    """The targets and what was reached."""
    lines = ["| figure | target | reached (median; least to most) | |", "|---|---:|---:|---|"]
    return "\n".join([*lines, *(row.text(rounds) for row in ROWS)])


def comparison(others: dict[str, Loaded], rounds: Sequence[Round]) -> str:
    """The same load on caches that nobody tells."""
    lines = [
        "| cache | old data, p50 | p99 | longest | old answers | hits of untouched names |",
        "|---|---:|---:|---:|---:|---:|",
    ]
    told = next((one.loaded for one in reversed(rounds) if one.loaded is not None), None)
    for name, one in ({"front": told} | others).items():
        if one is None:
            continue
        late = one.judged.all_s
        figures = " | ".join(f"{1e3 * at(late, share):,.1f} ms" for share in (0.5, 0.99, 1.0))
        old = one.judged.old / max(1, one.judged.answers)
        lines.append(f"| {name} | {figures} | {old:.1%} | {one.hit_share:.2%} |")
    return "\n".join(lines)
