"""What dnsperf (DNS-OARC, 2.x) prints: its summary, and with `-v` a line per answer. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

TIMEOUT_S = 2.0
"""A query without an answer for so long is lost."""


class LoadError(Exception):
    """dnsperf could not be run or its output not be read."""


@dataclass(frozen=True, slots=True)
class Load:
    """What dnsperf reports of one run."""

    completed: int
    lost: int
    seconds: float
    rcodes: str
    """Such as `NOERROR 99 %, SERVFAIL 1 %`."""

    @property
    def qps(self) -> float:
        """Queries answered per second."""
        return self.completed / self.seconds if self.seconds else 0.0


@dataclass(frozen=True, slots=True)
class Latency:
    """Microseconds that a share of the queries stays below; what was lost took the time-out."""

    p50_us: float
    p99_us: float
    p999_us: float
    lost: int = 0


def summary(text: str) -> Load:
    """The statistics at the end of a run. Raises LoadError when they are not there."""

    def number(pattern: str) -> float:
        found = re.search(pattern, text)
        if found is None:
            raise LoadError(f"dnsperf said nothing of {pattern!r}: {text[-300:]}")
        return float(found.group(1))

    codes = re.search(r"Response codes:[ \t]+(\S.*)", text)
    return Load(
        completed=int(number(r"Queries completed: +(\d+)")),
        lost=int(number(r"Queries lost: +(\d+)")),
        seconds=number(r"Run time \(s\): +([\d.]+)"),
        rcodes=_short(codes.group(1)) if codes else "",
    )


def _short(codes: str) -> str:
    found = re.findall(r"(\w+) \d+ \(([\d.]+)%\)", codes)
    return ", ".join(f"{name} {float(share):.3g} %" for name, share in found)


def together(loads: Sequence[Load]) -> Load:
    """Several load generators that ran at once, as one."""
    return Load(
        completed=sum(load.completed for load in loads),
        lost=sum(load.lost for load in loads),
        seconds=max(load.seconds for load in loads),
        rcodes=loads[0].rcodes,
    )


def answer_times(lines: Iterable[str]) -> list[float]:
    """Seconds of each answered query: `> RCODE name type seconds`.

    Lines of other kinds, such as `> T name type` for a query that timed out, are left out.
    """
    times = []
    for line in lines:
        words = line.split()
        if len(words) == 5 and words[0] == ">" and words[1] != "T":
            times.append(float(words[4]))
    return times


def quantiles(times: Iterable[float], *, lost: int) -> Latency:
    """Percentiles over all queries that were sent. Raises LoadError when there is none."""
    waits = sorted(times) + [TIMEOUT_S] * lost
    if not waits:
        raise LoadError("no query was sent")

    def at(share: float) -> float:
        return waits[min(len(waits) - 1, int(len(waits) * share))] * 1e6

    return Latency(at(0.5), at(0.99), at(0.999), lost)
