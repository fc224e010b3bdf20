"""Batches on their way from the watch threads into the tree, which the DNS loop's thread owns.

A batch is applied in slices, and between slices queries are answered: a full list of a large
cluster must not be felt. Watch threads wait when the loop has fallen behind, so memory is bounded.
"""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable, Iterator
from typing import Protocol

from dnscore.log import get_logger
from dnscore.loop import Loop
from kubedns.rows import Batch

SLICE_S = 0.002
"""The tree is changed for about this long at a time; one object is never divided. With 10,000
services and 100,000 endpoints the longest hold was 5 ms; a query never waits for more than 6."""
CHANGES_MAX = 4
"""Objects between two looks at the clock: a slice of 100 endpoints takes some 0.2 ms."""
WAITING_MAX = 64
"""Batches that may wait; each is about 100 kB of JSON as rows."""
_WAIT_S = 0.5

_log = get_logger("kubedns.tree")


class Tree(Protocol):
    """What batches are applied to."""

    def apply(self, batch: Batch, *, now_s: float = ...) -> frozenset[bytes]:
        """Take a batch up; the folded names at and below which answers may differ now."""


class Inbox:
    """`deliver` may be called from any thread, everything else from the loop's."""

    def __init__(
        self,
        loop: Loop,
        tree: Tree,
        *,
        changed: Callable[[frozenset[bytes]], None],
        wall_clock: Callable[[], float],
    ) -> None:
        """`wall_clock` gives Unix time, for the zone's serial."""
        self._loop = loop
        self._tree = tree
        self._changed = changed
        self._wall_clock = wall_clock
        self._waiting: deque[Batch] = deque()
        self._room = threading.Semaphore(WAITING_MAX)
        self._pieces: Iterator[Batch] = iter(())
        self._at_work = False
        self._called = False
        """Whether a call of `_begin` is under way."""
        self._closed = False
        self.changes = 0
        """Objects that were set or removed."""
        self.failures = 0
        """Changes that could not be applied."""
        self.longest_slice_s = 0.0

    def deliver(self, batch: Batch) -> None:
        """Hand over a batch; waits while too many are waiting. From any thread."""
        while not self._room.acquire(timeout=_WAIT_S):
            if self._closed:
                return
        self._waiting.append(batch)
        # After the batch is in and before the loop looks for it: none is left lying. To wake the
        # loop costs two system calls, so a batch that finds it called already does without.
        if not self._called:
            self._called = True
            self._loop.call_from_thread(self._begin)

    def close(self) -> None:
        """Take nothing more up, and let nobody wait."""
        self._closed = True
        self._waiting.clear()

    def _begin(self) -> None:
        self._called = False
        if not self._at_work:
            self._at_work = True
            self._slice()

    def _slice(self) -> None:
        started = self._loop.now()
        while not self._closed:
            piece = self._next_piece()
            if piece is None:
                self._at_work = False
                break
            self._apply(piece)
            spent = self._loop.now() - started
            if spent >= SLICE_S:
                self.longest_slice_s = max(self.longest_slice_s, spent)
                # A timer, as calls from threads are made until there are none left; this lets
                # the sockets have their turn.
                self._loop.call_later(0, self._slice)
                break

    def _next_piece(self) -> Batch | None:
        piece = next(self._pieces, None)
        while piece is None and self._waiting:
            self._pieces = in_pieces(self._waiting.popleft())
            self._room.release()
            piece = next(self._pieces, None)
        return piece

    def _apply(self, piece: Batch) -> None:
        try:
            names = self._tree.apply(piece, now_s=self._wall_clock())
        except Exception as error:  # one object must not keep the others out
            self.failures += len(piece.changes)
            objects = " ".join("/".join(key) for key, _ in piece.changes)
            _log.error(
                "changes not applied", resource=piece.resource, objects=objects, error=repr(error)
            )
            if piece.synced and piece.changes:
                self._apply(Batch(piece.resource, (), synced=True))
            return
        self.changes += len(piece.changes)
        if names:
            try:
                self._changed(names)
            except Exception as error:  # nor may a listener keep all changes out for ever
                self.failures += 1
                _log.error("changes not passed on", resource=piece.resource, error=repr(error))


def in_pieces(batch: Batch) -> Iterator[Batch]:
    """The batch as smaller ones with the same meaning; `synced` stays on the last."""
    changes = batch.changes
    if len(changes) <= CHANGES_MAX:
        yield batch
        return
    for at in range(0, len(changes), CHANGES_MAX):
        piece = changes[at : at + CHANGES_MAX]
        last = at + CHANGES_MAX >= len(changes)
        newest = batch.newest if last else 0
        yield Batch(batch.resource, piece, synced=batch.synced and last, newest=newest)
