"""Federations, kube-dns's legacy way to a Service of the same name in another cluster.

`<service>.<namespace>.<federation>.svc.<zone>` is an alias: of the local Service where that has
something to offer, else of the same name in the federation's domain, with the zone and region of
this cluster's nodes in it: `<...>.svc.<node zone>.<region>.<federation domain>`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping

from dnscore.wire import names

TTL_S = 0
"""Of every record of such an answer, as with kube-dns: the alias moves with the endpoints."""
SRV_PRIORITY = 0

Place = Callable[[], tuple[str, str] | None]
"""Zone and region of the nodes, None while they are not known."""


class Federations:
    """The configured federations; empty for nearly every cluster."""

    def __init__(self, *, place: Place = lambda: None) -> None:
        self._domains: dict[bytes, str] = {}
        self._place = place

    def __bool__(self) -> bool:
        return bool(self._domains)

    def __iter__(self) -> Iterator[bytes]:
        """Their names, as labels."""
        return iter(self._domains)

    def __contains__(self, label: bytes) -> bool:
        return label in self._domains

    def replace(self, domains: Mapping[str, str]) -> bool:
        """Take a checked configuration; whether it differs from the one before."""
        new = {name.encode(): domain for name, domain in domains.items()}
        if new == self._domains:
            return False
        self._domains = new
        return True

    def elsewhere(self, service: bytes, namespace: bytes, federation: bytes) -> bytes | None:
        """The wire name in the federation's domain.

        None while the place is not known, or when there is no such name.
        """
        place = self._place()
        if place is None:
            return None
        zone, region = place
        try:
            tail = names.from_text(f"{zone}.{region}.{self._domains[federation]}")
            front = [service, namespace, federation, b"svc"]
            whole = names.from_labels([*front, *names.labels(tail)])
        except ValueError:
            return None
        return whole
