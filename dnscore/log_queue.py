"""Log lines that wait for a thread of their own: whoever logs never waits for whoever reads.

A pipe whose reader has stopped, or a disk that is busy, would stop a DNS server at its next log
line. Here a line goes into a bounded queue; what does not fit is dropped, counted, and reported
as soon as there is room again.
"""

from __future__ import annotations

import os
import threading
from collections.abc import Callable
from queue import Empty, SimpleQueue

from dnscore.log import render

LINES_MAX = 8192
"""Lines that may wait: about a megabyte."""
CLOSE_S = 1.0
"""How long the end of a process waits for its last lines."""
_BATCH = 64
_FILE_MODE = 0o640


class LineQueue:
    """What `dnscore.log` can write to in place of stderr."""

    def __init__(self, fd: int, *, path: str | None = None, lines_max: int = LINES_MAX) -> None:
        """Lines go to `fd`, or are appended to the file at `path`. Raises OSError for the file."""
        self._path = path
        self._fd = fd if path is None else _append_to(path)
        self._lines_max = lines_max
        self._queue: SimpleQueue[str | Callable[[], None] | None] = SimpleQueue()
        self.dropped = 0
        """Lines for which there was no room."""
        self._reported = 0
        self._thread = threading.Thread(target=self._run, name="log", daemon=True)
        self._thread.start()

    def write(self, text: str) -> None:
        """Queue a line, or drop it."""
        if self._queue.qsize() < self._lines_max:
            self._queue.put(text)
        else:
            self.dropped += 1

    def flush(self) -> None:
        """Nothing waits for lines."""

    def reopen(self) -> None:
        """The file has been moved away: go on in a new one."""
        if self._path is not None:
            self._queue.put(self._reopen)

    def close(self) -> None:
        """Write what waits, unless that takes too long."""
        self._queue.put(None)
        self._thread.join(CLOSE_S)
        if self._path is not None and not self._thread.is_alive():
            os.close(self._fd)

    def _run(self) -> None:
        while True:
            batch: list[str] = []
            item = self._queue.get()
            while isinstance(item, str):
                batch.append(item)
                if len(batch) == _BATCH:
                    break
                try:
                    item = self._queue.get_nowait()
                except Empty:
                    break
            dropped = self.dropped
            if dropped != self._reported:
                count, self._reported = dropped - self._reported, dropped
                batch.append(render("warning", "log", "log lines dropped", {"count": count}))
            self._put("".join(batch).encode("utf-8", "backslashreplace"))
            if item is None:
                return
            if not isinstance(item, str):
                item()

    def _put(self, octets: bytes) -> None:
        while octets:
            try:
                octets = octets[os.write(self._fd, octets) :]
            except OSError:
                return  # Nobody reads the log any more; that must not end a DNS server.

    def _reopen(self) -> None:
        if self._path is not None:
            try:
                fd = _append_to(self._path)
            except OSError:
                return  # The old file is better than none.
            os.dup2(fd, self._fd)
            os.close(fd)


def _append_to(path: str) -> int:
    return os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC, _FILE_MODE)
