"""One resource on an API server with a past: what it answers a reflector, well or badly.

`perform` does what the reflector asks for, with the answers and troubles that hypothesis draws;
`settle` does so until it watches, without troubles.
"""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st

from kubedns.k8s.actions import List, Sleep
from kubedns.k8s.errors import (
    Gone,
    Refused,
    ServerBusy,
    TooManyRequests,
    Unreachable,
    Unsupported,
)
from kubedns.k8s.ndjson import LineSplitter
from kubedns.rows import Key
from tests.kubedns_k8s.support import Driven, bookmark, error_event, event, initial_end, list_body

failures = st.sampled_from(
    [
        Unreachable("reset"),
        ServerBusy("503"),
        TooManyRequests("429", retry_after_s=2),
        Gone("410"),
        Refused("403", status=403),
    ]
)


class History:
    """Objects with versions, and the events since the last compaction."""

    def __init__(self) -> None:
        self.version = 10
        self.objects: dict[Key, dict[str, Any]] = {}
        self.compacted = 0
        self._events: list[tuple[int, bytes]] = []
        self.snapshots: dict[int, list[dict[str, Any]]] = {}
        """What a paged list goes on with, by the version of its first page."""

    def put(self, key: Key, body: dict[str, Any]) -> None:
        """Create or replace an object; `body` is what it has besides its metadata's usual part."""
        self.version += 1
        namespace, name = key
        usual = {"name": name, "namespace": namespace, "resourceVersion": str(self.version)}
        new = body | {"metadata": body.get("metadata", {}) | usual}
        kind = "MODIFIED" if key in self.objects else "ADDED"
        self.objects[key] = new
        self._events.append((self.version, event(kind, new)))

    def drop(self, key: Key) -> None:
        """Delete an object, if there is one."""
        old = self.objects.pop(key, None)
        if old is not None:
            self.version += 1
            meta = old["metadata"] | {"resourceVersion": str(self.version)}
            self._events.append((self.version, event("DELETED", old | {"metadata": meta})))

    def compact(self) -> None:
        self.compacted = self.version

    def lines_after(self, version: int) -> list[bytes]:
        if version < self.compacted:
            return [error_event(410, "Expired")]
        return [line for at, line in self._events if at > version]

    def initial_lines(self) -> list[bytes]:
        added = [event("ADDED", item) for item in self.objects.values()]
        return [*added, initial_end(self.version)]


def perform(driven: Driven, history: History, data: st.DataObject) -> None:
    """One action of the reflector, answered well or badly."""
    action = driven.reflector.next_action(driven.now)
    if isinstance(action, Sleep):
        driven.now += action.seconds
    elif data.draw(st.integers(0, 4)) == 0:
        driven.failed(data.draw(failures))
    elif isinstance(action, List):
        _list_page(driven, history, action, data)
    elif action.initial_events:
        _initial_events(driven, history, data)
    else:
        _watch(driven, history, int(action.resource_version), data)


def _list_page(driven: Driven, history: History, action: List, data: st.DataObject) -> None:
    """A paged list is a snapshot: the objects and the version at the time of the first page."""
    if action.continue_:
        version, _, start = action.continue_.partition("/")
        items = history.snapshots[int(version)]
        first = int(start)
        if int(version) < history.compacted:
            driven.failed(Gone("410: continue expired"))
            return
    else:
        version, first = str(history.version), 0
        history.snapshots[history.version] = items = list(history.objects.values())
    size = data.draw(st.integers(1, 3))
    more = f"{version}/{first + size}" if first + size < len(items) else ""
    body = list_body(*items[first : first + size], rv=version, continue_=more)
    driven.reflector.page(body, driven.now)
    driven.take()


def _initial_events(driven: Driven, history: History, data: st.DataObject) -> None:
    if data.draw(st.integers(0, 5)) == 0:
        driven.failed(Unsupported("422"))
        return
    driven.reflector.watch_opened(driven.now)
    _send(driven, history.initial_lines(), data)


def _watch(driven: Driven, history: History, version: int, data: st.DataObject) -> None:
    driven.reflector.watch_opened(driven.now)
    lines = history.lines_after(version)
    repeat: bool = data.draw(st.booleans())
    if lines and repeat:
        again: int = data.draw(st.integers(1, len(lines)))
        lines[again:] = lines  # sent again from the start
    if data.draw(st.booleans()) and version >= history.compacted:
        lines.append(bookmark(history.version))
    _send(driven, lines, data)


def _send(driven: Driven, lines: list[bytes], data: st.DataObject) -> None:
    """In two parts, of which the second may not come."""
    body = b"".join(line + b"\n" for line in lines)
    cut = data.draw(st.integers(0, len(body)))
    splitter = LineSplitter()
    driven.sent(*splitter.feed(body[:cut]))
    if cut < len(body) and data.draw(st.booleans()):
        driven.failed(Unreachable("cut"), after_s=data.draw(st.sampled_from([0.1, 5.0, 100.0])))
        return
    driven.sent(*splitter.feed(body[cut:]))
    driven.ended(after_s=data.draw(st.sampled_from([0.1, 5.0, 300.0])))


def settle(driven: Driven, history: History) -> None:
    """From now on everything works."""
    for _ in range(20):
        action = driven.reflector.next_action(driven.now)
        if isinstance(action, Sleep):
            driven.now += action.seconds
        elif isinstance(action, List):
            if action.continue_:
                driven.failed(Gone("410"))
            else:
                driven.listed(*history.objects.values(), rv=history.version)
        else:
            driven.reflector.watch_opened(driven.now)
            if action.initial_events:
                driven.sent(*history.initial_lines())
                continue
            driven.sent(*history.lines_after(int(action.resource_version)))
            if driven.reflector.watching:
                driven.ended(after_s=300)
                return
    raise AssertionError("the reflector never got to a watch")
