"""An event loop for daemons that answer datagrams: epoll, timers, signals, calls from threads.

asyncio's transports cost six times the system calls of a packet, and even its `add_reader`
allocates a handle for every wake-up; a DNS server needs four things of a loop and has them here.
A callback that raises is logged and counted; the loop goes on, as no packet may end a process.
"""

from __future__ import annotations

import heapq
import select
import signal
import socket
import time
import traceback
from collections import deque
from collections.abc import Callable
from itertools import count
from typing import Any

from dnscore.log import get_logger

Callback = Callable[[], None]
_MAX_EVENTS = 64
_READABLE = int(select.EPOLLIN)
_FAILED_S = 0.1
"""After how long something that recurs is called again when it raised."""
_CANCELLED_MAX = 512
"""Cancelled timers that may wait for their time, when they are more than the others."""
_POLL_MAX_S = 3600.0
"""epoll refuses a time-out over 2**31 - 1 ms, so a timer in 25 days needs several waits."""


class Timer:
    """A call in the future; `cancel()` forgets it."""

    __slots__ = ("_loop", "callback", "when")

    def __init__(self, loop: Loop, when: float, callback: Callback) -> None:
        self._loop = loop
        self.when = when
        self.callback: Callback | None = callback

    def cancel(self) -> None:
        """Forget the call; harmless when it has been made."""
        if self.callback is not None:
            self.callback = None
            self._loop.timer_cancelled()


class Loop:
    """One thread's event loop. Times are monotonic seconds."""

    def __init__(self, *, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._epoll = select.epoll()
        self._readers: dict[int, Callback] = {}
        self._writers: dict[int, Callback] = {}
        self._masks: dict[int, int] = {}
        self._timers: list[tuple[float, int, Timer]] = []
        self._cancelled = 0
        self._order = count()
        self._calls: deque[Callback] = deque()
        self._last: list[Callback] = []
        self._signals: dict[int, Callback] = {}
        self._signals_before: dict[int, Any] = {}
        self._running = False
        self._wake_in, self._wake_out = socket.socketpair()
        self._wake_in.setblocking(False)
        self._wake_out.setblocking(False)
        self.on_readable(self._wake_in.fileno(), self._woken)
        self.failures = 0
        """Callbacks that raised."""
        self.turns = 0
        """How often the loop has begun to look for something to do."""
        self.woken_at = clock()
        """When it last found something: what is read in this turn had come by then."""

    def now(self) -> float:
        """Monotonic seconds."""
        return self._clock()

    def on_readable(self, fd: int, callback: Callback | None) -> None:
        """Call whenever `fd` has something to read; None ends that."""
        if callback is None:
            self._readers.pop(fd, None)
        else:
            self._readers[fd] = callback
        self._watch(fd)

    def on_writable(self, fd: int, callback: Callback | None) -> None:
        """Call whenever `fd` takes output again; None ends that."""
        if callback is None:
            self._writers.pop(fd, None)
        else:
            self._writers[fd] = callback
        self._watch(fd)

    def _watch(self, fd: int) -> None:
        """Tell epoll what is wanted of `fd`, if that has changed."""
        wanted = select.EPOLLIN if fd in self._readers else 0
        if fd in self._writers:
            wanted |= select.EPOLLOUT
        known = self._masks.get(fd, 0)
        if wanted == known:
            return
        if not known:
            self._epoll.register(fd, wanted)
        elif wanted:
            self._epoll.modify(fd, wanted)
        else:
            # A descriptor without a wish would still report HUP, for ever.
            self._epoll.unregister(fd)
        if wanted:
            self._masks[fd] = wanted
        else:
            del self._masks[fd]

    def forget(self, fd: int) -> None:
        """No more calls for `fd`; to be called before it is closed."""
        self._readers.pop(fd, None)
        self._writers.pop(fd, None)
        self._watch(fd)

    def forget_closed(self, fd: int) -> None:
        """As `forget`, for a descriptor that has just been closed: epoll forgets it by itself."""
        self._readers.pop(fd, None)
        self._writers.pop(fd, None)
        self._masks.pop(fd, None)

    def call_at(self, when: float, callback: Callback) -> Timer:
        """Call once at a time of `now()`."""
        timer = Timer(self, when, callback)
        heapq.heappush(self._timers, (when, next(self._order), timer))
        return timer

    def call_later(self, delay_s: float, callback: Callback) -> Timer:
        """Call once after a delay."""
        return self.call_at(self._clock() + delay_s, callback)

    def call_again(self, delay_s: float, callback: Callable[[], float | None]) -> None:
        """Call after a delay, and again after as many seconds as it returns, until that is None.

        Where it raised, it is called again all the same: what has to go on goes on.
        """

        def call() -> None:
            again_s: float | None = _FAILED_S
            try:
                again_s = callback()
            finally:
                if again_s is not None:
                    self.call_later(again_s, call)

        self.call_later(delay_s, call)

    def timer_cancelled(self) -> None:
        """A timer that waits will not be needed."""
        self._cancelled += 1
        # A question that was answered leaves a timer behind, at thousands of questions a second.
        if self._cancelled > _CANCELLED_MAX and self._cancelled * 2 > len(self._timers):
            self._timers[:] = [entry for entry in self._timers if entry[2].callback is not None]
            heapq.heapify(self._timers)
            self._cancelled = 0

    def call_from_thread(self, callback: Callback) -> None:
        """Call soon in the loop's thread; the one method that other threads may use."""
        self._calls.append(callback)
        self._wake()

    def _wake(self) -> None:
        try:
            self._wake_out.send(b"\0")
        except BlockingIOError:
            pass  # The pipe is full, so the loop is about to wake anyway.
        except OSError:
            pass  # Closed: the loop has ended and nothing will be called.

    def on_signal(self, number: signal.Signals, callback: Callback) -> None:
        """Call in the loop when the process gets a signal; to be used in the main thread."""
        self._signals[number] = callback
        self._signals_before.setdefault(number, signal.getsignal(number))
        signal.signal(number, self._got_signal)
        signal.set_wakeup_fd(self._wake_out.fileno(), warn_on_full_buffer=False)

    def _got_signal(self, number: int, _frame: object) -> None:
        callback = self._signals.get(number)
        if callback is not None:
            self._calls.append(callback)

    def _woken(self) -> None:
        try:
            self._wake_in.recv(4096)
        except BlockingIOError:
            return

    def stop(self) -> None:
        """Leave `run` at the end of this turn; what is due with the callback at work still runs."""
        self._running = False

    # HOT: a turn, which under a light load is one for each packet.
    def run(self) -> None:
        """Serve until `stop`."""
        self._running = True
        poll, clock, readers = self._epoll.poll, self._clock, self._readers
        timers, calls = self._timers, self._calls
        while self._running:
            self.turns += 1
            if calls or self._last:
                wait_s = 0.0
            elif timers:
                wait_s = timers[0][0] - clock()
                # Calls of min and max would take twice as long as the rest of this.
                if wait_s < 0.0:
                    wait_s = 0.0
                elif wait_s > _POLL_MAX_S:
                    wait_s = _POLL_MAX_S
            else:
                wait_s = -1.0
            events = poll(wait_s, _MAX_EVENTS)
            now = self.woken_at = clock()
            for fd, event in events:
                if event == _READABLE:
                    self._call(readers.get(fd))
                else:
                    self._call_for(fd, event)
            if calls:
                self._run_calls()
            if timers and timers[0][0] <= now:
                self._run_timers()
            if self._last:
                self._end_turn()

    def _call_for(self, fd: int, event: int) -> None:
        # HUP and ERR go to the reader, whose recv returns the error.
        if event & ~select.EPOLLOUT:
            self._call(self._readers.get(fd))
        if event & ~select.EPOLLIN:
            self._call(self._writers.get(fd))

    def _run_calls(self) -> None:
        # As many as there are now: a call that asks for another must not starve the sockets.
        for _ in range(len(self._calls)):
            self._call(self._calls.popleft())

    def at_end_of_turn(self, callback: Callback) -> None:
        """Call once when everything that is due now has been done; from the loop's thread."""
        self._last.append(callback)

    def _end_turn(self) -> None:
        last, self._last = self._last, []
        for callback in last:
            self._call(callback)

    def _run_timers(self) -> None:
        timers, now = self._timers, self._clock()
        due = []
        while timers and timers[0][0] <= now:
            due.append(heapq.heappop(timers)[2])
        for timer in due:
            callback, timer.callback = timer.callback, None
            if callback is None:
                self._cancelled = max(0, self._cancelled - 1)
            else:
                self._call(callback)

    def _call(self, callback: Callback | None) -> None:
        if callback is None:
            return
        try:
            callback()
        except Exception as error:
            self.failed(error)

    def failed(self, error: Exception) -> None:
        """Count and log a failure of our own code; to be called where it is caught."""
        self.failures += 1
        get_logger("loop").error(
            "a callback failed", error=repr(error), traceback=traceback.format_exc(limit=-6)
        )

    def close(self) -> None:
        """Give back the descriptors and the signals; `run` must have returned."""
        if self._signals:
            signal.set_wakeup_fd(-1)
        for number, before in self._signals_before.items():
            signal.signal(number, signal.SIG_DFL if before is None else before)
        self._signals_before.clear()
        self._epoll.close()
        self._wake_in.close()
        self._wake_out.close()
