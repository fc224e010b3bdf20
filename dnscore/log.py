"""Structured logs on stderr: klog's text header, or one JSON object a line.

A message is a constant; what varies goes into fields: `log.info("watch lost", resource=...)`.
Pure cores do not log: they return facts and the rim logs them.
klog levels (`-v=N`): info is always shown, `log.v(N)` guards what is only wanted from level N on.
"""

from __future__ import annotations

import json
import os
import sys
import time
from collections.abc import MutableMapping
from datetime import UTC, datetime
from typing import Any, TextIO

import structlog

_LEVEL_NUMBER = {"debug": 10, "info": 20, "warning": 30, "error": 40}
_KLOG_LETTER = {"debug": "I", "info": "I", "warning": "W", "error": "E"}
_verbosity = 0


class Logger:
    """A named logger; every call takes a constant message and fields."""

    __slots__ = ("_log", "name")

    def __init__(self, name: str) -> None:
        self.name = name
        self._log = structlog.get_logger().bind(logger=name)

    def v(self, level: int) -> bool:
        """Whether klog level `level` is shown."""
        return level <= _verbosity

    def debug(self, message: str, **fields: object) -> None:
        """Shown from `-v=4` on."""
        self._log.debug(message, **fields)

    def info(self, message: str, **fields: object) -> None:
        self._log.info(message, **fields)

    def warning(self, message: str, **fields: object) -> None:
        self._log.warning(message, **fields)

    def error(self, message: str, **fields: object) -> None:
        self._log.error(message, **fields)


def get_logger(name: str) -> Logger:
    """The logger of a part of a daemon, such as `kubedns.watch`."""
    return Logger(name)


def configure(*, verbosity: int = 0, fmt: str = "text", stream: TextIO | None = None) -> None:
    """Set up the process's logs; call once, before the first line. `fmt` is text or json."""
    global _verbosity
    _verbosity = verbosity
    level = _LEVEL_NUMBER["debug" if verbosity >= 4 else "info"]
    structlog.configure(
        processors=[
            structlog.processors.add_log_level,
            _render_json if fmt == "json" else _render_klog,
        ],
        wrapper_class=structlog.make_filtering_bound_logger(level),
        logger_factory=structlog.PrintLoggerFactory(file=stream or sys.stderr),
        cache_logger_on_first_use=False,
    )


def _render_klog(_logger: object, _method: str, event: MutableMapping[str, Any]) -> str:
    # The header that log collectors already parse: Lmmdd hh:mm:ss.uuuuuu pid source] message
    now = time.time()
    clock = datetime.fromtimestamp(now, tz=UTC).strftime("%m%d %H:%M:%S.%f")
    letter = _KLOG_LETTER.get(event.pop("level"), "I")
    message, name = event.pop("event"), event.pop("logger", "-")
    fields = "".join(f" {key}={_text(value)}" for key, value in event.items())
    return f"{letter}{clock} {os.getpid():7d} {name}] {message}{fields}"


def _text(value: object) -> str:
    text = str(value)
    if text and text.isprintable() and not any(c in ' "=' for c in text):
        return text
    return json.dumps(text, ensure_ascii=False)


def _render_json(_logger: object, _method: str, event: MutableMapping[str, Any]) -> str:
    line = {
        "ts": datetime.now(tz=UTC).isoformat(timespec="microseconds").replace("+00:00", "Z"),
        "level": event.pop("level"),
        "msg": event.pop("event"),
        **event,
    }
    return json.dumps(line, default=str, ensure_ascii=False)
