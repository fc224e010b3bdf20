"""What kubedns tells of itself as JSON, for the sidecar's status page: `/status.json`.

On the port of the probes, so nothing is in it that /cache does not tell anyway, but for settings
and the last warnings; passwords in URLs are left out. Pure: facts in, a document out.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import accumulate
from typing import TYPE_CHECKING

from dnscore import VERSION
from dnscore.httpd import Reply, Route, json_reply
from dnscore.log import recent
from dnscore.settings import settings_json
from kubedns.notify import DELAY_BUCKETS_S, NotifyTarget
from kubedns.options import Options
from kubedns.status import Facts, api_server_away, liveness, readiness

if TYPE_CHECKING:  # its module brings the API client, which starts later
    from kubedns.k8s.runner import WatchStatus

Json = dict[str, object]


@dataclass(frozen=True, slots=True)
class Snapshot:
    """What the document is made of, at one moment."""

    facts: Facts
    uptime_s: float
    requests: int
    """Queries answered in the zone and its reverse zones, and forwarded."""
    upstream_tries: int
    upstream_failures: int
    serial: int
    changes: int
    config_rejected: int
    notify: Sequence[NotifyTarget]


def status_json_route(options: Options, snapshot: Callable[[], Snapshot]) -> Route:
    """The page; `snapshot` is called in the server's threads."""

    def page(_query: str) -> Reply:
        return json_reply(status_json(options, snapshot()))

    return page


def status_json(options: Options, now: Snapshot) -> Json:
    """The whole document."""
    ready, live = readiness(now.facts), liveness(now.facts)
    return {
        "program": "kubedns",
        "version": VERSION,
        "uptime_s": round(now.uptime_s, 1),
        "ready": ready.good,
        "reason": ready.reason or live.reason,
        "api_server_up": bool(now.facts.watches) and not api_server_away(now.facts),
        "requests": now.requests,
        "serial": now.serial,
        "changes": now.changes,
        "config_rejected": now.config_rejected,
        "watches": [_watch(watch, now.facts.now) for watch in now.facts.watches],
        "upstream": {"tries": now.upstream_tries, "failures": now.upstream_failures},
        "notify": [_target(target) for target in now.notify],
        "options": settings_json(options),
        "errors": [line.to_json() for line in recent.latest_first()],
    }


def _watch(watch: WatchStatus, now: float) -> Json:
    heard = watch.last_event_at
    return {
        "resource": watch.resource,
        "state": watch.phase.value,
        "synced": watch.synced,
        "objects": watch.objects,
        "bad_objects": watch.bad_objects,
        "age_s": None if heard is None else round(now - heard, 1),
        "resource_version": watch.resource_version,
        "errors": watch.counters.errors,
        "last_error": watch.last_error,
    }


def _target(target: NotifyTarget) -> Json:
    counters, told = target.counters, sum(target.delays)
    return {
        "address": str(target.address),
        "state": "away" if target.away else "told" if target.is_told else "not told",
        "sent": counters.sent,
        "acknowledged": counters.acknowledged,
        "retried": counters.retried,
        "refused": counters.refused,
        "whole_zone": counters.whole_zone,
        "waiting": len(target.waiting) + len(target.under_way),
        "delay_mean_ms": round(target.delay_sum_s / told * 1000, 3) if told else None,
        "delay_p99_ms": _p99_ms(target.delays),
    }


def _p99_ms(delays: Sequence[int]) -> float | None:
    """The bound within which 99 of 100 changes were acknowledged; None: none, or beyond all."""
    total = sum(delays)
    for bound, count in zip(DELAY_BUCKETS_S, accumulate(delays), strict=False):
        if total and count * 100 >= total * 99:
            return round(bound * 1000, 3)
    return None
