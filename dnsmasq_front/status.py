"""What the front tells of itself, as JSON for a status page (`--statusAddress`).

Read in the loop's thread. With several workers the first one serves it: sums are those of all
workers, the rest is its own view, and the document says which is which (`of`). Names that clients
asked for are in it as the most frequent of a sample, so it belongs on loopback; there are none in
the metrics. No I/O, no clock.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from dnscore import VERSION
from dnscore.log import recent
from dnscore.settings import settings_json
from dnscore.wire import names
from dnsmasq_front.cache import Cache
from dnsmasq_front.counting import Counting
from dnsmasq_front.forwarder import Forwarder
from dnsmasq_front.notify import Notices
from dnsmasq_front.options import FrontOptions
from dnsmasq_front.popular import Popular
from dnsmasq_front.servers import MISSING, OVERDUE, Server
from dnsmasq_front.shared_servers import ServerCounts
from dnsmasq_front.space_saving import Frequent

TOP = 20
"""Names, and namespaces, that are told."""

Json = dict[str, object]


@dataclass(frozen=True, slots=True)
class StatusSources:
    """Where the figures are."""

    options: FrontOptions
    workers: int
    cache: Cache
    forwarder: Forwarder
    notices: Notices
    counting: Counting
    popular: Popular
    started: float
    """Monotonic seconds."""


def status_json(sources: StatusSources, *, now: float) -> Json:
    """The whole document; `now` is on the clock of the loop."""
    many = sources.workers > 1
    return {
        "program": "dnsmasq_front",
        "version": VERSION,
        "uptime_s": round(now - sources.started, 1),
        "workers": sources.workers,
        "of": {
            "sums": "all workers" if many else "the process",
            "rest": "worker 0" if many else "the process",
        },
        "cache": _cache(sources),
        "upstreams": _upstreams(sources),
        "notify": _notify(sources, now=now),
        "popular": _popular(sources.popular),
        "options": settings_json(sources.options),
        "errors": [line.to_json() for line in recent.latest_first()],
    }


def _cache(sources: StatusSources) -> Json:
    total, cache = sources.counting.total(), sources.cache
    return {
        "hits": total.hits,
        "misses": total.misses,
        "stale": total.stale,
        "insertions": total.insertions,
        "evictions": total.evictions,
        "octets": total.octets,
        "octets_max": cache.bytes_max * sources.workers,
        "records_here": cache.records,
        "records_max_here": sources.options.cache.records,
        "answers_here": len(cache),
    }


def _upstreams(sources: StatusSources) -> list[Json]:
    forwarder = sources.forwarder
    # A server that answers for several domains has counts for each here, and one sum of all.
    sums = sources.counting.total_servers() if sources.workers > 1 else None
    found: list[Json] = []
    for route in forwarder.routes.all:
        group = forwarder.groups.get(route)
        servers = [_server(server, sums) for server in group.servers] if group else []
        found.append(
            {
                "domain": names.to_text(route.domain),
                "local_only": route.is_local,
                "pending": group.pending if group else 0,
                "servers": servers,
            }
        )
    return found


def _server(server: Server, sums: dict[str, ServerCounts] | None) -> Json:
    total: Server | ServerCounts = server
    if sums is not None:
        total = sums.get(f"{server.address.host}#{server.address.port}", ServerCounts())
    return {
        "address": str(server.address),
        "state": _state(server),
        "sent": total.sent,
        "retried": total.retried,
        "failed": total.failed,
        "nxdomain": total.nxdomain,
        "srtt_ms": round(server.srtt_s * 1000, 3),
    }


def _state(server: Server) -> str:
    if server.in_loop:
        return "loop"
    if server.doubt == MISSING:
        return "silent"
    if server.doubt == OVERDUE:
        return "slow"
    return "fine" if server.srtt_s else "unused"


def _notify(sources: StatusSources, *, now: float) -> Json:
    counters, total = sources.notices.counters, sources.counting.total()
    return {
        "taken": total.notifies,
        "refused": total.notifies_refused,
        "dropped": total.dropped,
        "missed_here": counters.missed,
        "tellers": [
            {"address": str(address), "holds_s": round(left_s, 1)}
            for address, left_s in sources.notices.told_by(now)
        ],
    }


def _popular(popular: Popular) -> Json:
    return {
        "sampled": round(popular.sampled),
        "sampled_in_namespaces": round(popular.sampled_in_namespaces),
        "names": _frequent(popular.names(TOP)),
        "namespaces": [
            {**one, "item": str(one["item"]).removesuffix(".")}
            for one in _frequent(
                [
                    Frequent(names.from_labels([f.item]), f.count, f.error)
                    for f in popular.namespaces(TOP)
                ]
            )
        ],
    }


def _frequent(found: Sequence[Frequent]) -> list[Json]:
    return [
        {
            "item": names.to_text(one.item),
            "count": round(one.count, 1),
            "error": round(one.error, 1),
        }
        for one in found
    ]
