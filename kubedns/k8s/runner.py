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
from kubedns.k8s.errors import ApiError, Unreachable
from kubedns.k8s.ndjson import LineSplitter
from kubedns.k8s.options import RunnerOptions
from kubedns.k8s.project import Kind
from kubedns.k8s.reflector import Counters, List, Phase, Reflector, Sleep, Watch
from kubedns.rows import Batch

if TYPE_CHECKING:  # a program may import this before it pays for the official client
    from kubedns.k8s.client import ApiServer, Response

_log = get_logger("kubedns.watch")


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


class Runner:
    """Keeps one resource in step until stopped."""

    def __init__(
        self,
        kind: Kind[Any],
        server: ApiServer,
        deliver: Callable[[Batch], None],
        *,
        options: RunnerOptions | None = None,
        rng: Random | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._options = options or RunnerOptions()
        self._reflector = Reflector(kind, rng=rng or Random(), page_size=self._options.page_size)
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
        )

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
            self._log_wait(action)
            self._stopping.wait(action.seconds)
        elif isinstance(action, List):
            response = self._server.list_page(
                self._reflector.resource, limit=action.limit, continue_=action.continue_
            )
            with self._opened(response):
                body = response.read_all()
            self._reflector.page(body, self._clock())
            del body  # the items are slices of it; it goes with the last of them
            self._hand_out()
        else:
            self._watch(action)

    def _watch(self, action: Watch) -> None:
        reflector = self._reflector
        response = self._server.watch(
            reflector.resource,
            resource_version=action.resource_version,
            timeout_s=action.timeout_s,
        )
        with self._opened(response):
            reflector.watch_opened(self._clock())
            splitter = LineSplitter()
            while reflector.watching:
                chunk = response.read()
                if self._stopping.is_set():
                    return
                if not chunk:
                    reflector.watch_ended(self._clock())
                    return
                reflector.lines(splitter.feed(chunk), self._clock())
                self._hand_out()

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

    def _hand_out(self) -> None:
        while not self._stopping.is_set() and (batch := self._reflector.next_batch()) is not None:
            try:
                self._deliver(batch)
            except Exception as error:
                _log.error("batch not taken", resource=batch.resource, error=repr(error))
                self._reflector.undelivered(batch, self._clock())
                break
            if batch.synced:
                self._log_synced()
            time.sleep(self._options.yield_s)
        for bad in self._reflector.take_bad_objects():
            _log.warning("object skipped", resource=self._reflector.resource, object=str(bad))

    def _log_wait(self, action: Sleep) -> None:
        _log.warning(
            "watch lost",
            resource=self._reflector.resource,
            error=self._reflector.last_error,
            resource_version=self._reflector.resource_version,
            retry_in_s=round(action.seconds, 1),
        )

    def _log_synced(self) -> None:
        _log.info(
            "list complete",
            resource=self._reflector.resource,
            objects=self._reflector.objects,
            resource_version=self._reflector.resource_version,
        )
