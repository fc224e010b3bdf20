"""What a reflector asks its driver to do. Values only."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class List:
    """Read one page of the list."""

    limit: int
    continue_: str
    """The server's token for the page; empty for the first one."""


@dataclass(frozen=True, slots=True)
class Watch:
    """Open a watch, with bookmarks."""

    resource_version: str
    timeout_s: int
    """The server ends the watch after this time."""
    initial_events: bool = False
    """Have the server send the whole list first, an event for each object (a watch-list)."""


@dataclass(frozen=True, slots=True)
class Sleep:
    """Ask again after this time."""

    seconds: float


Action = List | Watch | Sleep
