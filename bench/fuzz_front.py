"""`python -m bench.fuzz_front [--queries=N] [--answers=N] [--seed=N]`: the front against junk.

Mutated queries of clients, then mutated answers of servers, go through server, forwarder and cache
with a transport that sends nothing. Nothing may raise, and nothing false may be kept: whatever the
cache says afterwards is about the question alone, and its records were in an answer to it. Memory
must be flat. The same seed gives the same run. Exits 1 with what was wrong.
"""

from __future__ import annotations

import random
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import partial

import dns.exception
import dns.flags
import dns.message
import dns.name
import dns.rcode
import dns.rdatatype
import dns.rrset

from bench.in_process import NullVia, PureFront, resident_mb
from bench.mutation import mutated
from bench.program import say
from dnscore.flags import FlagSet
from dnscore.lifecycle import run_program
from dnscore.wire.query import parse_query

PROGRAM = "fuzz_front"
_say = partial(say, PROGRAM)
TYPES = ("A", "AAAA", "TXT", "SRV", "MX", "PTR", "CNAME", "ANY", "SOA", "HTTPS")
NAMES = 4096
FOREIGN = 0.05
"""Share of the answers that are about another name or zone."""
REPORTS = 10
"""Steps in which a run tells how far it is."""
FAILURES_MAX = 500
"""Failures that are noted."""
FLAT_MB = 24.0
"""What memory may grow by after the first tenth of a run, which fills the caches."""


@dataclass(slots=True)
class Found:
    """What a run has seen."""

    failures: list[str] = field(default_factory=list)
    queries: int = 0
    answered: int = 0
    forwarded: int = 0
    answers: int = 0
    kept: int = 0
    memory_mb: list[float] = field(default_factory=list)

    def wrong(self, what: str, wire: bytes) -> None:
        """Note a failure with the octets that led to it."""
        if len(self.failures) < FAILURES_MAX:
            self.failures.append(f"{what}: {wire.hex()}")

    @property
    def growth_mb(self) -> float:
        """How much memory grew after the caches were full."""
        return self.memory_mb[-1] - self.memory_mb[1] if len(self.memory_mb) > 2 else 0.0


def run(argv: Sequence[str]) -> int:
    """Everything behind the command line. Raises UsageError."""
    flags = FlagSet(PROGRAM)
    flags.integer("queries", 1_000_000, help="mutated queries", minimum=0)
    flags.integer("answers", 1_000_000, help="mutated answers", minimum=0)
    flags.integer("seed", 1, help="another seed is another run")
    given = flags.parse(argv)
    if given.help_wanted:
        sys.stdout.write(flags.usage())
        return 0
    failures = []
    for kind, fuzz in (("queries", fuzz_queries), ("answers", fuzz_answers)):
        began = time.monotonic()
        found = fuzz(given[kind], seed=given["seed"], say=_say)
        _say(
            f"{given[kind]} {kind} in {time.monotonic() - began:.0f} s: {found.answered} answered, "
            f"{found.forwarded} forwarded, {found.kept} kept, grown {found.growth_mb:.1f} MB"
        )
        failures += found.failures
        if found.growth_mb > FLAT_MB:
            failures.append(f"{kind}: memory grew: {found.memory_mb}")
    for line in failures:
        print(f"{PROGRAM}: FAILED  {line}", file=sys.stderr)
    return 1 if failures else 0


def fuzz_queries(count: int, *, seed: int, say: Callable[[str], None]) -> Found:
    """Clients send junk; what is forwarded is answered well half of the time."""
    chance, found = random.Random(seed), Found()
    front = PureFront(seed=seed)
    seeds = [_query(chance) for _ in range(NAMES)]
    for number in range(count):
        if number % max(1, count // REPORTS) == 0:
            _note(found, say, number)
        wire = mutated(chance.choice(seeds), chance)
        via = NullVia(stream=chance.random() < 0.2)
        found.queries += 1
        try:
            response = front.ask(wire, via)
        except Exception as error:
            found.wrong(repr(error), wire)
            continue
        found.answered += response is not None
        _check_response(found, wire, response, stream=via.stream)
        if front.sent:
            found.forwarded += 1
            if chance.random() < 0.5:
                front.reply_to_latest(_answer(front.latest_query, chance))
        front.advance(0.001)
        _check_front(found, front, wire)
    front.advance(6.0)
    _check_ended(found, front)
    found.kept = front.cache.insertions
    _note(found, say, count)
    return found


def fuzz_answers(count: int, *, seed: int, say: Callable[[str], None]) -> Found:
    """Servers send junk; afterwards the cache must say nothing that is not about the question."""
    chance, found = random.Random(seed), Found()
    front = PureFront(seed=seed)
    for number in range(count):
        if number % max(1, count // REPORTS) == 0:
            _note(found, say, number)
        query = _query(chance)
        via = NullVia(stream=chance.random() < 0.2)
        response = front.ask(query, via)
        found.queries += 1
        found.answered += response is not None
        while front.sent:
            # Few get through when the question is changed: mostly what stands behind it is.
            first = 2 if chance.random() < 0.2 else 12 + len(front.latest_question)
            wire = mutated(_answer(front.latest_query, chance), chance, first=first)
            found.answers += 1
            try:
                front.reply_to_latest(wire)
            except Exception as error:
                found.wrong(repr(error), wire)
                break
            found.forwarded += 1
        front.advance(0.001)
        _check_front(found, front, query)
        _check_kept(found, front, query)
    front.advance(6.0)
    _check_ended(found, front)
    found.kept = front.cache.insertions
    _note(found, say, count)
    return found


def _note(found: Found, say: Callable[[str], None], number: int) -> None:
    found.memory_mb.append(resident_mb())
    say(f"{number}: {found.memory_mb[-1]:.1f} MB, {len(found.failures)} failures")


def _query(chance: random.Random) -> bytes:
    labels = [f"n{chance.randrange(NAMES)}", *chance.sample(["a", "svc", "x" * 63], 2), "test."]
    query = dns.message.make_query(".".join(labels), chance.choice(TYPES))
    query.id = chance.getrandbits(16)
    if chance.random() < 0.5:
        query.use_edns(0, dns.flags.DO if chance.random() < 0.3 else 0, chance.choice((512, 4096)))
    return query.to_wire()


_RDATA = {
    "A": "10.0.0.1",
    "AAAA": "fd00::1",
    "TXT": '"some text"',
    "SRV": "0 0 80 target.test.",
    "MX": "10 mail.test.",
    "PTR": "host.test.",
    "CNAME": "b.test.",
    "ANY": "10.0.0.1",
    "SOA": "ns.test. admin.test. 1 2 3 4 5",
    "HTTPS": "1 .",
}


def _answer(query: bytes, chance: random.Random) -> bytes:
    """An answer of one of the kinds there are: mostly good, sometimes about something else."""
    asked = dns.message.from_wire(query, ignore_trailing=True)
    message = dns.message.make_response(asked)
    question = asked.question[0]
    kind = dns.rdatatype.to_text(question.rdtype)
    owner = question.name
    dice = chance.random()
    if dice < 0.2:
        message.set_rcode(dns.rcode.NXDOMAIN if dice < 0.1 else dns.rcode.NOERROR)
        soa = f"ns.test. admin.test. 1 3600 600 86400 {chance.randrange(60)}"
        zone = "example." if chance.random() < FOREIGN else "test."
        message.authority.append(dns.rrset.from_text(zone, 30, "IN", "SOA", soa))
    else:
        if dice < 0.4 and kind not in ("CNAME", "ANY"):
            alias = dns.name.from_text("alias.test.")
            message.answer.append(dns.rrset.from_text(owner, 30, "IN", "CNAME", "alias.test."))
            owner = alias
        rtype = "A" if kind == "ANY" else kind if kind in _RDATA else "TXT"
        ttl = chance.choice((0, 5, 30, 3600))
        if chance.random() < FOREIGN:
            owner = dns.name.from_text("bank.example.")
        message.answer.append(dns.rrset.from_text(owner, ttl, "IN", rtype, _RDATA[rtype]))
        if dice > 0.8:
            ttl = chance.choice((0, 30))
            extra = dns.rrset.from_text("target.test.", ttl, "IN", "A", "10.9.9.9")
            message.additional.append(extra)
    if asked.edns >= 0:
        message.use_edns(0, 0, 1232)
    return message.to_wire(max_size=65535)


def _check_response(found: Found, wire: bytes, response: bytes | None, *, stream: bool) -> None:
    """A response has its query's ID and is no larger than the query allows."""
    if response is None:
        return
    if response[:2] != wire[:2] or not response[2] & 0x80:
        found.wrong("not a response to the query", wire)
    if len(response) > (65535 if stream else 1232):
        found.wrong("too large", wire)


def _check_front(found: Found, front: PureFront, wire: bytes) -> None:
    if front.failures:
        found.wrong(f"inside: {front.failures.pop()!r}", wire)
        front.failures.clear()


def _check_ended(found: Found, front: PureFront) -> None:
    """All clients have been told something, and nothing is left behind."""
    if front.forwarder.outstanding or front.server.refresher.outstanding:
        found.failures.append(f"{front.forwarder.outstanding} questions left")


def _check_kept(found: Found, front: PureFront, wire: bytes) -> None:
    """What is kept for a question, if anything, is about it."""
    query = parse_query(wire)
    body = front.kept(query)
    if body is None:
        return
    found.kept += 1
    try:
        message = dns.message.from_wire(body)
        owner, qtype = dns.name.from_wire(query.name, 0)[0], query.qtype
        names = {owner}
        for rrset in sorted(message.answer, key=lambda r: r.rdtype != dns.rdatatype.CNAME):
            if rrset.rdtype == dns.rdatatype.CNAME and rrset.name in names:
                names.update(rdata.target for rdata in rrset)
        for rrset in message.answer:
            alias = rrset.rdtype in (dns.rdatatype.CNAME, dns.rdatatype.RRSIG)
            if rrset.rdtype == dns.rdatatype.DNAME:
                continue
            if rrset.name not in names or not (alias or qtype in (rrset.rdtype, 255)):
                found.wrong(f"false record {rrset.to_text()} kept for {wire.hex()}", body)
        for rrset in message.authority:
            soa = rrset.rdtype == dns.rdatatype.SOA and not message.answer
            if soa and not owner.is_subdomain(rrset.name):
                found.wrong(f"foreign zone {rrset.name} kept for {wire.hex()}", body)
    except dns.exception.DNSException:
        return  # dnspython reads record data, which we pass on as it is.


if __name__ == "__main__":
    sys.exit(run_program(PROGRAM, run, sys.argv[1:]))
