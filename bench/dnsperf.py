"""What dnsperf (DNS-OARC, 2.x) prints at the end of a run. Pure."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass


class LoadError(Exception):
    """A load generator could not be run or its output not be read."""


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
