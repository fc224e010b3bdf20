"""From a probe's last result to what `/healthcheck/<label>` says; pure.

The last result alone decides: kubelet's failureThreshold is the damping. Beyond the stock rules,
a result that is too old is unhealthy, since a prober that has stopped knows nothing, and so is
an answer that a cache calls stale.
"""

from __future__ import annotations

import json
from dataclasses import dataclass

from sidecar.probe_spec import ProbeSpec
from sidecar.schedule import is_stale, stale_after_s


@dataclass(frozen=True, slots=True)
class ProbeResult:
    """What one round of a probe found."""

    finished: float
    """Monotonic seconds."""
    latency_s: float
    """Of the whole round: failed ones too, and questions that were asked again."""
    error: str | None = None
    """None when the server answered with records."""
    answered: bool = True
    """Whether the server said anything at all: the process lives."""
    stale: bool = False
    """The server said that it has this from its cache, as its own servers do not answer."""
    tries: int = 1
    """Questions asked."""

    @property
    def ok(self) -> bool:
        return self.error is None


@dataclass(frozen=True, slots=True)
class Health:
    """The verdict on one probe."""

    ok: bool
    latency_s: float
    """0 unless ok, as in the stock sidecar."""
    error: str
    answered: bool = False
    """Of the last round, if that is not too long ago."""
    stale: bool = False
    """Likewise."""
    age_s: float | None = None
    """Since the end of the last round; None before the first."""

    def to_json(self) -> str:
        """The stock body `{"IsOk":bool,"LatencySeconds":number,"Err":"text"}`, and more facts."""
        body = {
            "IsOk": self.ok,
            "LatencySeconds": self.latency_s or 0,
            "Err": self.error,
            "Answered": self.answered,
            "Stale": self.stale,
            "AgeSeconds": None if self.age_s is None else round(self.age_s, 3),
        }
        return json.dumps(body, separators=(",", ":"))


def judge(spec: ProbeSpec, last: ProbeResult | None, now: float, *, tries: int = 1) -> Health:
    """The verdict at `now` on a probe whose last result is `last`.

    `tries` is how often one round may ask.
    """
    if last is None:
        return Health(False, 0.0, "waiting for first probe")
    age_s = max(0.0, now - last.finished)
    if is_stale(last.finished, now, interval_s=spec.interval_s, tries=tries):
        limit_s = stale_after_s(spec.interval_s, tries=tries)
        error = f"last probe finished {age_s:.0f} s ago, more than {limit_s:.0f} s"
        return Health(False, 0.0, error, age_s=age_s)
    return Health(
        last.ok,
        last.latency_s if last.ok else 0.0,
        last.error or "",
        last.answered,
        last.stale,
        age_s,
    )
