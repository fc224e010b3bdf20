"""The reading of one whole list: in pages, or as the initial events of a watch. Pure.

Both become a diff against what is known, handed out in groups that take about a millisecond to
decode. Initial events: Kubernetes API concepts, "Streaming lists": an ADDED event for each object,
then a BOOKMARK that says so.
"""

from __future__ import annotations

from collections import deque

import msgspec

from kubedns.k8s import model
from kubedns.k8s.errors import Malformed
from kubedns.k8s.versions import Change, Versions

GROUP_BYTES = 96 * 1024
"""JSON decoded in one go: about 1 ms. One object is never divided."""


class Listing:
    """One list after the other; each begins with `begin` and ends with `complete`."""

    def __init__(self, versions: Versions, *, watch_lists: bool) -> None:
        """`watch_lists`: whether to have lists sent as initial events, where that is offered."""
        self._versions = versions
        self._offered = watch_lists
        self._in_pages = not watch_lists
        self._items: deque[msgspec.Raw] = deque()
        self._gathered: list[Change] = []
        """Changes of initial events; not lost when their stream is, as they count as known."""
        self._gathered_bytes = 0
        self.version = ""
        """resourceVersion of the state that the list gives."""
        self.continue_ = ""
        """The server's token for the next page; empty where there is none."""
        self.page_open = False
        """Whether there is more in the page than has been taken."""
        self.streaming = False
        """Whether the list under way comes, or was asked for, as initial events."""

    def choose_way(self) -> bool:
        """Before the first request of a list: whether it is to come as initial events."""
        self.streaming = not self._in_pages
        return self.streaming

    def refuse_stream(self, *, for_ever: bool) -> None:
        """Initial events are not to be had: this list, or each from now on, comes in pages."""
        self._offered &= not for_ever
        self._in_pages = True
        self.streaming = False
        self.begin()

    def begin(self) -> None:
        """From the first object on; what was read so far has been handed out."""
        self.continue_ = ""
        self._items.clear()
        self.page_open = False

    def page(self, body: bytes) -> None:
        """Take a page. Raises Malformed."""
        envelope = model.decode_list(body)
        assert envelope.metadata is not None  # decode_list has seen to it
        self._items = deque(envelope.items or ())
        self.continue_ = envelope.metadata.continue_ or ""
        self.version = envelope.metadata.resource_version or ""
        self.page_open = True

    def page_group(self) -> list[Change]:
        """The next group of the open page; `page_open` is false after the last one."""
        changes = self._take_gathered()
        size = 0
        while self._items and size < GROUP_BYTES:
            raw = self._items.popleft()
            size += len(raw)
            changes += self._versions.listed(raw)
        self.page_open = bool(self._items)
        return changes

    def initial_event(self, event: model.Event, size: int) -> bool:
        """Take an event of `size` bytes that comes before the end of the initial ones.

        True for the one that ends them. Raises Malformed.
        """
        self._gathered_bytes += size
        if event.type in ("ADDED", "MODIFIED"):
            self._gathered += self._versions.listed(event.object)
        elif event.type == "DELETED":
            self._gathered += self._versions.event(event.type, event.object)[1]
        elif event.type == "BOOKMARK":
            version, ends = model.decode_bookmark(event.object)
            if not ends or not version:
                raise Malformed("a bookmark, and not the one that ends the initial events")
            self.version = version
            return True
        else:
            raise Malformed(f"event of type {event.type!r}")
        return False

    def initial_group(self) -> list[Change]:
        """The changes of initial events once there are enough of them to be handed out."""
        return self._take_gathered() if self._gathered_bytes >= GROUP_BYTES else []

    def complete(self) -> list[Change]:
        """Everything has been read: what is left to hand out, deletions at its end."""
        self.streaming = False
        self._in_pages = not self._offered
        return self._take_gathered() + self._versions.end_list()

    def _take_gathered(self) -> list[Change]:
        taken, self._gathered, self._gathered_bytes = self._gathered, [], 0
        return taken
