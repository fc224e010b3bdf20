"""The last hour, one sample each ten seconds: what each probe said, and the cache's totals. Pure.

A ring of HOUR samples, so its memory is bounded. A gap in time, as when the process was stopped,
is a gap in the ring too: what nobody saw is not drawn as if it had been well.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass

from sidecar.health import Health

SAMPLE_S = 10.0
HOUR = 360
"""Samples of an hour."""

OK, STALE, FAILING, WAITING, NOBODY = "+~-?."
"""Marks: well; answers from a stale cache; failing; not known yet; no sample."""


@dataclass(frozen=True, slots=True)
class Sample:
    """What was seen at one moment."""

    at: float
    """Monotonic seconds."""
    marks: str
    """One for each probe, in the order of the command line."""
    hits: int = 0
    misses: int = 0
    """Totals, which never decrease."""
    polled: bool = True
    """Whether the last poll was good; from one that failed the totals say nothing."""


@dataclass(frozen=True, slots=True)
class Traffic:
    """Between two samples; None where it is not known."""

    queries_per_s: float | None = None
    hit_ratio: float | None = None


def mark(health: Health | None) -> str:
    """The mark of a verdict."""
    if health is None or health.age_s is None:
        return WAITING
    if health.stale:
        return STALE
    return OK if health.ok else FAILING


class History:
    """The ring. One thread adds; readers get copies."""

    def __init__(self, samples_max: int = HOUR) -> None:
        self._samples_max = samples_max
        self._samples: deque[Sample | None] = deque(maxlen=samples_max)
        self._last: Sample | None = None

    def add(self, sample: Sample) -> None:
        """Take a sample, and note for how many before it there was nobody to take them."""
        if self._last is not None:
            missed = round((sample.at - self._last.at) / SAMPLE_S) - 1
            self._samples.extend([None] * min(missed, self._samples_max))
        self._samples.append(sample)
        self._last = sample

    def marks(self, number: int) -> str:
        """The marks of one probe, the oldest first."""
        return "".join(
            NOBODY if sample is None else sample.marks[number] for sample in tuple(self._samples)
        )

    def seen(self) -> str:
        """For each sample whether this process took it: its own history."""
        return "".join(NOBODY if sample is None else OK for sample in tuple(self._samples))

    def traffic(self) -> list[Traffic]:
        """What came between each sample and the one before it, the oldest first."""
        samples = tuple(self._samples)
        pairs = zip((None, *samples[:-1]), samples, strict=True) if samples else ()
        return [_between(before, sample) for before, sample in pairs]


def _between(before: Sample | None, sample: Sample | None) -> Traffic:
    if before is None or sample is None or sample.at <= before.at:
        return Traffic()
    # The first good poll brings all that has come until then, of no one knows how long a time.
    if not (before.polled and sample.polled):
        return Traffic()
    hits, misses = sample.hits - before.hits, sample.misses - before.misses
    queries = hits + misses
    return Traffic(queries / (sample.at - before.at), hits / queries if queries else None)


@dataclass(frozen=True, slots=True)
class Run:
    """Samples in a row with one mark."""

    start: int
    """Of the whole, where the newest sample is number HOUR - 1."""
    length: int
    mark: str


def runs(marks: str, *, hour: int = HOUR) -> list[Run]:
    """The runs of a history, the oldest first; those without a sample left out."""
    found: list[Run] = []
    offset = hour - len(marks)
    for at, one in enumerate(marks, start=offset):
        if found and found[-1].mark == one:
            found[-1] = Run(found[-1].start, found[-1].length + 1, one)
        else:
            found.append(Run(at, 1, one))
    return [run for run in found if run.mark != NOBODY]


def share_well(marks: str) -> float | None:
    """Share of the samples that were well; None without any."""
    known = [one for one in marks if one not in (NOBODY, WAITING)]
    return known.count(OK) / len(known) if known else None


def lines(values: Sequence[float | None], *, hour: int = HOUR) -> list[list[tuple[int, float]]]:
    """A series as unbroken lines of points, numbered as in `Run`."""
    found: list[list[tuple[int, float]]] = []
    is_open = False
    for at, value in enumerate(values, start=hour - len(values)):
        if value is None:
            is_open = False
            continue
        if not is_open:
            found.append([])
            is_open = True
        found[-1].append((at, value))
    return found
