"""The last warnings and errors of a process, for its status page. Bounded; no I/O.

What is said again and again is kept once, with how often: a server that fails each second must
not push out everything else that went wrong.
"""

from __future__ import annotations

import threading
from collections import deque
from dataclasses import dataclass, replace

LINES_MAX = 50
TEXT_MAX = 300
"""Characters of a line; fields of a log line can hold a whole traceback."""


@dataclass(frozen=True, slots=True)
class RecentLine:
    """A warning or an error, and how often it has come."""

    at: float
    """When it came last, Unix seconds."""
    level: str
    logger: str
    text: str
    """As it came last."""
    message: str
    """The constant part of the text, by which repetitions are known."""
    times: int = 1

    def to_json(self) -> dict[str, object]:
        """For a status page."""
        return {
            "at": round(self.at, 3),
            "level": self.level,
            "logger": self.logger,
            "text": self.text,
            "times": self.times,
        }


class RecentLines:
    """A ring of them; may be used from several threads."""

    def __init__(self, lines_max: int = LINES_MAX) -> None:
        self._lines: deque[RecentLine] = deque(maxlen=lines_max)
        self._lock = threading.Lock()

    def add(self, line: RecentLine) -> None:
        """Take one in; it is the latest, also when it has come before."""
        line = replace(line, text=line.text[:TEXT_MAX])
        with self._lock:
            for known in self._lines:
                if (known.logger, known.message) == (line.logger, line.message):
                    self._lines.remove(known)
                    line = replace(line, times=known.times + line.times)
                    break
            self._lines.append(line)

    def latest_first(self) -> list[RecentLine]:
        """All that are kept."""
        with self._lock:
            return list(reversed(self._lines))
