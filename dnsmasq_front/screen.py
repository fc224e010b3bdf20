"""What is done to other servers' answers before they are kept and passed on.

`--filter-A` and its like take records out; `--stop-dns-rebind` empties an answer with which a
name from outside points into one's own network; NXDOMAIN for a name that exists here becomes
NODATA (RFC 8020 2). Pure.

Departs from dnsmasq in that the servers of this machine may say what they like without
`--rebind-domain-ok`: in a pod that is kubedns, whose answers are private addresses all of them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from struct import Struct
from typing import NamedTuple

from dnscore.wire import names
from dnscore.wire.chain import asked_name
from dnscore.wire.const import (
    AA,
    AAAA,
    CNAME,
    EDE_BLOCKED,
    EDE_FILTERED,
    HEADER_SIZE,
    MX,
    NS,
    NXDOMAIN,
    PTR,
    SOA,
    SRV,
    A,
)
from dnscore.wire.errors import Malformed
from dnscore.wire.scan import ANSWER, NODATA, TTL_MAX, Scan, first_sections, scan_response
from dnsmasq_front.local import LocalData
from dnsmasq_front.private import is_private
from dnsmasq_front.routes import Route

_FIXED = Struct("!HHIH")
_COUNTS = Struct("!HHH")
_QUESTION = b"\xc0\x0c"
_NAMES_IN_RDATA = {NS: (0, 1), CNAME: (0, 1), PTR: (0, 1), MX: (2, 1), SRV: (6, 1), SOA: (0, 2)}
"""Octets before the names in record data and how many there are: those that may be compressed
(RFC 3597 4), and SRV's, which some servers compress all the same."""


@dataclass(frozen=True, slots=True)
class ScreenOptions:
    """What is not let through."""

    filtered: frozenset[int] = frozenset()
    """`--filter-A`, `--filter-AAAA`, `--filter-rr`: types that clients do not get."""
    stop_rebind: bool = False
    """`--stop-dns-rebind`: no private addresses from outside."""
    rebind_localhost_ok: bool = False
    """`--rebind-localhost-ok`: those of this machine are let through."""
    rebind_domains_ok: tuple[bytes, ...] = ()
    """`--rebind-domain-ok`: folded names at and below which all are."""


class Screened(NamedTuple):
    """What became of an answer."""

    body: bytes
    scan: Scan
    error: int | None
    """An RFC 8914 code that says why."""
    may_keep: bool
    """Whether it may be cached."""


class _Seen(NamedTuple):
    """One record: where its owner, type, data and the next record begin."""

    owner: int
    fixed: int
    rtype: int
    rdata: int
    end: int


class Screen:
    """Looks at every answer of another server."""

    def __init__(
        self,
        options: ScreenOptions,
        local: LocalData,
        *,
        report: Callable[[bytes], None] = lambda name: None,
    ) -> None:
        """`report` gets the name of each answer that was emptied as a rebinding attack."""
        self._options = options
        self._local = local
        self._report = report
        self.blocked = 0
        """Answers emptied as rebinding attacks."""

    @property
    def passes_plain(self) -> bool:
        """Whether an answer that is one record of the type asked may always go on as it is."""
        return not (self._options.stop_rebind or self._options.filtered)

    # HOT: once per answer of a server that is not plain.
    def screened(self, body: bytes, scan: Scan, route: Route) -> Screened | None:
        """The answer as it may go on; None: as it is. `body` has no OPT record."""
        if scan.rcode == NXDOMAIN:
            if self._local.names.exists(asked_name(body, scan)):
                return Screened(_as_nodata(body, scan), scan, None, may_keep=True)
            return None
        options = self._options
        if options.stop_rebind and self._is_rebinding(body, scan, route):
            self.blocked += 1
            self._report(asked_name(body, scan))
            return _emptied(body, scan, EDE_BLOCKED)
        if options.filtered and not scan.rcode:
            return self._filtered(body, scan)
        return None

    def _is_rebinding(self, body: bytes, scan: Scan, route: Route) -> bool:
        localhost_too = not self._options.rebind_localhost_ok
        if not any(
            seen.rtype in (A, AAAA)
            and seen.end - seen.rdata in (4, 16)
            and is_private(body[seen.rdata : seen.end], localhost_too=localhost_too)
            for seen in _records(body, scan, scan.counts[0])
        ):
            return False
        if route.servers and all(server.is_loopback for server in route.servers):
            return False
        name = asked_name(body, scan)
        return not any(names.is_below(name, ok) for ok in self._options.rebind_domains_ok)

    def _filtered(self, body: bytes, scan: Scan) -> Screened | None:
        hidden, answers = self._options.filtered, scan.counts[0]
        seen = list(_records(body, scan, sum(scan.counts)))
        kept = [record for record in seen[:answers] if record.rtype not in hidden]
        if len(kept) == answers:
            if all(record.rtype not in hidden for record in seen):
                return None
            # Only what stands beside the answer is hidden: it goes as a whole, nobody needs it.
            return Screened(first_sections(body, scan, 1), scan, None, may_keep=True)
        try:
            cut = _rebuilt(body, scan, kept)
        except Malformed:
            return _emptied(body, scan, EDE_FILTERED)  # What stays of it cannot be read.
        question = body[HEADER_SIZE : scan.question_end]
        fresh = scan_response(cut, question)
        # It is no negative answer, and may be kept for as long as what it was made of.
        fresh.kind = ANSWER
        fresh.least_ttls = [scan.least_ttls[0], TTL_MAX, TTL_MAX]
        return Screened(cut, fresh, EDE_FILTERED, may_keep=True)


def _as_nodata(body: bytes, scan: Scan) -> bytes:
    scan.kind, scan.rcode = NODATA, 0
    flags = (body[2] << 8 | body[3]) & 0xFFF0 | AA
    return body[:2] + flags.to_bytes(2, "big") + body[4:]


def _emptied(body: bytes, scan: Scan, error: int) -> Screened:
    head = body[:6] + _COUNTS.pack(0, 0, 0) + body[HEADER_SIZE : scan.question_end]
    fresh = scan_response(head, head[HEADER_SIZE:])
    return Screened(head, fresh, error, may_keep=False)


def _records(body: bytes, scan: Scan, count: int) -> Iterator[_Seen]:
    """The first records of a message that has been scanned."""
    at = scan.question_end
    for ttl in scan.ttl_offsets[:count]:
        fixed = ttl - 4
        rdata = ttl + 6
        end = rdata + (body[ttl + 4] << 8 | body[ttl + 5])
        yield _Seen(at, fixed, body[fixed] << 8 | body[fixed + 1], rdata, end)
        at = end


def _rebuilt(body: bytes, scan: Scan, kept: list[_Seen]) -> bytes:
    """The response with these answers only; names are written out, as pointers would be off."""
    asked = asked_name(body, scan)
    parts = []
    for seen in kept:
        owner = names.expand(body, seen.owner)
        if owner.lower() == asked:
            owner = _QUESTION
        rdata = _expanded(body, seen)
        head = body[seen.fixed : seen.rdata - 2]
        parts.append(owner + head + len(rdata).to_bytes(2, "big") + rdata)
    counts = _COUNTS.pack(len(kept), 0, 0)
    return body[:6] + counts + body[HEADER_SIZE : scan.question_end] + b"".join(parts)


def _expanded(body: bytes, seen: _Seen) -> bytes:
    """A record's data without compression. Raises Malformed when its names are none."""
    before, count = _NAMES_IN_RDATA.get(seen.rtype, (0, 0))
    at = seen.rdata + before
    parts = [body[seen.rdata : at]]
    for _ in range(count):
        parts.append(names.expand(body, at))
        at = names.skip(body, at)
    return b"".join(parts) + body[at : max(at, seen.end)]
