"""How a question would be answered at this moment, and why: for people, never for a query. Pure.

The order is the server's: the cache, what is known here, other servers. Nothing is asked and
nothing changes by it.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from struct import Struct
from typing import Any

from dnscore.wire import names
from dnscore.wire.const import AAAA, ANY, CNAME, HEADER_SIZE, HTTPS, IN, A
from dnscore.wire.errors import WireError
from dnscore.wire.query import Query, parse_query
from dnscore.wire.scan import ANSWER, scan_response
from dnscore.wire.types import type_text
from dnsmasq_front.cache import Cache, cache_key
from dnsmasq_front.entry import Entry
from dnsmasq_front.local import LocalData
from dnsmasq_front.routes import DEFAULT, Route, Routes
from dnsmasq_front.servers import MISSING, OVERDUE, Server, ServerGroup

Json = dict[str, Any]

_HEADER = bytes.fromhex("0000 0100 0001 0000 0000 0000")
_FIXED = Struct("!HH")
_KINDS = {"nxdomain": "that there is no such name", "nodata": "that the name has no such record"}
_ADDRESS_TYPES = (A, AAAA, HTTPS)


@dataclass(frozen=True, slots=True)
class FrontParts:
    """What answers, as it is now."""

    cache: Cache
    local: LocalData
    routes: Routes
    group_of: Callable[[Route], ServerGroup | None]
    """What is known of the servers of a route."""
    are_told: Callable[[Route, bytes], bool]
    """Whether the servers of a route tell of changes of a name."""
    group_max: int
    """Questions that may wait for one group."""


def explain(parts: FrontParts, name: bytes, qtype: int, *, now: float) -> Json:
    """How a question without DNSSEC for a folded name of class IN is answered."""
    query = parse_query(_HEADER + name + _FIXED.pack(qtype, IN))
    route = parts.routes.find(name)
    said: Json = {"name": names.to_text(name), "type": type_text(qtype)}
    entry = parts.cache.peek(cache_key(query))
    cached = _cached(parts, entry, query, now) if entry is not None else None
    if cached is not None:
        said.update(cached)
    else:
        said.update(_local(parts.local, query, route) or _asked(parts, query, route))
    said["route"] = _route(parts, route, name, now) if route is not None else None
    return said


def _cached(parts: FrontParts, entry: Entry, query: Query, now: float) -> Json | None:
    """What the cache would say, None when its entry is over."""
    stale_until = entry.ends + parts.cache.options.stale_s
    if stale_until <= now:
        return None
    question = query.wire[HEADER_SIZE:]
    try:
        scan = scan_response(entry.body, question)
    except WireError:
        return None  # It was read before it was stored.
    kept: Json = {
        "kind": scan.kind,
        "left_s": round(entry.ends - now, 1),
        "fresh_s": round(entry.fresh_until - now, 1),
        "records": entry.records,
        "hits": entry.hits,
        "prebuilt": len(entry.packets),
        "servers_failed": entry.unconfirmed,
    }
    what = "The answer" if scan.kind == ANSWER else _KINDS.get(scan.kind, scan.kind)
    what = what[0].upper() + what[1:]
    left = f"{max(0.0, entry.ends - now):.0f} s"
    if entry.ends <= now:
        cause = "cached-stale"
        said = f"{what} has ended and is given all the same while it is asked for again."
    elif entry.fresh_until <= now:
        cause = "cached-untrusted"
        said = f"{what} is kept for another {left}, and asked for again first."
    elif entry.unconfirmed:
        cause = "cached-unconfirmed"
        said = f"{what} is kept for another {left}; the servers have failed since."
    else:
        cause = "cached" if scan.kind == ANSWER else "cached-negative"
        said = f"{what} is kept for another {left}{_unless(parts, query.name)}."
    return {"cause": cause, "sentence": said, "cache": kept}


def _unless(parts: FrontParts, name: bytes) -> str:
    """What may end an entry's life before its time."""
    route = parts.routes.find(name)
    if route is None or not route.is_cluster:
        return ""
    if parts.are_told(route, name):
        return ", unless its server tells of a change"
    return ", and asked for again before long: its server does not tell of changes"


def _local(local: LocalData, query: Query, route: Route | None) -> Json | None:
    """What is known here, None when others are to be asked."""
    response = local.answer(query, route, stream=False)
    if response is None:
        return None
    text, qtype = names.to_text(query.name), type_text(query.qtype)
    records = local.names.records.get(query.name, ())
    there = {record.rtype for record in records}
    has_type = query.qtype in there or CNAME in there or (query.qtype == ANY and there)
    if has_type:
        return _said("local-record", f"{text} is known here: a hosts file or a record of a flag.")
    if query.qtype in _ADDRESS_TYPES and there & {A, AAAA}:
        sentence = f"{text} is known here, and has no {qtype} record; nobody else is asked."
        return _said("local-no-type", sentence)
    answers = response[6:8] != b"\x00\x00"
    if route is not None and route.addresses and (answers or route.is_local):
        rule = f"--address=/{_domain(route)}/{','.join(route.addresses)}"
        if answers:
            return _said("address-literal", f"The address is given by {rule}.")
        return _said("address-literal-no-type", f"By {rule} there is no {qtype} record.")
    if route is not None and route.is_local:
        sentence = f"{_domain(route)} is local: no one is asked for names that are not known here."
        return _said("local-domain", sentence)
    if query.name != names.ROOT and query.name[0] + 2 == len(query.name):
        sentence = "A name of one label is not asked of others: --domain-needed."
        return _said("domain-needed", sentence)
    sentence = "Names of private addresses are not asked of others: --bogus-priv."
    return _said("bogus-priv", sentence)


def _asked(parts: FrontParts, query: Query, route: Route | None) -> Json:
    """Who would be asked."""
    if route is None:
        return _said("no-servers", "There is no server to ask: REFUSED.")
    if query.qtype == ANY and not route.is_cluster:
        return _said("minimal-any", "ANY is answered here, with a record that says so (RFC 8482).")
    group = parts.group_of(route)
    servers = group.servers if group is not None else ()
    shown = ", ".join(str(server.address) for server in servers)
    where = "all other names" if route.domain == DEFAULT else _domain(route)
    if not servers:
        sentence = f"The address of the server for {where} is not known yet: SERVFAIL."
        return _said("server-not-known", sentence)
    if all(server.in_loop for server in servers):
        return _said("servers-in-loop", f"{shown} sent our own question back: REFUSED.")
    if group is not None and group.pending >= parts.group_max:
        sentence = f"As many questions as may wait for {shown}: {group.pending}. SERVFAIL."
        return _said("servers-busy", sentence)
    if all(server.doubt == MISSING for server in servers):
        sentence = f"{shown}: none has answered of late; they are asked for {where} all the same."
        return _said("servers-missing", sentence)
    if route.is_cluster:
        return _said("cluster", f"Asked of {shown}, which has {where}.")
    if route.domain == DEFAULT:
        return _said("default", f"Asked of {shown}, as are {where}.")
    return _said("domain", f"Asked of {shown}, the server of {where}.")


def _said(cause: str, sentence: str) -> Json:
    return {"cause": cause, "sentence": sentence, "cache": None}


def _domain(route: Route) -> str:
    return names.to_text(route.domain).removesuffix(".") or "#"


def _route(parts: FrontParts, route: Route, name: bytes, now: float) -> Json:
    group = parts.group_of(route)
    return {
        "domain": names.to_text(route.domain),
        "is_cluster": route.is_cluster,
        "is_local": route.is_local,
        "tells_of_changes": parts.are_told(route, name),
        "addresses": list(route.addresses),
        "waiting": group.pending if group is not None else 0,
        "servers": [_server(server, now) for server in group.servers] if group else [],
    }


def _server(server: Server, now: float) -> Json:
    health = "fine"
    if server.in_loop:
        health = "in a loop"
    elif server.doubt == MISSING:
        health = "missing"
    elif server.doubt == OVERDUE or server.is_silent(now):
        health = "overdue"
    elif not server.sent:
        health = "not asked yet"
    return {
        "address": str(server.address),
        "health": health,
        "sent": server.sent,
        "failed": server.failed,
        "nxdomain": server.nxdomain,
        "round_trip_ms": round(server.srtt_s * 1000, 3),
    }
