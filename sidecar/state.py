"""What the sidecar has seen so far: written by its worker threads, read by HTTP requests."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from sidecar.daemon_figures import Series
from sidecar.front_figures import FrontFigures, FrontReading, FrontSample
from sidecar.health import Health, ProbeResult, judge
from sidecar.histogram import HistogramReading, LatencyHistogram
from sidecar.probe_spec import ProbeSpec
from sidecar.stats import CacheSample, CacheStats, CacheTotals


@dataclass(frozen=True, slots=True)
class ProbeReading:
    """One probe's figures at one moment."""

    label: str
    errors: int
    latency: HistogramReading
    """Of successful rounds only."""
    health: Health
    retries: int = 0
    """Questions that were asked again within their round."""


@dataclass(frozen=True, slots=True)
class Reading:
    """All figures at one moment; they belong together."""

    probes: tuple[ProbeReading, ...]
    cache: CacheTotals
    front: FrontReading
    daemon: Series | None
    """kubedns's figures; None as long as it has never shown any, empty when it does not now."""


@dataclass(slots=True)
class _Probe:
    spec: ProbeSpec
    last: ProbeResult | None = None
    errors: int = 0
    retries: int = 0
    latency: LatencyHistogram = field(default_factory=LatencyHistogram)


class State:
    """Locked; no method does I/O while it holds the lock, so no request waits for a server."""

    def __init__(
        self,
        probes: Sequence[ProbeSpec],
        *,
        tries: int = 1,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """`tries` is how often one round of a probe may ask."""
        self._clock = clock
        self._tries = tries
        self._lock = threading.Lock()
        self._probes = {spec.label: _Probe(spec) for spec in probes}
        self._cache = CacheStats()
        self._front = FrontFigures()
        self._daemon: Series | None = None

    @property
    def labels(self) -> tuple[str, ...]:
        """The labels of the probes, in the order of the command line."""
        return tuple(self._probes)

    def record_probe(self, label: str, result: ProbeResult) -> bool:
        """Take in a round's result; True when it turned the probe to ok, or away from it."""
        with self._lock:
            probe = self._probes[label]
            changed = probe.last is None or probe.last.ok != result.ok
            probe.last = result
            probe.retries += result.tries - 1
            if result.ok:
                probe.latency.observe(result.latency_s)
            else:
                probe.errors += 1
            return changed

    def record_cache(self, sample: CacheSample) -> None:
        """Take in the counters of the caching server."""
        with self._lock:
            self._cache.update(sample)

    def record_cache_error(self) -> None:
        """Count a poll of the caching server that failed."""
        with self._lock:
            self._cache.failed()
            self._front.failed()

    def record_front(self, sample: FrontSample) -> None:
        """Take in what the caching server tells beyond its counters."""
        with self._lock:
            self._front.update(sample)

    def record_daemon(self, series: Series) -> bool:
        """Take in kubedns's figures; True when there were none before."""
        with self._lock:
            changed = not self._daemon
            self._daemon = series
            return changed

    def record_daemon_error(self) -> bool:
        """kubedns shows no figures; True when it did before."""
        with self._lock:
            changed = bool(self._daemon)
            if self._daemon is not None:
                self._daemon = {}
            return changed

    def health(self, label: str) -> Health | None:
        """The present verdict on a probe; None when no probe has this label."""
        with self._lock:
            probe = self._probes.get(label)
            return None if probe is None else self._judge(probe)

    def read(self) -> Reading:
        """A consistent copy of all figures."""
        with self._lock:
            return Reading(
                probes=tuple(
                    ProbeReading(
                        label,
                        probe.errors,
                        probe.latency.read(),
                        self._judge(probe),
                        probe.retries,
                    )
                    for label, probe in self._probes.items()
                ),
                cache=self._cache.current,
                front=self._front.read(),
                daemon=self._daemon,
            )

    def _judge(self, probe: _Probe) -> Health:
        return judge(probe.spec, probe.last, self._clock(), tries=self._tries)
