"""From a probe's last result to what `/healthcheck/<label>` says; pure.

The last result alone decides: kubelet's failureThreshold is the damping. Beyond the stock rules,
a result that is too old is unhealthy, since a prober that has stopped knows nothing.
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
    """Of the whole exchange, failed ones too."""
    error: str | None = None
    """None when the server answered with records."""

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

    def to_json(self) -> str:
        """The stock body: `{"IsOk":bool,"LatencySeconds":number,"Err":"text"}`."""
        body = {"IsOk": self.ok, "LatencySeconds": self.latency_s or 0, "Err": self.error}
        return json.dumps(body, separators=(",", ":"))


def judge(spec: ProbeSpec, last: ProbeResult | None, now: float) -> Health:
    """The verdict at `now` on a probe whose last result is `last`."""
    if last is None:
        return Health(False, 0.0, "waiting for first probe")
    if is_stale(last.finished, now, interval_s=spec.interval_s):
        age_s = now - last.finished
        limit_s = stale_after_s(spec.interval_s)
        return Health(
            False, 0.0, f"last probe finished {age_s:.0f} s ago, more than {limit_s:.0f} s"
        )
    if last.error is not None:
        return Health(False, 0.0, last.error)
    return Health(True, last.latency_s, "")
