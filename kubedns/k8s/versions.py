"""What is known of each object of one resource: its last resourceVersion, and its rows' keys.

Makes a list or an event into changes. A relist becomes a diff: an object whose version is the
same gives no change, one that is no longer listed is deleted. An object that cannot be used keeps
its last good row and is reported once. Pure.
"""

from __future__ import annotations

from typing import Any

import msgspec

from kubedns.k8s import model
from kubedns.k8s.errors import BadObject
from kubedns.k8s.kind import Kind, Rows
from kubedns.rows import Key, Row

Change = tuple[Key, Row | None]


class Versions:
    """The objects of one resource that have rows."""

    def __init__(self, kind: Kind[Any]) -> None:
        self._kind = kind
        self._known: dict[Key, str] = {}
        self._parts: dict[Key, tuple[Key, ...]] = {}
        """The keys of an object's rows, where it is not one row under the object's own key."""
        self._seen: set[Key] = set()
        self._bad: set[Key] = set()
        self._reports: list[BadObject] = []
        self.bad_total = 0
        self.newest = 0
        """The highest resourceVersion of an object, where they are numbers, as etcd's are."""

    def __len__(self) -> int:
        return len(self._known)

    def row_keys(self) -> list[Key]:
        """The keys of all rows that have been handed out and not taken back."""
        return [key for known in self._known for key in self._keys_of(known)]

    def version_of(self, key: Key) -> str:
        """The resourceVersion of an object, "" for one without rows. From any thread."""
        return self._known.get(key, "")

    def begin_list(self) -> None:
        """A list starts from its first page: nothing has been seen in it yet."""
        self._seen = set()

    def end_list(self) -> list[Change]:
        """The list is complete: deletions of what was known and not in it."""
        vanished = [key for key in self._known if key not in self._seen]
        self._bad &= self._seen | {("", "")}
        self._seen = set()
        return [change for key in vanished for change in self._forget(key)]

    def listed(self, raw: msgspec.Raw) -> list[Change]:
        """The changes that an item of a list makes. Reports a bad one."""
        try:
            return self._updated(self._kind.decode(raw), listing=True)[1]
        except BadObject as error:
            self._seen.add(error.key)
            self._report(error)
            return []

    def event(self, event_type: str, raw: msgspec.Raw) -> tuple[str, list[Change]]:
        """The resourceVersion ("" where unreadable) and changes of an object event.

        `event_type` is ADDED, MODIFIED or DELETED. A bad object is reported.
        """
        try:
            if event_type != "DELETED":
                return self._updated(self._kind.decode(raw), listing=False)
            meta = model.decode_meta(raw)
            key = self._kind.key_of(meta)
            self._see(meta.resource_version or "")
            self._bad.discard(key)
            return meta.resource_version or "", self._forget(key)
        except BadObject as error:
            self._report(error)
            return error.resource_version, []

    # HOT: once per event.
    def line(self, line: bytes) -> tuple[str, list[Change]] | None:
        """As `event` for a line that brings an object in good order; None for any other."""
        event = self._kind.decode.event(line)
        if event is None:
            return None
        try:
            return self._updated(event.object, listing=False)
        except BadObject as error:
            self._report(error)
            return error.resource_version, []

    def distrust(self, keys: list[Key]) -> None:
        """Changes of these rows did not arrive: the next list sends them again."""
        for key in keys:
            owner = (key[0], key[1].partition("/")[0])  # no object has a slash in its name
            before = self._keys_of(owner)
            self._known[owner] = ""
            self._set_parts(owner, tuple(dict.fromkeys((*before, key))))

    def take_reports(self) -> list[BadObject]:
        """Objects that have become bad since the last call."""
        reports, self._reports = self._reports, []
        return reports

    def _updated(self, decoded: Any, *, listing: bool) -> tuple[str, list[Change]]:
        key = self._kind.key_of(decoded.metadata)
        version = decoded.metadata.resource_version or ""
        self._see(version)
        if listing:
            self._seen.add(key)
        if version and self._known.get(key) == version:
            return version, []
        try:
            rows = self._kind.project(key, decoded)
        except BadObject as error:
            error.resource_version = version
            raise
        self._bad.discard(key)
        return version, self._replace(key, version, rows) if rows else self._forget(key)

    def _see(self, version: str) -> None:
        if version.isascii() and version.isdigit() and len(version) < 20:
            self.newest = max(self.newest, int(version))

    def _replace(self, key: Key, version: str, rows: Rows) -> list[Change]:
        changes: list[Change] = list(rows)
        keys = tuple(row_key for row_key, _ in rows)
        if key in self._parts or keys != (key,):
            changes += [(old, None) for old in self._keys_of(key) if old not in keys]
            self._set_parts(key, keys)
        self._known[key] = version
        return changes

    def _keys_of(self, key: Key) -> tuple[Key, ...]:
        """Of the rows of an object."""
        return self._parts.get(key, (key,)) if key in self._known else ()

    def _set_parts(self, key: Key, keys: tuple[Key, ...]) -> None:
        if keys == (key,):
            self._parts.pop(key, None)
        else:
            self._parts[key] = keys

    def _forget(self, key: Key) -> list[Change]:
        gone: list[Change] = [(old, None) for old in self._keys_of(key)]
        self._known.pop(key, None)
        self._parts.pop(key, None)
        return gone

    def _report(self, error: BadObject) -> None:
        self.bad_total += 1
        if error.key not in self._bad:
            self._bad.add(error.key)
            self._reports.append(error)
