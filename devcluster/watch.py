"""Watches: each open one has a queue that writers fill and its own thread sends.

A write is queued under the backend's lock and the watch's thread is woken by a condition, so an
event leaves within the time of a thread switch, in resourceVersion order, and no history is needed
once a watch is open. Faults (hold, silence, cut) act on the queue's end, see `faults.py`.
Reference: https://kubernetes.io/docs/reference/using-api/api-concepts/#efficient-detection-of-changes
"""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable, Iterable, Iterator

import msgspec

from devcluster.resources import Json, Resource
from devcluster.selectors import Predicate
from devcluster.status import ApiError
from devcluster.store import Event, EventType
from devcluster.views import View

MAX_QUEUED = 100_000
"""Events a watch may lag behind before it is cut, as the real server cuts slow watchers."""

_BATCH = 256
"""Events sent with one write."""

_LIVENESS_S = 5.0
"""How often an idle stream yields nothing, so that the rim notices a client that has gone."""

Item = Event | bytes


class Cut(Exception):
    """The connection is to be broken off, without the end that HTTP asks for."""


class Watcher:
    """The queue between the writers and one watch."""

    def __init__(
        self,
        resource: Resource,
        namespace: str,
        select: Predicate | None,
        *,
        view: View,
        held: bool,
    ) -> None:
        self.resource = resource
        self._namespace = namespace
        self._select = select
        self._view = view
        self._condition = threading.Condition()
        self._queue: deque[Item] = deque()
        self._held = held
        self._silent = False
        self._cut = False

    def push(self, item: Item) -> None:
        """Queue an event or raw bytes; called by writers."""
        if isinstance(item, Event) and self._namespace not in ("", item.key[0]):
            return
        with self._condition:
            self._queue.append(item)
            if len(self._queue) > MAX_QUEUED:
                self._cut = True
            self._condition.notify()

    def begin(self, items: Iterable[Item]) -> None:
        """Queue what comes before the first live event."""
        with self._condition:
            self._queue.extend(items)
            self._condition.notify()

    def take(self, timeout_s: float) -> list[Item]:
        """What is to be sent now; waits for something up to the timeout. Raises Cut."""
        with self._condition:
            self._condition.wait_for(lambda: self._cut or self._ready(), timeout_s)
            if self._cut:
                raise Cut
            if not self._ready():
                return []
            return [self._queue.popleft() for _ in range(min(len(self._queue), _BATCH))]

    def is_idle(self) -> bool:
        """Nothing is queued and nothing holds it back: a bookmark would be true now."""
        with self._condition:
            return not (self._queue or self._held or self._silent or self._cut)

    def encode(self, item: Item) -> bytes:
        """One line of the stream; empty for an event that the selector leaves out."""
        if isinstance(item, bytes):
            return item
        kind = self._seen_as(item)
        if kind is None:
            return b""
        obj = self._view.one(self.resource, item.new)
        return b'{"type":"' + kind.encode() + b'","object":' + obj + b"}\n"

    def hold(self) -> None:
        """Send nothing until `release`; what happens meanwhile is kept."""
        self._change(held=True)

    def release(self) -> None:
        """Send on, beginning with what was kept."""
        self._change(held=False)

    def silence(self) -> None:
        """Never send again, but keep the connection: a half-open one."""
        self._change(silent=True)

    def cut(self) -> None:
        """Break the connection off."""
        self._change(cut=True)

    def _change(self, *, held: bool | None = None, silent: bool = False, cut: bool = False) -> None:
        with self._condition:
            self._held = self._held if held is None else held
            self._silent |= silent
            self._cut |= cut
            self._condition.notify_all()

    def _ready(self) -> bool:
        return bool(self._queue) and not self._held and not self._silent

    def _seen_as(self, event: Event) -> EventType | None:
        """With a selector, an object that begins or ceases to match comes or goes."""
        if self._select is None:
            return event.type
        before = event.old is not None and self._select(event.old.obj)
        after = event.type != "DELETED" and self._select(event.new.obj)
        if before and after:
            return "MODIFIED"
        if after:
            return "ADDED"
        return "DELETED" if before else None


class WatchHub:
    """The open watches."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._watchers: dict[Resource, list[Watcher]] = {}
        self._holding = False

    def open(
        self, resource: Resource, namespace: str, select: Predicate | None, *, view: View
    ) -> Watcher:
        """A new watcher; from now on it gets that resource's events."""
        with self._lock:
            watcher = Watcher(resource, namespace, select, view=view, held=self._holding)
            self._watchers.setdefault(resource, []).append(watcher)
            return watcher

    def close(self, watcher: Watcher) -> None:
        """Stop feeding a watcher."""
        with self._lock:
            self._watchers[watcher.resource].remove(watcher)

    def publish(self, resource: Resource, event: Event) -> None:
        """Give an event to every watch of that resource."""
        for watcher in tuple(self._watchers.get(resource, ())):
            watcher.push(event)

    def watchers(self, resource: Resource | None = None) -> list[Watcher]:
        """Those open on a resource, or all."""
        with self._lock:
            chosen = (
                self._watchers.values() if resource is None else (self._watchers.get(resource, []),)
            )
            return [watcher for group in chosen for watcher in group]

    def set_holding(self, *, holding: bool) -> None:
        """Hold or release every watch, those opened later included."""
        with self._lock:
            self._holding = holding
        for watcher in self.watchers():
            if holding:
                watcher.hold()
            else:
                watcher.release()


def encode_error(error: ApiError) -> bytes:
    """The ERROR event that ends a watch."""
    return msgspec.json.encode({"type": "ERROR", "object": error.status()}) + b"\n"


def encode_bookmark(resource: Resource, version: int, *, ends_initial_events: bool) -> bytes:
    """A BOOKMARK: an object of the kind with nothing but a resourceVersion."""
    meta: Json = {"resourceVersion": str(version)}
    if ends_initial_events:
        meta["annotations"] = {"k8s.io/initial-events-end": "true"}
    obj = {
        "kind": resource.kind,
        "apiVersion": resource.api_version,
        "metadata": meta,
        **resource.zero,
    }
    return msgspec.json.encode({"type": "BOOKMARK", "object": obj}) + b"\n"


def stream(
    watcher: Watcher,
    *,
    timeout_s: float,
    bookmark_every_s: float | None,
    progress: Callable[[Watcher], int | None],
    clock: Callable[[], float],
) -> Iterator[bytes]:
    """The lines of one watch until its timeout; empty bytes now and then while idle.

    `progress` gives the resourceVersion a bookmark may carry, None when events are still queued.
    Raises Cut when the connection is to be broken off.
    """
    deadline = clock() + timeout_s
    bookmark_at = _next_bookmark(clock(), deadline, bookmark_every_s)
    while True:
        items = watcher.take(_wait_s(clock(), deadline, bookmark_at))
        now = clock()
        if bookmark_at is not None and now >= bookmark_at and not items:
            version = progress(watcher)
            if version is not None:
                items = [encode_bookmark(watcher.resource, version, ends_initial_events=False)]
            bookmark_at = _next_bookmark(now, deadline, bookmark_every_s)
        yield b"".join(watcher.encode(item) for item in items)
        if now >= deadline:
            return


def _wait_s(now: float, deadline: float, bookmark_at: float | None) -> float:
    until = min(deadline, bookmark_at or deadline, now + _LIVENESS_S)
    return max(0.0, until - now)


def _next_bookmark(now: float, deadline: float, every_s: float | None) -> float | None:
    """One per period, and one two seconds before the end, so that the next watch starts late."""
    if every_s is None:
        return None
    last = deadline - 2.0
    regular = now + every_s
    return last if now < last < regular else regular
