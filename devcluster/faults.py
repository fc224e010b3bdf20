"""Faults that a test or a demo can order: failing answers, and watches that hold, hush or break.

Every knob is one method; all are safe to call from any thread while requests are served.
Ordered failures are used up one request at a time, in the order they were given.
"""

from __future__ import annotations

import threading
from dataclasses import dataclass

from devcluster import status
from devcluster.resources import VERBS, resource_named
from devcluster.watch import WatchHub


@dataclass(slots=True)
class _Failure:
    resource: str
    verb: str
    error: status.ApiError
    left: int


@dataclass(slots=True)
class _CutAfter:
    resource: str
    after_bytes: int


class Faults:
    """The orders that are open."""

    def __init__(self, hub: WatchHub) -> None:
        self._hub = hub
        self._lock = threading.Lock()
        self._failures: list[_Failure] = []
        self._cuts: list[_CutAfter] = []
        self._forbidden: set[str] = set()

    def fail_next(
        self,
        resource: str = "",
        *,
        code: int = 500,
        times: int = 1,
        verb: str = "",
        retry_after_s: int | None = None,
    ) -> None:
        """Answer the next `times` requests for a resource with that HTTP code and a Status.

        Empty `resource` or `verb` (such as `list`, `watch`) stands for any. Code 410 on `watch` is
        the form of "too old" that comes as an HTTP status. Raises ValueError on unknown names.
        """
        if verb and verb not in VERBS:
            raise ValueError(f"no verb {verb!r}; there are {', '.join(VERBS)}")
        error = status.injected(code, retry_after_s=retry_after_s)
        with self._lock:
            self._failures.append(_Failure(_plural(resource), verb, error, times))

    def take_failure(self, resource: str, verb: str) -> status.ApiError | None:
        """The failure ordered for this request, if any; it is used up."""
        with self._lock:
            for at, failure in enumerate(self._failures):
                if failure.resource in ("", resource) and failure.verb in ("", verb):
                    failure.left -= 1
                    if failure.left <= 0:
                        del self._failures[at]
                    return failure.error
        return None

    def forbid(self, resource: str) -> None:
        """Answer every request for a resource with 403. Raises ValueError on an unknown name."""
        with self._lock:
            self._forbidden.add(_plural(resource))

    def allow(self, resource: str) -> None:
        """Take back `forbid`."""
        with self._lock:
            self._forbidden.discard(_plural(resource))

    def is_forbidden(self, resource: str) -> bool:
        """Whether `forbid` holds for a resource (plural name)."""
        with self._lock:
            return resource in self._forbidden

    def cut_next_watch(self, resource: str = "", *, after_bytes: int) -> None:
        """Break the next watch of a resource off after that many bytes of its stream."""
        with self._lock:
            self._cuts.append(_CutAfter(_plural(resource), after_bytes))

    def take_cut(self, resource: str) -> int | None:
        """The byte count ordered for the watch that opens now, if any; it is used up."""
        with self._lock:
            for at, order in enumerate(self._cuts):
                if order.resource in ("", resource):
                    return self._cuts.pop(at).after_bytes
        return None

    def pause_watches(self) -> None:
        """Hold the events of all watches, those opened later too, until `resume_watches`."""
        self._hub.set_holding(holding=True)

    def resume_watches(self) -> None:
        """Send on, beginning with the events that were held."""
        self._hub.set_holding(holding=False)

    def cut_watches(self, resource: str = "") -> None:
        """Break the open watches (of one resource) off, in the middle of their HTTP answer."""
        for watcher in self._hub.watchers(resource_named(resource) if resource else None):
            watcher.cut()

    def silence_watches(self, resource: str = "") -> None:
        """Make the open watches (of one resource) half-open: connected, and never a byte more."""
        for watcher in self._hub.watchers(resource_named(resource) if resource else None):
            watcher.silence()

    def send_raw(self, resource: str, line: bytes) -> None:
        """Put bytes, such as a line that is not JSON, into the open watches of a resource."""
        for watcher in self._hub.watchers(resource_named(resource)):
            watcher.push(line)


def _plural(name: str) -> str:
    return resource_named(name).plural if name else ""
