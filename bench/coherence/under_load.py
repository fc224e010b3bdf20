"""Changes of every kind under load: how long old answers go on, and what it costs other names."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass

from bench.coherence.asking import Asked, Client, Heard
from bench.coherence.changing import KEPT_UP, TARGETS, Changer, changing_names, target_name
from bench.coherence.judging import Judged, judge
from bench.coherence.stage import Stage
from bench.process import ServerError
from bench.scale.ask import Asker, question

CHANGES_S = 100.0
QUERIES_S = 5000.0
SAMPLED_S = 100.0
"""Questions a second for each name that changes: its answers are 10 ms apart."""
UNTOUCHED = 300
"""Names that do not change. Each is asked for ten times a second, so of a life of 30 s one
question in 300 finds it over: a third of what may be missed."""
_WARM_S = 2.0
_DELAY = "kubedns_notify_delay_seconds"


@dataclass(frozen=True, slots=True)
class Told:
    """What kubedns says of its messages in the run."""

    acknowledged: int = 0
    retried: int = 0
    everything: int = 0
    """Times that a burst became one message for the zone."""
    mean_s: float = 0.0
    """From the change of the records to the acknowledgement."""
    p50_s: float = 0.0
    """The bound of the histogram that half of them, and ..."""
    p99_s: float = 0.0
    """... that 99 of a hundred were within."""


@dataclass(frozen=True, slots=True)
class Loaded:
    """What one run has found."""

    judged: Judged
    heard: Heard
    changes: int
    seconds: float
    forwarded: int
    """Questions that the cache did not answer."""
    told: Told

    @property
    def hit_share(self) -> float:
        """The least share of the questions for untouched names that the cache answered.

        It has asked at least once for each change that it has shown; all its other questions
        are taken to be for untouched names, also those for answers whose life was over.
        """
        misses = max(0, self.forwarded - self.judged.seen)
        return 1 - misses / max(1, self.heard.untouched)


def measure_under_load(
    stage: Stage, *, seconds: float, changes_s: float = CHANGES_S, kept_up: float = KEPT_UP
) -> Loaded:
    """One run. Raises ServerError, OSError, and so when fewer changes than that share were made."""
    names = changing_names()
    changer = Changer(stage, names, changes_s, kept_up)
    changer.prepare()
    rest = QUERIES_S - SAMPLED_S * len(names)
    changing = Asked([name.name for name in names], SAMPLED_S)
    # Those behind are what aliases lead to: their answers are kept apart from the aliases'.
    untouched = Asked([target_name(TARGETS - 1 - n) for n in range(UNTOUCHED)], rest / UNTOUCHED)
    _fill(stage, (*changing.names, *untouched.names))
    client = Client(stage.cache, changing, untouched)
    time.sleep(_WARM_S)
    before, misses = stage.kubedns_metrics(), stage.counter("misses")
    changer.start()
    time.sleep(seconds)
    states = changer.end()
    heard = client.end()
    judged = judge(states, heard)
    return Loaded(
        judged=judged,
        heard=heard,
        changes=len(states) - len(names),
        seconds=seconds,
        forwarded=stage.counter("misses") - misses,
        told=told_between(before, stage.kubedns_metrics()),
    )


def _fill(stage: Stage, names: Sequence[str]) -> None:
    """Have the cache ask for each name, one after the other.

    All at once, while kubedns waits for a processor, they are more than the cache lets wait, and
    what comes then is no measure of how it hears of changes.
    """
    with Asker(stage.cache) as asker:
        for name in names:
            if asker.ask(question(name)) is None:
                raise ServerError(f"no answer for {name}")


def told_between(before: dict[str, float], after: dict[str, float]) -> Told:
    """What was told between two looks at the metrics."""
    grown: dict[str, float] = {}
    for sample, value in after.items():
        if sample.startswith("kubedns_notify_"):
            grown[sample] = value - before.get(sample, 0.0)

    def total(family: str) -> float:
        return sum(value for sample, value in grown.items() if sample.startswith(f"{family}{{"))

    count = total(f"{_DELAY}_count")
    if not count:
        return Told()
    buckets: dict[float, float] = {}
    for sample, value in grown.items():
        if sample.startswith(f"{_DELAY}_bucket"):
            bound = float(sample.partition('le="')[2].partition('"')[0])
            buckets[bound] = buckets.get(bound, 0.0) + value

    def within(share: float) -> float:
        return min(bound for bound, value in buckets.items() if value >= share * count)

    return Told(
        acknowledged=int(total("kubedns_notify_acknowledged_total")),
        retried=int(total("kubedns_notify_retried_total")),
        everything=int(total("kubedns_notify_whole_zone_total")),
        mean_s=total(f"{_DELAY}_sum") / count,
        p50_s=within(0.5),
        p99_s=within(0.99),
    )
