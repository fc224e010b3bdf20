"""Structured logs on stderr: klog's text header, or one JSON object a line.

A message is a constant; what varies goes into fields: `log.info("watch lost", resource=...)`.
Pure cores do not log: they return facts and the rim logs them.
klog levels (`-v=N`): info is always shown, `log.v(N)` guards what is only wanted from level N on.
Own code and not structlog, which is a fine library but costs each of the pod's three processes
13 MB of memory and 50 ms at the start, more than the front's whole cache.
"""

from __future__ import annotations

import json
import os
import sys
import time
from datetime import UTC, datetime
from typing import Protocol

from dnscore.recent import RecentLine, RecentLines

DEBUG_FROM = 4
"""The klog level from which debug lines are shown."""

recent = RecentLines()
"""The last warnings and errors of this process, for its status page."""

_KLOG_LETTER = {"debug": "I", "info": "I", "warning": "W", "error": "E"}


class Lines(Protocol):
    """Where lines go."""

    def write(self, text: str, /) -> object:
        """Take a line."""

    def flush(self) -> object:
        """Let it be seen."""


class _Settings:
    verbosity = 0
    json_lines = False
    stream: Lines | None = None
    """None is whatever sys.stderr is when a line is written."""


class Logger:
    """A named logger; every call takes a constant message and fields."""

    __slots__ = ("name",)

    def __init__(self, name: str) -> None:
        self.name = name

    def v(self, level: int) -> bool:
        """Whether klog level `level` is shown."""
        return level <= _Settings.verbosity

    def debug(self, message: str, **fields: object) -> None:
        """Shown from `-v=4` on."""
        if self.v(DEBUG_FROM):
            _write("debug", self.name, message, fields)

    def info(self, message: str, **fields: object) -> None:
        _write("info", self.name, message, fields)

    def warning(self, message: str, **fields: object) -> None:
        _remember("warning", self.name, message, fields)
        _write("warning", self.name, message, fields)

    def error(self, message: str, **fields: object) -> None:
        _remember("error", self.name, message, fields)
        _write("error", self.name, message, fields)


def get_logger(name: str) -> Logger:
    """The logger of a part of a daemon, such as `kubedns.watch`."""
    return Logger(name)


def configure(*, verbosity: int = 0, fmt: str = "text", stream: Lines | None = None) -> None:
    """Set up the process's logs; call once, before the first line. `fmt` is text or json."""
    _Settings.verbosity = verbosity
    _Settings.json_lines = fmt == "json"
    _Settings.stream = stream


def write_to(stream: Lines | None) -> None:
    """From now on lines go there; None is stderr."""
    _Settings.stream = stream


def render(level: str, name: str, message: str, fields: dict[str, object]) -> str:
    """A line with its end, in the format of this process's logs."""
    line = _json_line if _Settings.json_lines else _klog_line
    return line(level, name, message, fields) + "\n"


def _remember(level: str, name: str, message: str, fields: dict[str, object]) -> None:
    tail = "".join(f" {key}={_text(value)}" for key, value in fields.items() if key != "traceback")
    recent.add(RecentLine(time.time(), level, name, message + tail, message))


def _write(level: str, name: str, message: str, fields: dict[str, object]) -> None:
    stream = _Settings.stream or sys.stderr
    try:
        # One write for the line, so that those of several threads do not mix.
        stream.write(render(level, name, message, fields))
        stream.flush()
    except (OSError, ValueError):
        pass  # Nobody reads the log any more; that must not end a DNS server.


def _klog_line(level: str, name: str, message: str, fields: dict[str, object]) -> str:
    # The header that log collectors already parse: Lmmdd hh:mm:ss.uuuuuu pid source] message
    clock = datetime.fromtimestamp(time.time(), tz=UTC).strftime("%m%d %H:%M:%S.%f")
    tail = "".join(f" {key}={_text(value)}" for key, value in fields.items())
    if not message.isprintable():
        message = json.dumps(message)
    return f"{_KLOG_LETTER[level]}{clock} {os.getpid():7d} {name}] {message}{tail}"


def _text(value: object) -> str:
    """A field's value on one line; quoted when it could be mistaken for something else."""
    text = str(value)
    if text and text.isprintable() and not any(c in ' "=' for c in text):
        return text
    return json.dumps(text, ensure_ascii=not text.isprintable())


def _json_line(level: str, name: str, message: str, fields: dict[str, object]) -> str:
    line: dict[str, object] = {
        "ts": datetime.now(tz=UTC).isoformat(timespec="microseconds").replace("+00:00", "Z"),
        "level": level,
        "msg": message,
        "logger": name,
    }
    line.update((key, value) for key, value in fields.items() if key not in line)
    # ASCII only: some terminals and collectors end a line at U+0085 or U+2028.
    return json.dumps(line, default=str)
