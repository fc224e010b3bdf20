"""What is known of each object of one resource: its last resourceVersion, and nothing more.

Makes a list or an event into changes. A relist becomes a diff: an object whose version is the
same gives no change, one that is no longer listed is deleted. An object that cannot be used keeps
its last good row and is reported once. Pure.
"""

from __future__ import annotations

from typing import Any

import msgspec

from kubedns.k8s import model
from kubedns.k8s.errors import BadObject
from kubedns.k8s.project import Kind, key_of
from kubedns.rows import Key, Row

Change = tuple[Key, Row | None]


class Versions:
    """The objects of one resource that have a row."""

    def __init__(self, kind: Kind[Any]) -> None:
        self._kind = kind
        self._known: dict[Key, str] = {}
        self._seen: set[Key] = set()
        self._bad: set[Key] = set()
        self._reports: list[BadObject] = []
        self.bad_total = 0

    def __len__(self) -> int:
        return len(self._known)

    def begin_list(self) -> None:
        """A list starts from its first page: nothing has been seen in it yet."""
        self._seen = set()

    def end_list(self) -> list[Change]:
        """The list is complete: deletions of what was known and not in it."""
        vanished = [key for key in self._known if key not in self._seen]
        self._bad &= self._seen | {("", "")}
        self._seen = set()
        return [self._forget(key) for key in vanished]

    def listed(self, raw: msgspec.Raw) -> Change | None:
        """The change that an item of a list makes, if any. Reports a bad one."""
        try:
            return self._updated(raw, listing=True)[1]
        except BadObject as error:
            self._seen.add(error.key)
            self._report(error)
            return None

    def event(self, event_type: str, raw: msgspec.Raw) -> tuple[str, Change | None]:
        """The resourceVersion ("" where unreadable) and change of an object event.

        `event_type` is ADDED, MODIFIED or DELETED. A bad object is reported.
        """
        try:
            if event_type != "DELETED":
                return self._updated(raw, listing=False)
            meta = model.decode_meta(raw)
            key = key_of(meta)
            self._bad.discard(key)
            return meta.resource_version or "", self._forget(key) if key in self._known else None
        except BadObject as error:
            self._report(error)
            return error.resource_version, None

    def distrust(self, keys: list[Key]) -> None:
        """The rows of these objects did not arrive: the next list sends them again."""
        for key in keys:
            self._known[key] = ""

    def take_reports(self) -> list[BadObject]:
        """Objects that have become bad since the last call."""
        reports, self._reports = self._reports, []
        return reports

    def _updated(self, raw: msgspec.Raw, *, listing: bool) -> tuple[str, Change | None]:
        decoded = self._kind.decode(raw)
        key = key_of(decoded.metadata)
        version = decoded.metadata.resource_version or ""
        if listing:
            self._seen.add(key)
        if version and self._known.get(key) == version:
            return version, None
        try:
            row = self._kind.project(key, decoded)
        except BadObject as error:
            error.resource_version = version
            raise
        self._bad.discard(key)
        if row is not None:
            self._known[key] = version
            return version, (key, row)
        return version, self._forget(key) if key in self._known else None

    def _forget(self, key: Key) -> Change:
        del self._known[key]
        return key, None

    def _report(self, error: BadObject) -> None:
        self.bad_total += 1
        if error.key not in self._bad:
            self._bad.add(error.key)
            self._reports.append(error)
