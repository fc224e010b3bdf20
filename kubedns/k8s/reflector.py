"""List, then watch, one resource: what to ask the API server next. No I/O, no clock.

Model: a list read in pages gives a state and its resourceVersion; a watch from that version gives
the changes after it; when the server has forgotten the version (410) the list is read again and
becomes a diff against what is known, while the last state keeps serving. The driver asks
`next_action`, performs it, and feeds what came back; `next_batch` then hands out the changes in
groups small enough that other threads get their turn between them.
Source: Kubernetes API concepts, "Efficient detection of changes" and "Retrieving large results
sets in chunks". Lists are read without a resourceVersion: at `resourceVersion=0` the server
ignores `limit` and sends everything at once.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass
from enum import Enum
from random import Random
from typing import Any

import msgspec

from kubedns.k8s import model
from kubedns.k8s.backoff import Backoff
from kubedns.k8s.errors import (
    ApiError,
    BadObject,
    Gone,
    Malformed,
    ServerBusy,
    TooManyRequests,
    Unreachable,
    error_of_status,
)
from kubedns.k8s.project import Kind
from kubedns.k8s.versions import Change, Versions
from kubedns.rows import Batch

WATCH_TIMEOUT_S = (240, 480)
"""Bounds of a watch's random length: connections re-balance and re-authenticate in that time."""
GROUP_BYTES = 96 * 1024
"""JSON decoded in one go: about 1 ms. One object is never divided."""
_LONG_S = 60.0
"""A watch that lived this long has worked, however it ended."""
_SHORT_S = 1.0
"""A watch that the server ends sooner, with nothing new in it, has not worked."""
_OBJECT_EVENTS = frozenset(("ADDED", "MODIFIED", "DELETED"))


@dataclass(frozen=True, slots=True)
class List:
    """Read one page of the list."""

    limit: int
    continue_: str
    """The server's token for the page; empty for the first one."""


@dataclass(frozen=True, slots=True)
class Watch:
    """Open a watch, with bookmarks."""

    resource_version: str
    timeout_s: int
    """The server ends the watch after this time."""


@dataclass(frozen=True, slots=True)
class Sleep:
    """Ask again after this time."""

    seconds: float


Action = List | Watch | Sleep


class Phase(Enum):
    """What the reflector is doing, for people."""

    LISTING = "listing"
    WATCHING = "watching"
    WAITING = "waiting"


@dataclass(slots=True)
class Counters:
    """Plain sums since the start."""

    pages: int = 0
    lists: int = 0
    """Lists that were read to the end."""
    watches: int = 0
    events: int = 0
    bookmarks: int = 0
    errors: int = 0


class Reflector:
    """One resource. Not thread-safe: one driver; others may read the public attributes."""

    def __init__(self, kind: Kind[Any], *, rng: Random, page_size: int | None = None) -> None:
        self.resource = kind.resource
        self.counters = Counters()
        self.phase = Phase.LISTING
        self.synced = False
        """Whether a full list has been handed out, ever."""
        self.resource_version = ""
        self.last_error = ""
        """Text of the last failure; it stays after recovery, `phase` tells which it is."""
        self.last_event_at: float | None = None
        """When (driver's clock) the server last said anything we could use."""
        self.watching = False
        """False once the open stream is of no more use and must be dropped."""
        self._page_size = page_size or kind.page_size
        self._versions = Versions(kind)
        self._rng = rng
        self._list_backoff = Backoff(rng)
        self._watch_backoff = Backoff(rng)
        self._not_before = float("-inf")
        self._listing = True
        self._continue = ""
        self._list_version = ""
        self._last_page = False
        self._expired_lists = 0
        self._items: deque[msgspec.Raw] = deque()
        self._lines: deque[bytes] = deque()
        self._page_open = False
        self._opened_at: float | None = None
        self._opened_version = ""
        self._short_watches = 0
        self._fed_at = 0.0

    @property
    def objects(self) -> int:
        """How many objects have a row."""
        return len(self._versions)

    @property
    def bad_objects(self) -> int:
        """How often an object could not be used, repeats included."""
        return self._versions.bad_total

    def next_action(self, now: float) -> Action:
        """What to do now. All batches must have been taken before."""
        if now < self._not_before:
            self.phase = Phase.WAITING
            return Sleep(self._not_before - now)
        if self._listing:
            self.phase = Phase.LISTING
            if not self._continue:
                self._versions.begin_list()
            return List(self._page_size, self._continue)
        self.phase = Phase.WATCHING
        return Watch(self.resource_version, self._rng.randint(*WATCH_TIMEOUT_S))

    def page(self, body: bytes, now: float) -> None:
        """The answer to `List`."""
        try:
            envelope = model.decode_list(body)
        except Malformed as error:
            self.failed(error, now)
            return
        assert envelope.metadata is not None  # decode_list has seen to it
        self.counters.pages += 1
        self.last_event_at = now
        self._items = deque(envelope.items or ())
        self._continue = envelope.metadata.continue_ or ""
        self._list_version = envelope.metadata.resource_version or ""
        self._last_page = not self._continue
        self._page_open = True

    def watch_opened(self, now: float) -> None:
        """The server has accepted `Watch`: events follow."""
        self.counters.watches += 1
        self.watching = True
        self._opened_at = now
        self._opened_version = self.resource_version

    def lines(self, lines: Iterable[bytes], now: float) -> None:
        """Lines of the open watch. Ignored when `watching` is false."""
        if self.watching:
            self._lines.extend(lines)
            self._fed_at = now

    def watch_ended(self, now: float) -> None:
        """The server has ended the watch in the regular way: go on from the last version."""
        if not self.watching:
            return
        lived, progress = self._close_watch(now)
        if lived >= _SHORT_S or progress:
            self._short_watches = 0
            self._watch_backoff.reset()
            return
        self._short_watches += 1
        self.last_error = "the server ends the watch at once"
        if self._short_watches > 1:
            self._not_before = now + self._watch_backoff.next_s()

    def failed(self, error: ApiError, now: float) -> None:
        """The action under way failed, at its start or in the middle."""
        self.counters.errors += 1
        self.last_error = str(error)
        self._lines.clear()
        if self._listing:
            self._list_failed(error, now)
        else:
            self._watch_failed(error, now)

    def undelivered(self, batch: Batch, now: float) -> None:
        """The receiver could not take this batch: list again and send its rows again."""
        self._versions.distrust([key for key, _ in batch.changes])
        self.restart(Unreachable("the receiver did not take a batch"), now)

    def restart(self, error: ApiError, now: float) -> None:
        """Something went wrong on our side: after a while, list from the first page."""
        self.failed(error, now)
        self._begin_list()

    def next_batch(self) -> Batch | None:
        """The next group of changes, None when all that was fed is used up.

        A group without changes is left out, except the one that completes a list.
        """
        while self._page_open:
            changes = self._page_group()
            if self._items:
                if changes:
                    return Batch(self.resource, tuple(changes), synced=False)
                continue
            self._page_open = False
            if self._last_page:
                return self._list_completed(changes)
            if changes:
                return Batch(self.resource, tuple(changes), synced=False)
        while self._lines:
            changes = self._event_group()
            if changes:
                return Batch(self.resource, tuple(changes), synced=False)
        return None

    def take_bad_objects(self) -> list[BadObject]:
        """Objects that have become unusable since the last call, each named once."""
        return self._versions.take_reports()

    def _page_group(self) -> list[Change]:
        changes: list[Change] = []
        size = 0
        while self._items and size < GROUP_BYTES:
            raw = self._items.popleft()
            size += len(raw)
            change = self._versions.listed(raw)
            if change is not None:
                changes.append(change)
        return changes

    def _list_completed(self, changes: list[Change]) -> Batch:
        changes += self._versions.end_list()
        self.counters.lists += 1
        self.resource_version = self._list_version
        self.synced = True
        self._listing = False
        self._expired_lists = 0
        self._list_backoff.reset()
        return Batch(self.resource, tuple(changes), synced=True)

    def _event_group(self) -> list[Change]:
        changes: list[Change] = []
        size = 0
        while self._lines and size < GROUP_BYTES:
            line = self._lines.popleft()
            size += len(line)
            try:
                change = self._event(model.decode_event(line))
            except ApiError as error:
                self.failed(error, self._fed_at)
                break
            if change is not None:
                changes.append(change)
        return changes

    def _event(self, event: model.Event) -> Change | None:
        """Raises what an ERROR event stands for, or Malformed."""
        if event.type == "ERROR":
            status = model.decode_status(event.object)
            after = status.details.retry_after_seconds if status.details else None
            text = status.message or status.reason or "error event"
            raise error_of_status(status.code or 500, text, retry_after_s=after)
        change: Change | None = None
        if event.type in _OBJECT_EVENTS:
            self.counters.events += 1
            version, change = self._versions.event(event.type, event.object)
        elif event.type == "BOOKMARK":
            self.counters.bookmarks += 1
            version = _bookmark_version(event.object)
        else:
            raise Malformed(f"event of type {event.type!r}")
        self.resource_version = version or self.resource_version
        self.last_event_at = self._fed_at
        return change

    def _list_failed(self, error: ApiError, now: float) -> None:
        delay = self._list_backoff.next_s(retry_after_s=error.retry_after_s)
        if not isinstance(error, (ServerBusy, TooManyRequests, Unreachable)):
            # With another answer the token is of no use: an expired one is 410, one that the
            # server no longer understands is 400.
            expired = isinstance(error, Gone) and self._continue != ""
            self._continue = ""
            self._expired_lists += expired
            if expired and self._expired_lists == 1:
                delay = 0.0
        self._not_before = now + delay

    def _watch_failed(self, error: ApiError, now: float) -> None:
        lived, progress = self._close_watch(now)
        relist = isinstance(error, (Gone, Malformed))
        # Events before a 410 are no progress: a server may send the same ones each time.
        if lived > _LONG_S or (lived >= _SHORT_S and progress and not relist):
            self._watch_backoff.reset()
        first = self._watch_backoff.fresh
        delay = self._watch_backoff.next_s(retry_after_s=error.retry_after_s)
        if relist:
            # A version we cannot go on from, or a stream we cannot read past: start anew.
            self._begin_list()
            if isinstance(error, Gone) and first:
                delay = 0.0
        self._not_before = now + delay

    def _close_watch(self, now: float) -> tuple[float, bool]:
        """How long the watch lived (0 when it was never opened), and whether it brought news."""
        lived = now - self._opened_at if self._opened_at is not None else 0.0
        progress = self._opened_at is not None and self.resource_version != self._opened_version
        self.watching = False
        self._opened_at = None
        return lived, progress

    def _begin_list(self) -> None:
        self._listing = True
        self._continue = ""
        self._items.clear()
        self._page_open = False


def _bookmark_version(raw: msgspec.Raw) -> str:
    try:
        return model.decode_meta(raw).resource_version or ""
    except BadObject as error:
        raise Malformed(f"bookmark {error}") from error
