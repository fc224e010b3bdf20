"""List, then watch, one resource: what to ask the API server next. No I/O, no clock.

Model: a list gives a state and its resourceVersion; a watch from that version gives the changes
after it; when the server has forgotten the version (410) the list is read again and
becomes a diff against what is known, while the last state keeps serving. The driver asks
`next_action`, performs it, and feeds what came back; `next_batch` then hands out the changes in
groups small enough that other threads get their turn between them.
A list is asked for as the initial events of a watch, which costs both sides the least memory, and
in pages where the server does not offer that; once refused it is not asked for again.
Source: Kubernetes API concepts, "Efficient detection of changes", "Streaming lists" and
"Retrieving large results sets in chunks". Pages are read without a resourceVersion: at
`resourceVersion=0` the server ignores `limit` and sends everything at once.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass
from enum import Enum
from random import Random
from typing import Any

from kubedns.k8s import model
from kubedns.k8s.actions import Action, List, Sleep, Watch
from kubedns.k8s.backoff import CAP_S, REFUSED_CAP_S, Backoff
from kubedns.k8s.errors import (
    ApiError,
    BadObject,
    Gone,
    Malformed,
    Refused,
    ServerBusy,
    TooManyRequests,
    Unreachable,
    Unsupported,
    error_of_status,
)
from kubedns.k8s.kind import Kind
from kubedns.k8s.listing import GROUP_BYTES, Listing
from kubedns.k8s.versions import Change, Versions
from kubedns.rows import Batch, Key

WATCH_TIMEOUT_S = (240, 480)
"""Bounds of a watch's random length: connections re-balance and re-authenticate in that time."""
_LONG_S = 60.0
"""A watch that lived this long has worked, however it ended."""
_SHORT_S = 1.0
"""A watch that the server ends sooner, with nothing new in it, has not worked."""
_OBJECT_EVENTS = frozenset(("ADDED", "MODIFIED", "DELETED"))


class Phase(Enum):
    """What the reflector is doing, for people."""

    LISTING = "listing"
    WATCHING = "watching"
    WAITING = "waiting"
    REFUSED = "not allowed"
    """As WAITING, for something we can do without."""


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

    def __init__(
        self,
        kind: Kind[Any],
        *,
        rng: Random,
        page_size: int | None = None,
        optional: bool = False,
        watch_lists: bool = False,
    ) -> None:
        """`optional`: without the right to read it (403), or where there is no such resource
        (404), we can do without. `watch_lists`: whether to ask for them at all."""
        self.resource, self.batches = kind.resource, kind.batches
        self.optional = optional
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
        self.refused = False
        """Whether the last list was answered with 403 or 404, and there never was one."""
        self._page_size = page_size or kind.page_size
        self._versions = Versions(kind)
        self._list = Listing(self._versions, watch_lists=watch_lists)
        self._rng = rng
        self._list_backoff = Backoff(rng)
        self._refused_backoff = Backoff(rng, cap_s=REFUSED_CAP_S if optional else CAP_S)
        self._watch_backoff = Backoff(rng)
        self._not_before = float("-inf")
        self._listing = True
        self._expired_lists = 0
        self._lines: deque[bytes] = deque()
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
            missing = self.refused and self.optional
            self.phase = Phase.REFUSED if missing else Phase.WAITING
            return Sleep(self._not_before - now)
        if self._listing:
            return self._next_of_list()
        self.phase = Phase.WATCHING
        return Watch(self.resource_version, self._rng.randint(*WATCH_TIMEOUT_S))

    def _next_of_list(self) -> Action:
        self.phase = Phase.LISTING
        if self._list.continue_:
            return List(self._page_size, self._list.continue_)
        self._versions.begin_list()
        if self._list.choose_way():
            return Watch("", self._rng.randint(*WATCH_TIMEOUT_S), initial_events=True)
        return List(self._page_size, "")

    def page(self, body: bytes, now: float) -> None:
        """The answer to `List`."""
        try:
            self._list.page(body)
        except Malformed as error:
            self.failed(error, now)
            return
        self.counters.pages += 1
        self.last_event_at = now

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
        if self._list.streaming:
            self.failed(Malformed("initial events without an end"), now)
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
        self._lines.clear()
        if self._list.streaming and isinstance(error, Unsupported):
            self._stream_failed(error, now)  # an answer like another
            return
        self.counters.errors += 1
        self.last_error = str(error)
        if self._list.streaming:
            self._stream_failed(error, now)
        elif self._listing:
            self._list_failed(error, now)
        else:
            self._watch_failed(error, now)

    def row_keys(self) -> list[Key]:
        """The keys of all rows handed out and not taken back; only for the driver's thread."""
        return self._versions.row_keys()

    def version_of(self, key: Key) -> str:
        """The resourceVersion of an object that has rows, else "". From any thread."""
        return self._versions.version_of(key)

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
        while self._list.page_open:
            changes = self._list.page_group()
            if not self._list.page_open and not self._list.continue_:
                return self._list_completed(changes)
            if changes:
                return self._batch(changes)
        while self._lines:
            if self._list.streaming:
                batch = self._initial_batch()
            else:
                changes = self._event_group()
                batch = self._batch(changes) if changes else None
            if batch is not None:
                return batch
        return None

    def take_bad_objects(self) -> list[BadObject]:
        """Objects that have become unusable since the last call, each named once."""
        return self._versions.take_reports()

    def _list_completed(self, changes: list[Change]) -> Batch:
        changes += self._list.complete()
        self.counters.lists += 1
        self.resource_version = self._list.version
        self.synced = True
        self.refused = False
        self._listing = False
        self._expired_lists = 0
        self._list_backoff.reset()
        self._refused_backoff.reset()
        return self._batch(changes, synced=True)

    def _batch(self, changes: list[Change], *, synced: bool = False) -> Batch:
        return Batch(self.batches, tuple(changes), synced=synced, newest=self._versions.newest)

    def _initial_batch(self) -> Batch | None:
        """A group of initial events, None where more are needed for one."""
        self.last_event_at = self._fed_at
        while self._lines:
            line = self._lines.popleft()
            try:
                event = model.decode_event(line)
                _raise_error_event(event)
                ends = self._list.initial_event(event, len(line))
            except ApiError as error:
                self.failed(error, self._fed_at)
                return None
            if ends:
                # The watch goes on in a request of its own: the silence that is allowed in a
                # list is shorter than that between two bookmarks.
                self._lines.clear()
                self._close_watch(self._fed_at)
                return self._list_completed([])
            if changes := self._list.initial_group():
                return self._batch(changes)
        return None

    def _event_group(self) -> list[Change]:
        changes: list[Change] = []
        size = 0
        while self._lines and size < GROUP_BYTES:
            line = self._lines.popleft()
            size += len(line)
            try:
                changes += self._event(line)
            except ApiError as error:
                self.failed(error, self._fed_at)
                break
        return changes

    def _event(self, line: bytes) -> list[Change]:
        """Raises what an ERROR event stands for, or Malformed."""
        found = self._versions.line(line)
        version, changes = self._other_event(line) if found is None else found
        self.counters.events += found is not None
        self.resource_version = version or self.resource_version
        self.last_event_at = self._fed_at
        return changes

    def _other_event(self, line: bytes) -> tuple[str, list[Change]]:
        """What is not simply an object that was added or modified, in good order."""
        event = model.decode_event(line)
        _raise_error_event(event)
        if event.type in _OBJECT_EVENTS:
            self.counters.events += 1
            return self._versions.event(event.type, event.object)
        if event.type == "BOOKMARK":
            self.counters.bookmarks += 1
            return model.decode_bookmark(event.object)[0], []
        raise Malformed(f"event of type {event.type!r}")

    def _stream_failed(self, error: ApiError, now: float) -> None:
        """Initial events did not come, or not all of them: this list is read in pages.

        So are all later ones if the server refused, or began and did not get to the end: an old
        one may know nothing of initial events, and a cluster's DNS does not try that twice.
        """
        answered = self._opened_at is not None or isinstance(error, Unsupported)
        self._close_watch(now)
        self._list.refuse_stream(for_ever=answered)
        if not (answered or isinstance(error, Refused)) or error.retry_after_s:
            self._not_before = now + self._list_backoff.next_s(retry_after_s=error.retry_after_s)

    def _list_failed(self, error: ApiError, now: float) -> None:
        status = error.status if isinstance(error, Refused) else 0
        self.refused = status in (403, 404) and not self.synced
        backoff = self._refused_backoff if self.refused else self._list_backoff
        delay = backoff.next_s(retry_after_s=error.retry_after_s)
        if not isinstance(error, (ServerBusy, TooManyRequests, Unreachable)):
            # With another answer the token is of no use: an expired one is 410, one that the
            # server no longer understands is 400.
            expired = isinstance(error, Gone) and self._list.continue_ != ""
            self._list.begin()
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
        self._list.begin()


def _raise_error_event(event: model.Event) -> None:
    """Raises what an ERROR event stands for."""
    if event.type == "ERROR":
        status = model.decode_status(event.object)
        after = status.details.retry_after_seconds if status.details else None
        text = status.message or status.reason or "error event"
        raise error_of_status(status.code or 500, text, retry_after_s=after)
