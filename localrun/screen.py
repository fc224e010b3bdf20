"""Progress on a terminal or in a file: a step is one line, begun before it and ended after it."""

from __future__ import annotations

from typing import TextIO


class Screen:
    """Writes at once; goes quiet when nobody reads any more, so that stopping always goes on."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream
        self._in_step = False

    def begin(self, text: str) -> None:
        """The first half of a line: what is being done now."""
        self._finish_step()
        self._write(f"{text} ... ")
        self._in_step = True

    def end(self, text: str) -> None:
        """The second half: how it went."""
        self._in_step = False
        self._write(f"{text}\n")

    def line(self, text: str) -> None:
        """A line of its own, below a step that is still open."""
        self._finish_step()
        self._write(f"{text}\n")

    def _finish_step(self) -> None:
        if self._in_step:
            self._write("\n")
            self._in_step = False

    def _write(self, text: str) -> None:
        try:
            self._stream.write(text)
            self._stream.flush()
        except (OSError, ValueError):  # The terminal or the pipe is gone.
            return
