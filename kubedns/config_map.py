"""The configuration in a ConfigMap that is watched through the API (`--config-map`).

The watch's thread brings rows, the DNS loop polls: a change is in use a second later. No object is
an empty one, so a deletion, and none to begin with, mean the defaults.
"""

from __future__ import annotations

from dnscore.configdir import Snapshot
from kubedns.rows import Batch, ConfigMapRow


class ConfigMapSource:
    """The last state of the one ConfigMap; kube-dns takes any of the namespace for it."""

    def __init__(self, namespace: str, name: str) -> None:
        self.name = f"ConfigMap {namespace}/{name}"
        self._newest: Snapshot | None = None
        self._given: Snapshot | None = None

    def deliver(self, batch: Batch) -> None:
        """A change, or the end of a list. From the watch's thread."""
        for _, row in batch.changes:
            if isinstance(row, ConfigMapRow):
                self._newest = Snapshot(row.version, row.data)
            else:
                self._newest = Snapshot("", {})
        if batch.synced and self._newest is None:
            self._newest = Snapshot("", {})

    def poll(self, now: float) -> Snapshot | None:
        """The state when its data is new, None when it is not and before the first list."""
        newest = self._newest
        if newest is None or (self._given is not None and self._given.data == newest.data):
            return None
        self._given = newest
        return newest
