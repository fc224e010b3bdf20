"""A pod of a StatefulSet, asked for before it exists: when is it there, and does it stay?

Its name is asked for every 10 ms, so a negative answer is in the cache when the endpoint is
written, and the time that is measured has up to 10 ms of asking too early in it.
"""

from __future__ import annotations

import random
import threading
import time
from dataclasses import dataclass

from bench.api_writer import Writer
from bench.coherence.stage import Stage, collection, dns_name, endpoint, service
from bench.process import ServerError
from bench.scale.ask import Asker, question
from dnscore.wire.const import NOERROR, NXDOMAIN

EVERY_S = 0.01
SET = "web"
"""The headless Service of the set."""
OBJECTS = [service(SET)]
HELD_EVERY_S = 0.1
_BEFORE = 20
"""Questions before the pod comes; the first of them fills the cache."""
_AFTER = 30
"""Questions after its first answer."""
_GIVE_UP_S = 40.0


@dataclass(frozen=True, slots=True)
class Appeared:
    """What came of all trials."""

    delays_s: tuple[float, ...]
    """From the acknowledgement of the write to the first answer, sorted; infinity is never."""
    negatives_after: int
    """Negative answers behind the first positive one of their trial."""
    asked_before: int
    """Questions before the pods came."""
    forwarded: int
    """Questions that the cache did not answer, in all."""
    lost: int
    """Questions without an answer."""

    def at(self, share: float) -> float:
        """A percentile."""
        return self.delays_s[min(len(self.delays_s) - 1, int(len(self.delays_s) * share))]


def measure_held(stage: Stage, *, seconds: float) -> int:
    """Questions that the cache passes on for a name that does not exist and is asked for so long.

    With one, its negative answer is kept for that time. Raises ServerError.
    """
    asked, before = question(dns_name(f"never.{SET}")), stage.counter("misses")
    with Asker(stage.cache) as asker:
        for _ in range(int(seconds / HELD_EVERY_S)):
            answer = asker.ask(asked)
            if answer is None or answer.rcode != NXDOMAIN:
                raise ServerError(f"a name that does not exist is answered with {answer}")
            time.sleep(HELD_EVERY_S)
    return stage.counter("misses") - before


@dataclass(slots=True)
class _Trial:
    acknowledged: float | None = None
    error: Exception | None = None
    first: float | None = None
    negatives_after: int = 0
    positives: int = 0
    before: int = 0
    lost: int = 0


def measure_appearing(stage: Stage, *, trials: int, chance: random.Random) -> Appeared:
    """One pod after the other. Raises ServerError, OSError."""
    writer, done = Writer(stage.api), []
    misses = stage.counter("misses")
    for number in range(trials):
        done.append(_trial(stage, writer, number, phase_s=chance.random() * EVERY_S))
        writer.write("DELETE", f"{collection('EndpointSlice')}/{SET}-{number}")
    writer.close()
    delays = [
        float("inf")
        if one.first is None or one.acknowledged is None
        else max(0.0, one.first - one.acknowledged)
        for one in done
    ]
    return Appeared(
        delays_s=tuple(sorted(delays)),
        negatives_after=sum(one.negatives_after for one in done),
        asked_before=sum(one.before for one in done),
        forwarded=stage.counter("misses") - misses,
        lost=sum(one.lost for one in done),
    )


def _trial(stage: Stage, writer: Writer, number: int, *, phase_s: float) -> _Trial:
    trial, due = _Trial(), threading.Event()
    pod = f"{SET}-{number}"
    address = f"10.244.{number // 250}.{number % 250 + 1}"

    def write() -> None:
        due.wait()
        time.sleep(phase_s)  # At any moment between two questions.
        try:
            slices = collection("EndpointSlice")
            obj = endpoint(SET, pod, address, hostname=pod)
            trial.acknowledged = writer.write("POST", slices, obj)
        except Exception as error:  # Told by the thread that asks.
            trial.error = error

    thread = threading.Thread(target=write, name="writer", daemon=True)
    thread.start()
    _ask(stage, trial, question(dns_name(f"{pod}.{SET}")), due)
    due.set()
    thread.join()
    if trial.error is not None:
        raise trial.error
    return trial


def _ask(stage: Stage, trial: _Trial, asked: bytes, due: threading.Event) -> None:
    with Asker(stage.cache) as asker:
        began = time.monotonic()
        number = 0
        while trial.positives < _AFTER and time.monotonic() < began + _GIVE_UP_S:
            if number == _BEFORE:
                due.set()
            answer = asker.ask(asked)
            now = time.monotonic()
            if answer is None:
                trial.lost += 1
            elif answer.rcode == NOERROR and answer.data:
                trial.first = trial.first or now
                trial.positives += 1
            else:
                trial.negatives_after += trial.first is not None
            trial.before += trial.acknowledged is None
            number += 1
            time.sleep(max(0.0, began + number * EVERY_S - time.monotonic()))
