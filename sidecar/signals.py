"""What ends the process: SIGTERM, SIGINT, or a part that can no longer work."""

from __future__ import annotations

import signal
import socket
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Ending:
    """Why the process ends."""

    cause: str
    """The signal's name, or what failed."""
    failed: bool = False


class EndingWatch:
    """Waits on a socket that signals and failing parts write to.

    The handlers themselves do nothing: Python's wake-up descriptor carries the signal's number
    here, so no code runs at an arbitrary point of the main thread.
    """

    def __init__(self) -> None:
        self._read, self._write = socket.socketpair()
        self._write.setblocking(False)
        self._failure = ""

    def install(self) -> None:
        """Take over the signals; main thread only.

        SIGHUP is no reason to end (there is no terminal), SIGCONT is the stock image's stop
        signal for another process and means nothing here.
        """
        signal.set_wakeup_fd(self._write.fileno())
        for ends in (signal.SIGTERM, signal.SIGINT):
            signal.signal(ends, lambda number, frame: None)
        for ignored in (signal.SIGHUP, signal.SIGCONT):
            signal.signal(ignored, signal.SIG_IGN)

    def fail(self, cause: str) -> None:
        """End the process because a part failed; from any thread."""
        self._failure = cause
        self._write.send(b"\0")

    def close(self) -> None:
        """Listen no longer: a signal that comes from now on changes nothing."""
        signal.set_wakeup_fd(-1)
        self._read.close()
        self._write.close()

    def wait(self) -> Ending:
        """Block until there is a reason to end."""
        number = self._read.recv(1)[0]
        return Ending(signal.Signals(number).name) if number else Ending(self._failure, True)
