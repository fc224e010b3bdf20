"""Several worker processes on the same addresses, and the parent that keeps them.

The parent serves nobody: it holds every socket and the counters, forks a process for each set of
sockets, passes signals on and replaces a worker that dies. Meanwhile the queries for that worker
wait in its sockets, which are still open here. A worker never outlives its parent (prctl(2),
PR_SET_PDEATHSIG).

Signals are blocked and taken with sigtimedwait(2), so there is no handler that a fork could catch
halfway. A worker is born with them blocked and lets them through when it has handlers for them.
"""

from __future__ import annotations

import ctypes
import gc
import mmap
import os
import signal
import time
import traceback
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import NoReturn

from dnscore.lifecycle import EXIT_FAILURE, EXIT_OK
from dnscore.log import get_logger
from dnscore.net.address import Address
from dnsmasq_front.listening import Bound, bind_all, bind_for_workers, close_all
from dnsmasq_front.shared_counters import ROW_BYTES, CounterTable
from dnsmasq_front.shared_servers import SERVER_ROW_BYTES, ServerTable
from dnsmasq_front.siblings import Pair, pairs

RETRY_FIRST_S = 0.1
RETRY_MAX_S = 5.0
STEADY_S = 10.0
"""A worker that has lived this long did not die of its start: it is replaced at once."""
_WAIT_MAX_S = 3600.0
_END = (signal.SIGTERM, signal.SIGINT)
FORWARDED = frozenset((*_END, signal.SIGHUP, signal.SIGUSR1, signal.SIGUSR2))
"""Signals that every worker gets from its parent."""
_WAITED = FORWARDED | {signal.SIGCHLD}
_PR_SET_PDEATHSIG = 1
_log = get_logger("front.workers")


@dataclass(frozen=True, slots=True)
class Place:
    """What one worker serves with."""

    number: int
    """Which worker it is; also its row in the table."""
    bound: tuple[Bound, ...]
    table: CounterTable
    servers: ServerTable
    workers: int = 1
    """How many there are."""
    pairs: list[Pair] = field(default_factory=list)
    """The sockets by which they tell one another, one pair each."""


Serve = Callable[[Place], int]
"""A worker's whole life; returns its exit code."""


def only_place(listen: Sequence[Address]) -> Place:
    """The place of a front that is one process. Raises StartError."""
    return Place(0, bind_all(listen), _counters(1), _servers(1))


def _counters(workers: int) -> CounterTable:
    return CounterTable(memoryview(mmap.mmap(-1, workers * ROW_BYTES)))


def _servers(workers: int) -> ServerTable:
    return ServerTable(memoryview(mmap.mmap(-1, workers * SERVER_ROW_BYTES)))


def run_workers(listen: Sequence[Address], workers: int, *, serve: Serve) -> int:
    """Run `serve` in worker processes until a signal ends them all. Raises StartError."""
    table, servers = _counters(workers), _servers(workers)
    sets = bind_for_workers(listen, workers)
    told = pairs(workers)
    places = [
        Place(number, bound, table, servers, workers, told) for number, bound in enumerate(sets)
    ]
    _log.info("starting workers", workers=workers)
    return Supervisor(places, serve=serve).run()


def retry_delay(last_s: float, *, lived_s: float) -> float:
    """Seconds to wait before a worker that lived so long is replaced, after `last_s` last time."""
    if lived_s >= STEADY_S:
        return 0.0
    return min(max(2 * last_s, RETRY_FIRST_S), RETRY_MAX_S)


class _Worker:
    """A place and the process that has it now, if any."""

    __slots__ = ("delay_s", "pid", "place", "since")

    def __init__(self, place: Place) -> None:
        self.place = place
        self.pid: int | None = None
        self.since = 0.0
        """When the process began; without one, when the next is due."""
        self.delay_s = 0.0


class Supervisor:
    """The parent; to be run in a process that has no threads."""

    def __init__(self, places: Sequence[Place], *, serve: Serve) -> None:
        self._workers = [_Worker(place) for place in places]
        self._serve = serve
        self._pid = os.getpid()
        self._draining = False
        self._exit_code = EXIT_OK

    def run(self) -> int:
        """Keep the workers until a signal ends them; 0 when each of them ended with 0."""
        # Ignored, as it may be inherited, it would let children vanish without a status.
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)
        # PID 1 of a container gets no signal that it neither handles nor blocks.
        signal.pthread_sigmask(signal.SIG_BLOCK, _WAITED)
        # A collection would write to all that parent and workers can share as long as nobody does.
        gc.collect()
        gc.freeze()
        while not self._draining or self._running():
            self._start_due()
            got = signal.sigtimedwait(_WAITED, self._wait_s())
            if got is not None and got.si_signo != signal.SIGCHLD:
                self._forward(signal.Signals(got.si_signo))
            self._reap()
        _log.info("all workers have ended")
        return self._exit_code

    def _running(self) -> list[int]:
        return [worker.pid for worker in self._workers if worker.pid is not None]

    def _missing(self) -> list[_Worker]:
        """Workers to be started, now or later."""
        if self._draining:
            return []
        return [worker for worker in self._workers if worker.pid is None]

    def _wait_s(self) -> float:
        due = min((worker.since for worker in self._missing()), default=float("inf"))
        return min(max(0.0, due - time.monotonic()), _WAIT_MAX_S)

    def _start_due(self) -> None:
        for worker in self._missing():
            if worker.since <= time.monotonic():
                self._start(worker)

    def _start(self, worker: _Worker) -> None:
        try:
            pid = os.fork()
        except OSError as error:  # No memory or no process left: that may pass.
            _log.error("cannot fork a worker", worker=worker.place.number, error=str(error))
            self._retry_later(worker, lived_s=0.0)
            return
        if not pid:
            self._work(worker.place)
        worker.pid = pid
        worker.since = time.monotonic()

    def _work(self, place: Place) -> NoReturn:
        """The child's whole life; never back into what its parent was doing."""
        code = EXIT_FAILURE
        try:
            ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
            if os.getppid() == self._pid:  # Otherwise it died before that took effect.
                # Ctrl-C and kill(2) of a group reach the parent alone, which passes them on: two
                # of the same signal would cut the drain short.
                os.setpgid(0, 0)
                for other in self._workers:
                    if other.place is not place:
                        close_all(other.place.bound)
                code = self._serve(place)
        except BaseException as failure:
            text = traceback.format_exc(limit=-6)
            _log.error("a worker failed", error=repr(failure), traceback=text)
        finally:
            os._exit(code)

    def _forward(self, number: signal.Signals) -> None:
        if number in _END:
            self._draining = True
        for worker in self._workers:
            if worker.pid is not None:
                os.kill(worker.pid, number)  # It is ours until `_reap`, dead or alive.
            elif number == signal.SIGHUP:
                table, row = worker.place.table, worker.place.number
                table[row] = table[row].flushed()

    def _reap(self) -> None:
        while True:
            try:
                pid, status = os.waitpid(-1, os.WNOHANG)
            except ChildProcessError:
                return
            if not pid:
                return
            for worker in self._workers:
                # Others are orphans that the first process of a container inherits.
                if worker.pid == pid:
                    self._ended(worker, os.waitstatus_to_exitcode(status))

    def _ended(self, worker: _Worker, code: int) -> None:
        """A process is gone; its code is negative if a signal killed it."""
        pid, worker.pid = worker.pid, None
        if self._draining:
            # From now on the kernel must deal no client out to sockets that nobody reads.
            close_all(worker.place.bound)
            # Told to end again just when it had nothing left to do but end, it dies of that.
            if code not in (EXIT_OK, -signal.SIGTERM, -signal.SIGINT):
                self._exit_code = EXIT_FAILURE
                _log.error("a worker ended badly", worker=worker.place.number, pid=pid, code=code)
            return
        delay_s = self._retry_later(worker, lived_s=time.monotonic() - worker.since)
        _log.error(
            "a worker has died and is replaced",
            worker=worker.place.number,
            pid=pid,
            code=code,
            retry_in_s=delay_s,
        )

    def _retry_later(self, worker: _Worker, *, lived_s: float) -> float:
        worker.delay_s = retry_delay(worker.delay_s, lived_s=lived_s)
        worker.since = time.monotonic() + worker.delay_s
        return worker.delay_s
