"""Signals as a queue: stop requests and deaths of children are waited for in one place.

The signals are blocked and fetched with sigtimedwait(2), so nothing runs inside a handler and no
wake-up is lost between a check and a wait.
"""

from __future__ import annotations

import signal
from collections.abc import Iterator
from contextlib import contextmanager


class SignalQueue:
    """The waiting end; made by `queued_signals`."""

    def __init__(self, wanted: set[signal.Signals]) -> None:
        self._wanted = wanted

    def wait(self, timeout_s: float) -> signal.Signals | None:
        """The next signal, or None after the time-out. SIGCHLD is one of them."""
        found = signal.sigtimedwait(self._wanted, max(0.0, timeout_s))
        return None if found is None else signal.Signals(found.si_signo)


@contextmanager
def queued_signals() -> Iterator[SignalQueue]:
    """Queue SIGINT, SIGTERM, SIGHUP and SIGCHLD while the block runs.

    SIGHUP keeps being ignored where it was (`nohup make run`).
    """
    wanted = {signal.SIGINT, signal.SIGTERM, signal.SIGCHLD}
    if signal.getsignal(signal.SIGHUP) != signal.SIG_IGN:
        wanted.add(signal.SIGHUP)
    before = signal.pthread_sigmask(signal.SIG_BLOCK, wanted)
    try:
        yield SignalQueue(wanted)
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)
