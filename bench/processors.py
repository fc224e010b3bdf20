"""Which processor the server under test gets, and which the load: two, where there are two.

Pure but for `here`, which asks the kernel what this process may use.
"""

from __future__ import annotations

import os
from collections.abc import Iterable
from dataclasses import dataclass

SPREAD_MIN = 4
"""From so many processors on, two workers and two load generators each have their own."""


@dataclass(frozen=True, slots=True)
class Processors:
    """Lists as taskset(1) reads them."""

    server: str
    """The one of the server under test."""
    load: str
    """The one of dnsperf, of servers behind the one under test, and of the bench itself."""
    workers: str
    """Those of a server with several workers."""
    loads: tuple[str, str]
    """Those of two load generators at once."""
    count: int


def assign(available: Iterable[int]) -> Processors:
    """Share out the processors that may be used."""
    numbers = [str(number) for number in sorted(available)]
    server, load = numbers[0], numbers[min(1, len(numbers) - 1)]
    if len(numbers) >= SPREAD_MIN:
        loads = (numbers[-2], numbers[-1])
        return Processors(server, load, ",".join(numbers[:-2]), loads, len(numbers))
    return Processors(server, load, ",".join(numbers), (load, load), len(numbers))


def here() -> Processors:
    """Those of this process. Call it before the process pins itself."""
    return assign(os.sched_getaffinity(0))
