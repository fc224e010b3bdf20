"""What the front counts, and how tools are told: `*.bind` texts and dnsmasq's block of lines.

The lines are dnsmasq 2.90's, letter by letter, as people's tools read them (dnsmasq(8), SIGUSR1).
Where it speaks of what there is not here, the nearest is meant: the pool is the cache's octets,
a child process for TCP is a connection. Unlike there, TCP counts as UDP does, and the polls
themselves are no hits. Pure.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from dnsmasq_front.shared_counters import Counts
from dnsmasq_front.shared_servers import ServerCounts

STRING_MAX = 255
"""Octets of a character string (RFC 1035 3.3)."""
AUTHORS = "the authors of kube-dns-py"
COPYRIGHT = "Apache License 2.0"


@dataclass(frozen=True, slots=True)
class Sizes:
    """How much there may be, of all workers together."""

    records: int
    """Records that the caches hold."""
    octets: int
    """Octets that they hold."""
    connections: int
    """TCP connections of clients."""
    may_be_stale: bool = False
    """Whether `--use-stale-cache` is given."""


def statistics_lines(
    counts: Counts, servers: Mapping[str, ServerCounts], sizes: Sizes, *, epoch_s: int
) -> list[str]:
    """The block that SIGUSR1 writes, line by line."""
    lines = [
        f"time {epoch_s}",
        f"cache size {sizes.records}, {counts.evictions}/{counts.insertions} cache insertions "
        "re-used unexpired cache entries.",
        f"queries forwarded {counts.misses}, queries answered locally {counts.hits}",
    ]
    if sizes.may_be_stale:
        lines.append(f"queries answered from stale cache {counts.stale}")
    lines += [
        "queries for authoritative zones 0",
        f"pool memory in use {counts.octets}, max {counts.octets_highest}, "
        f"allocated {sizes.octets}",
        f"child processes for TCP requests: in use {counts.connections}, highest since last "
        f"SIGUSR1 {counts.connections_highest}, max allowed {sizes.connections}.",
    ]
    for name, one in servers.items():
        lines.append(
            f"server {name}: queries sent {one.sent}, retried {one.retried}, "
            f"failed {one.failed}, nxdomain replies {one.nxdomain}, "
            f"avg. latency {round(one.latency_us / 1000)}ms"
        )
    return lines


def bind_texts(
    counts: Callable[[], Counts],
    servers: Callable[[], Mapping[str, ServerCounts]],
    sizes: Sizes,
) -> dict[str, Callable[[], list[str]]]:
    """The strings of each `*.bind` name that dnsmasq knows, the version left out."""
    texts: dict[str, Callable[[], list[str]]] = {
        "cachesize.bind": lambda: [str(sizes.records)],
        "insertions.bind": lambda: [str(counts().insertions)],
        "evictions.bind": lambda: [str(counts().evictions)],
        "misses.bind": lambda: [str(counts().misses)],
        "hits.bind": lambda: [str(counts().hits)],
        "auth.bind": lambda: ["0"],  # No zone of its own.
        "authors.bind": lambda: [AUTHORS],
        "copyright.bind": lambda: [COPYRIGHT],
        "servers.bind": lambda: [
            f"{name} {one.sent} {one.failed}"[:STRING_MAX] for name, one in servers().items()
        ],
    }
    return texts
