"""ExternalName services: where they point, and who points into the zone.

A change behind an ExternalName changes the answers at its own name too; whoever caches by owner
name has to hear of that name.
"""

from __future__ import annotations

from dnscore.wire import names
from kubedns.rows import ServiceRow
from kubedns.services import SEPARATOR
from kubedns.zone import Zone


def external_target(row: ServiceRow | None) -> bytes | None:
    """The wire name that an ExternalName service points to; None for other services.

    None too for a target that is no name: such a service is there and has no record. A target
    that looks like an IP address is a name made of digits (Kubernetes Service reference), so
    unlike kube-dns it gives a CNAME and no address.
    """
    if row is None or not row.external_name:
        return None
    try:
        target = names.from_text(row.external_name)
    except ValueError:
        return None
    return target if target != names.ROOT else None


class Aliases:
    """The tree keys of ExternalName services by the tree key that each leads to."""

    def __init__(self) -> None:
        self._by_target: dict[bytes, set[bytes]] = {}

    def move(self, alias: bytes, old: bytes | None, new: bytes | None, zone: Zone) -> None:
        """Follow an ExternalName from one target to another; None for no target."""
        before, after = _tree_key(old, zone), _tree_key(new, zone)
        if before == after:
            return
        if before is not None:
            left = self._by_target[before]
            left.discard(alias)
            if not left:
                del self._by_target[before]
        if after is not None:
            self._by_target.setdefault(after, set()).add(alias)

    def leading_to(self, key: bytes) -> set[bytes]:
        """A key, and those of all ExternalName services that lead there over any number of steps.

        A loop of services ends the walk as any other set does.
        """
        found, ahead = {key}, [key]
        while ahead:
            for alias in self._by_target.get(ahead.pop(), ()):
                if alias not in found:
                    found.add(alias)
                    ahead.append(alias)
        return found


def _tree_key(target: bytes | None, zone: Zone) -> bytes | None:
    """The key of what a target depends on; None if it never changes.

    A Service or a namespace, all pods of a namespace, or the zone's name server.
    """
    labels = zone.relative(target.lower()) if target is not None else None
    if not labels or len(labels) < 2:
        return None
    depth = {b"svc": 3, b"pod": 2, b"dns": 2}.get(labels[-1])
    return SEPARATOR.join(labels[::-1][:depth]) if depth is not None else None
