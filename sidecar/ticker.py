"""A thread that does one piece of work again and again, at a fixed pace, until it is stopped.

One thread each, so that a server which does not answer delays nobody else's rounds.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable

from dnscore.log import get_logger
from sidecar.schedule import next_due

STOP_WAIT_S = 0.5
"""How long `stop` waits for a round in flight. It is only a question: nothing is lost with it."""


class Ticker:
    """Calls `work` every `interval_s`, first after `first_delay_s`."""

    def __init__(
        self,
        name: str,
        work: Callable[[], None],
        *,
        interval_s: float,
        first_delay_s: float = 0.0,
    ) -> None:
        self._work = work
        self._interval_s = interval_s
        self._first_delay_s = first_delay_s
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, name=name, daemon=True)

    def start(self) -> None:
        """Begin."""
        self._thread.start()

    def stop(self) -> None:
        """No further round; waits shortly for the present one."""
        self._stopping.set()
        self._thread.join(STOP_WAIT_S)

    def _run(self) -> None:
        due = time.monotonic() + self._first_delay_s
        while not self._stopping.wait(max(0.0, due - time.monotonic())):
            started = time.monotonic()
            try:
                self._work()
            except Exception as error:  # a fault of one round must not end all later ones
                get_logger("sidecar.ticker").error(
                    "round failed", part=self._thread.name, error=repr(error)
                )
            due = next_due(started, time.monotonic(), interval_s=self._interval_s)
