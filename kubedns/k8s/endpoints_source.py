"""Where the endpoints of Services are read from: EndpointSlices, or Endpoints (v1).

In `auto` Endpoints are read as well from the moment in which slices are answered with 403 or 404.
Slices are asked for again, ever more rarely; once they can be read, Endpoints are left alone. The
rows of both are then there for a moment, and as they say the same no answer blinks.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Protocol

from dnscore.log import get_logger
from kubedns.k8s.endpoints import endpoints
from kubedns.k8s.kind import Kind
from kubedns.k8s.options import ENDPOINTS, SLICES
from kubedns.k8s.project import endpoint_slices
from kubedns.k8s.runner import Runner
from kubedns.rows import ENDPOINT_SLICES, Batch

_log = get_logger("kubedns.watch")


class MakeRunner(Protocol):
    """Make a runner that delivers where the others do."""

    def __call__(
        self,
        kind: Kind[object],
        *,
        optional: bool = False,
        refused: Callable[[], None] | None = None,
        synced: Callable[[], None] | None = None,
    ) -> Runner: ...


class EndpointsSource:
    """One watch, or two while slices cannot be read."""

    def __init__(
        self,
        mode: str,
        make_runner: MakeRunner,
        deliver: Callable[[Batch], None],
        *,
        want_pods: bool = False,
    ) -> None:
        self._make_runner = make_runner
        self._deliver = deliver
        self._want_pods = want_pods
        self._lock = threading.Lock()
        self._stopping = False
        self._fallback: Runner | None = None
        if mode == ENDPOINTS:
            self._main = make_runner(endpoints(want_pods=want_pods))
        elif mode == SLICES:
            self._main = make_runner(endpoint_slices(want_pods=want_pods))
        else:
            self._main = make_runner(
                endpoint_slices(want_pods=want_pods),
                optional=True,
                refused=self._fall_back,
                synced=self._leave_fallback,
            )

    @property
    def runners(self) -> tuple[Runner, ...]:
        """Those at work, from any thread."""
        fallback = self._fallback
        return (self._main,) if fallback is None else (self._main, fallback)

    def start(self) -> None:
        """Begin to list; returns at once."""
        self._main.start()

    def stop(self, *, join_s: float) -> bool:
        """End both; False if a thread is still busy."""
        with self._lock:
            self._stopping = True
        stopped = [runner.stop(join_s=join_s) for runner in self.runners]
        return all(stopped)

    def _fall_back(self) -> None:
        with self._lock:
            if self._stopping or self._fallback is not None:
                return
            self._fallback = self._make_runner(endpoints(want_pods=self._want_pods))
            self._fallback.start()
        _log.warning("Endpoints are read as EndpointSlices cannot be; one family per Service")

    def _leave_fallback(self) -> None:
        with self._lock:
            fallback, self._fallback = self._fallback, None
        if fallback is None:
            return
        _log.info("EndpointSlices can be read now, Endpoints are left alone")
        while not fallback.stop() and not self._stopping:
            _log.warning("watch thread still busy", resource=fallback.status.resource)
        gone = tuple((key, None) for key in fallback.row_keys())
        if gone:
            self._deliver(Batch(ENDPOINT_SLICES, gone, synced=False))
