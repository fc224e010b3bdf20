"""Which names with a `*` somebody asked for, so that only those are told of when they change.

A change of one Service changes the answers of seven patterns, though next to nobody asks with a
`*`. A pattern is noted when an answer to it leaves; when it changes it is told once and forgotten,
for then nobody holds an answer any more. They are kept by the nearest name above: one for the
zone, one for `svc`, one for each namespace.
"""

from __future__ import annotations

from collections.abc import Sequence

from dnscore.wire import names
from kubedns.services import SEPARATOR, SERVICE_BRANCH
from kubedns.zone import Zone

WILDCARD = b"*"
_LABEL = b"\x01*"


class WildcardNames:
    """The names at and below which answers with a `*` were given."""

    def __init__(self, zone: Zone) -> None:
        self._zone = zone
        self._asked: set[bytes] = set()

    def note(self, labels: Sequence[bytes]) -> bytes:
        """Somebody gets an answer for `labels`, of which one that selects Services is a `*`.

        Returns the name to depend on. There must be the namespace when it is not a `*` itself.
        """
        above = list(labels[-1:]) if labels[-1] != WILDCARD else []
        if above and len(labels) > 2 and labels[-2] != WILDCARD:
            above.insert(0, labels[-2])
        name = _LABEL + names.from_labels(above)[:-1] + self._zone.domain
        self._asked.add(name)
        return name

    def asked_about(self, key: bytes) -> list[bytes]:
        """Of the names that change with a tree key those that were asked for; forgets them."""
        if not self._asked:
            return []
        parts = key.split(SEPARATOR)
        if parts[0] != SERVICE_BRANCH:
            return []
        candidates = [
            _LABEL + self._zone.domain,
            _LABEL + self._zone.services_suffix,
            _LABEL + names.from_labels(parts[1:2])[:-1] + self._zone.services_suffix,
        ]
        found = [name for name in candidates if name in self._asked]
        self._asked.difference_update(found)
        return found
