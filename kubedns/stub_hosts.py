"""Stub servers that are given by host name, as the addresses they have now.

A name in the cluster's zone is looked up in the tree each time: the Service may have been made
anew. Others are asked for now and then, in the background; the last good addresses stay.
kube-dns looks such names up once, when it starts.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Callable, Sequence
from functools import partial

from dnscore.log import get_logger
from dnscore.wire.const import AAAA, A
from dnscore.wire.names import to_text
from kubedns.lookup import lookup
from kubedns.relay import Resolved
from kubedns.treecache import TreeCache

REFRESH_S = 30.0
RETRY_S = 2.0
"""Between two questions about a name that has no address yet."""
ADDRESSES_MAX = 16
"""Of one name; more servers are not tried anyway."""

Resolve = Callable[[bytes, int, Callable[[Resolved | None], None]], None]

_log = get_logger("kubedns.config")


class StubHosts:
    """Owned by the DNS loop's thread."""

    def __init__(self, tree: TreeCache, resolve: Resolve) -> None:
        """`resolve` is that of kubedns.upstream.Upstream."""
        self._tree = tree
        self._resolve = resolve
        self._found: dict[tuple[bytes, int], tuple[str, ...]] = {}
        self._ask_at: dict[bytes, float] = {}

    def addresses(self, host: bytes) -> tuple[str, ...]:
        """The addresses of a folded name, IPv4 before IPv6; none when they are not known."""
        if self._tree.zone.relative(host) is None:
            return self._found.get((host, A), ()) + self._found.get((host, AAAA), ())
        return tuple(
            str(ipaddress.ip_address(record.rdata))
            for rtype in (A, AAAA)
            if (answer := lookup(self._tree, host, rtype)) is not None
            for record in answer.answers
            if record.rtype == rtype
        )[:ADDRESSES_MAX]

    def poll(self, now: float, wanted: Sequence[bytes]) -> None:
        """Ask for the names that are due; forget those that are no longer wanted."""
        hosts = {host for host in wanted if self._tree.zone.relative(host) is None}
        self._found = {key: texts for key, texts in self._found.items() if key[0] in hosts}
        self._ask_at = {host: at for host, at in self._ask_at.items() if host in hosts}
        for host in hosts:
            if now >= self._ask_at.get(host, now):
                self._ask_at[host] = now + (REFRESH_S if self.addresses(host) else RETRY_S)
                for rtype in (A, AAAA):
                    self._resolve(host, rtype, partial(self._resolved, host, rtype))

    def _resolved(self, host: bytes, rtype: int, found: Resolved | None) -> None:
        if found is None or host not in self._ask_at:
            return  # Nobody could say, or nobody wants to know any more.
        size = 4 if rtype == A else 16
        texts = tuple(
            str(ipaddress.ip_address(record.rdata))
            for record in found.records
            if record.rtype == rtype and len(record.rdata) == size
        )[:ADDRESSES_MAX]
        if texts != self._found.get((host, rtype), ()):
            _log.info("stub server", host=to_text(host), addresses=",".join(texts) or "none")
        self._found[host, rtype] = texts
