"""One thread per resource: performs what the reflector asks for. No decisions here.

Batches are delivered from this thread, page by page while a list streams in, so `deliver` must
be quick and thread-safe (put on a queue, wake a loop). Between two groups of objects the thread
sleeps for a moment: a decode holds the GIL for about a millisecond, and whoever waits for it gets
it then rather than after the switch interval.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from random import Random
from typing import TYPE_CHECKING, Any

from dnscore.log import get_logger
from kubedns.k8s.actions import List, Sleep, Watch
from kubedns.k8s.errors import ApiError, Unreachable
from kubedns.k8s.kind import Kind
from kubedns.k8s.listing import GROUP_BYTES
from kubedns.k8s.ndjson import LineSplitter
from kubedns.k8s.options import RunnerOptions
from kubedns.k8s.reflector import Counters, Phase, Reflector
from kubedns.rows import Batch, Key

if TYPE_CHECKING:  # a program may import this before it pays for the official client
    from kubedns.k8s.client import ApiServer, Response

_log = get_logger("kubedns.watch")

BUSY_S = 0.005
"""A watch of which something came this shortly before is busy."""
PACE_S = 0.004
"""A busy watch that has been read empty is left alone for this long. With 1,000 events a second
four of them then cost one change of threads, and find code and data in the processor's caches."""

_TURN = threading.Lock()
"""Held while objects are decoded. With two threads at it at once the one that answers queries
would wait for both, and longer, as the interpreter may be handed from the one to the other."""


@dataclass(frozen=True, slots=True)
class WatchStatus:
    """What a status page says of one resource."""

    resource: str
    phase: Phase
    synced: bool
    objects: int
    bad_objects: int
    resource_version: str
    last_error: str
    last_event_at: float | None
    """Monotonic seconds."""
    counters: Counters
    feeds: str = ""
    """`Batch.resource` of its rows, where it is not `resource`."""
    optional: bool = False
    """Without the right to read it the daemon gets on."""


class Runner:
    """Keeps one resource in step until stopped."""

    def __init__(
        self,
        kind: Kind[Any],
        server: ApiServer,
        deliver: Callable[[Batch], None],
        *,
        options: RunnerOptions | None = None,
        optional: bool = False,
        refused: Callable[[], None] | None = None,
        synced: Callable[[], None] | None = None,
        rng: Random | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """`optional`: without the right to read it the daemon gets on. From the thread, `refused`
        is called when a list is answered with 403 or 404 before there ever was one, and `synced`
        after each list that was delivered to its end."""
        self._options = options or RunnerOptions()
        self._kind = kind
        self._refused = refused
        self._synced = synced
        self._said_refused = False
        self._undisturbed_bytes = 0
        self._reflector = Reflector(
            kind,
            rng=rng or Random(),
            page_size=self._options.page_size,
            optional=optional,
            watch_lists=self._options.watch_lists,
        )
        self._server = server
        self._deliver = deliver
        self._clock = clock
        self._stopping = threading.Event()
        self._lock = threading.Lock()
        self._open: Response | None = None
        # A daemon thread: a server that accepts a connection and never answers can hold it
        # for a read timeout, which must not keep the process.
        self._thread = threading.Thread(
            target=self._run, name=f"watch-{kind.resource}", daemon=True
        )

    def start(self) -> None:
        """Begin to list; returns at once."""
        self._thread.start()

    def stop(self, *, join_s: float = 5.0) -> bool:
        """Wake the thread, whatever it waits for, and join it; False if it is still busy.

        Nothing is delivered after a stop that returned True. May be called from any thread
        and more than once.
        """
        self._stopping.set()
        with self._lock:
            if self._open is not None:
                self._open.wake()
        if self._thread.is_alive():
            self._thread.join(join_s)
        return not self._thread.is_alive()

    @property
    def status(self) -> WatchStatus:
        """A snapshot, from any thread."""
        reflector = self._reflector
        return WatchStatus(
            resource=reflector.resource,
            phase=reflector.phase,
            synced=reflector.synced,
            objects=reflector.objects,
            bad_objects=reflector.bad_objects,
            resource_version=reflector.resource_version,
            last_error=reflector.last_error,
            last_event_at=reflector.last_event_at,
            counters=reflector.counters,
            feeds=reflector.batches,
            optional=reflector.optional,
        )

    def version_of(self, key: Key) -> str:
        """The resourceVersion of an object that has rows, else "". From any thread."""
        return self._reflector.version_of(key)

    def row_keys(self) -> list[Key]:
        """The keys of all rows delivered and not taken back. After a `stop` that returned True."""
        return self._reflector.row_keys()

    def _run(self) -> None:
        while not self._stopping.is_set():
            try:
                self._step()
            except ApiError as error:
                if not self._stopping.is_set():
                    self._reflector.failed(error, self._clock())
            except Exception as error:  # a bug of ours must not end the watching
                _log.error(
                    "watch step failed", resource=self._reflector.resource, error=repr(error)
                )
                self._reflector.restart(Unreachable(repr(error)), self._clock())

    def _step(self) -> None:
        action = self._reflector.next_action(self._clock())
        if isinstance(action, Sleep):
            self._tell_of_wait(action)
            self._stopping.wait(action.seconds)
        elif isinstance(action, List):
            response = self._server.list_page(
                self._reflector.resource,
                limit=action.limit,
                continue_=action.continue_,
                scope=self._kind.scope,
            )
            with self._opened(response):
                body = response.read_all()
            with _TURN:
                self._reflector.page(body, self._clock())
            size = len(body)
            del body  # the items are slices of it; it goes with the last of them
            self._hand_out(size)
        else:
            self._watch(action)

    def _watch(self, action: Watch) -> None:
        reflector = self._reflector
        response = self._server.watch(
            reflector.resource,
            resource_version=action.resource_version,
            timeout_s=action.timeout_s,
            send_initial_events=action.initial_events,
            scope=self._kind.scope,
        )
        with self._opened(response):
            reflector.watch_opened(self._clock())
            splitter = LineSplitter()
            now = float("-inf")
            while reflector.watching:
                chunk = response.read()
                if self._stopping.is_set():
                    return
                before, now = now, self._clock()
                if not chunk:
                    reflector.watch_ended(now)
                    return
                reflector.lines(splitter.feed(chunk), now)
                self._hand_out(len(chunk))
                if now - before < BUSY_S and not response.has_more():
                    time.sleep(PACE_S)

    @contextmanager
    def _opened(self, response: Response) -> Iterator[None]:
        """Let `stop` reach the response while it is being read, and close it in the end."""
        with self._lock:
            self._open = response
        try:
            if self._stopping.is_set():  # the stop came before it could see the response
                response.wake()
            yield
        finally:
            with self._lock:
                self._open = None
            response.close()

    def _hand_out(self, size: int) -> None:
        """Deliver what has been fed, `size` bytes of it."""
        self._undisturbed_bytes += size
        while not self._stopping.is_set() and (batch := self._next_batch()) is not None:
            try:
                self._deliver(batch)
            except Exception as error:
                _log.error("batch not taken", resource=batch.resource, error=repr(error))
                self._reflector.undelivered(batch, self._clock())
                break
            if batch.synced:
                self._log_synced()
                if self._synced is not None:
                    self._synced()
        if self._undisturbed_bytes >= GROUP_BYTES:
            self._undisturbed_bytes = 0
        for bad in self._reflector.take_bad_objects():
            _log.warning("object skipped", resource=self._reflector.resource, object=str(bad))

    def _next_batch(self) -> Batch | None:
        """What comes next, and a pause in which none of these threads works."""
        with _TURN:
            batch = self._reflector.next_batch()
            # Single events come with pauses of theirs, and before the first list is complete
            # there are no answers that could wait.
            if self._undisturbed_bytes >= GROUP_BYTES and self._reflector.synced:
                time.sleep(self._options.yield_s)
        return batch

    def _tell_of_wait(self, action: Sleep) -> None:
        reflector = self._reflector
        if reflector.refused and self._refused is not None:
            self._refused()
        if reflector.phase is Phase.REFUSED:
            if not self._said_refused:  # once: it stays like that, and may be meant to
                self._said_refused = True
                _log.warning(
                    "not allowed, going on without",
                    resource=reflector.resource,
                    error=reflector.last_error,
                )
            return
        _log.warning(
            "watch lost",
            resource=reflector.resource,
            error=reflector.last_error,
            resource_version=reflector.resource_version,
            retry_in_s=round(action.seconds, 1),
        )

    def _log_synced(self) -> None:
        self._said_refused = False
        _log.info(
            "list complete",
            resource=self._reflector.resource,
            objects=self._reflector.objects,
            resource_version=self._reflector.resource_version,
        )
