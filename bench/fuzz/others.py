"""Other servers that misbehave: what they send goes the way it goes in `kubedns.upstream`."""

from __future__ import annotations

from collections.abc import Callable
from random import Random

from bench.fuzz.queries import damaged
from dnscore.wire.build import Record, build_response
from dnscore.wire.const import AAAA, CNAME, IN, NOERROR, NXDOMAIN, RA, RCODE_MASK, SERVFAIL, SOA, A
from dnscore.wire.errors import Malformed
from dnscore.wire.query import Query, parse_query
from dnscore.wire.scan import Scan, answers_question, scan_response
from kubedns.relay import Resolved, as_client_asked, chain_records, upstream_query

_TARGET = b"\x04host\x07example\x03com\0"
_SOA = _TARGET + b"\0" + bytes(20)


class Others:
    """Implements kubedns.handler.Resolver; a part of the answers comes when `late` is called."""

    def __init__(self, random: Random) -> None:
        self._random = random
        self._late: list[Callable[[], None]] = []
        self.asked = 0
        self.answered = 0
        self.malformed = 0
        self.failed = False
        """Whether the last question got no answer, or SERVFAIL."""

    def forward(self, query: Query, done: Callable[[bytes | None], None], *, limit: int) -> None:
        """The answer to a client's question, or None."""

        def finish() -> None:
            wire, scan = self._exchange(query.question, query)
            done(as_client_asked(query, wire, scan, limit=limit) if wire and scan else None)

        self._now_or_late(finish)

    def resolve(self, name: bytes, qtype: int, done: Callable[[Resolved | None], None]) -> None:
        """The records behind an alias, or None."""

        def finish() -> None:
            question = name + qtype.to_bytes(2, "big") + IN.to_bytes(2, "big")
            wire, scan = self._exchange(question, None)
            found = None
            if wire is not None and scan is not None and scan.rcode in (NOERROR, NXDOMAIN):
                try:
                    found = Resolved(scan.rcode, chain_records(wire, scan, name, qtype))
                except Malformed:
                    self.malformed += 1
            self.failed = found is None
            done(found)

        self._now_or_late(finish)

    def late(self) -> None:
        """Answer what is still open."""
        waiting, self._late = self._late, []
        for finish in waiting:
            finish()

    def _now_or_late(self, finish: Callable[[], None]) -> None:
        if self._random.random() < 0.5:
            finish()
        else:
            self._late.append(finish)

    def _exchange(self, question: bytes, query: Query | None) -> tuple[bytes | None, Scan | None]:
        """What a server says to what it is asked, if it can be read."""
        random = self._random
        self.asked += 1
        asked = upstream_query(random.randbytes(2), question, query, edns=True)
        wire = self._response(parse_query(asked))
        for _ in range(random.choice((0, 0, 1, 3))):
            wire = damaged(wire, asked, random)
        self.failed = True
        if wire[:2] != asked[:2] or not answers_question(wire, question):
            return None, None
        try:
            scan = scan_response(wire, question)
        except Malformed:
            self.malformed += 1
            return None, None
        self.failed = scan.rcode & RCODE_MASK == SERVFAIL
        self.answered += 1
        return wire, scan

    def _response(self, query: Query) -> bytes:
        random = self._random
        records: list[Record] = []
        if random.random() < 0.5:
            records.append(Record(query.name, CNAME, 60, _TARGET))
        owner = records[0].rdata if records else query.name
        for _ in range(random.choice((0, 1, 3, 60))):
            rtype, size = random.choice(((A, 4), (AAAA, 16), (A, 4), (16, 3)))
            records.append(Record(owner, rtype, random.choice((0, 5, 2**32 - 1)), bytes(size)))
        rcode = random.choice((0, 0, 0, 3, 2, 5))
        soa = (Record(_TARGET, SOA, 60, _SOA),) if random.random() < 0.3 else ()
        return build_response(
            query, flags=RA, rcode=rcode, answers=tuple(records), authorities=soa, limit=65535
        )
