"""A notifier and the datagrams between it and its targets, in a time of its own."""

from __future__ import annotations

import itertools

import dns.flags
import dns.message
import dns.opcode
import dns.rdatatype

from dnscore.net.address import Address
from dnscore.wire import names
from kubedns.notify import Notifier
from kubedns.reverse import ROOTS

ZONE = "cluster.local."
FRONT = Address("127.0.0.1", 53)
EVERYTHING = [("cluster.local.", "ANY"), ("ip6.arpa.", "ANY"), ("in-addr.arpa.", "ANY")]


class Sent:
    """One message, read by another library than ours."""

    def __init__(self, to: Address, wire: bytes) -> None:
        self.to = to
        self.wire = wire
        self.message = dns.message.from_wire(wire)
        assert self.message.opcode() == dns.opcode.NOTIFY
        assert self.message.flags & dns.flags.AA
        (question,) = self.message.question
        self.name = question.name.to_text()
        self.qtype = dns.rdatatype.to_text(question.rdtype)
        (soa,) = self.message.answer
        assert soa.name.to_text() == ZONE
        self.serial = soa[0].serial

    @property
    def what(self) -> tuple[str, str]:
        """Name and type."""
        return self.name, self.qtype

    def response(self, rcode: int = 0) -> bytes:
        """What a cache answers."""
        answer = dns.message.make_response(self.message)
        answer.set_rcode(rcode)  # type: ignore[arg-type]
        return answer.to_wire()


class Telling:
    """A notifier with everything that goes in and comes out."""

    def __init__(self, *targets: Address) -> None:
        self.now = 1000.0
        ids = itertools.count(1)
        self.notifier = Notifier(
            targets or (FRONT,),
            zone=names.from_text(ZONE),
            roots=ROOTS,
            random_id=lambda: next(ids).to_bytes(2, "big"),
        )
        self.serial = 100

    @property
    def target(self):  # type: ignore[no-untyped-def]
        """The first one."""
        return self.notifier.targets[0]

    def change(self, *changed: str) -> None:
        """Names change, and the serial with them."""
        self.serial += 1
        folded = [names.from_text(name) for name in changed]
        self.notifier.changed(folded, serial=self.serial, now=self.now)

    def sent(self) -> list[Sent]:
        """What goes out now."""
        return [Sent(*datagram) for datagram in self.notifier.datagrams(self.now)]

    def names(self) -> list[tuple[str, str]]:
        """Names and types of what goes out now."""
        return [one.what for one in self.sent()]

    def take(self, sent: Sent, rcode: int = 0, source: Address | None = None) -> bool:
        """A target acknowledges a message."""
        response = sent.response(rcode)
        return self.notifier.acknowledged(response, source or sent.to, now=self.now)

    def settle(self) -> list[tuple[str, str]]:
        """All that goes out is acknowledged, until nothing does; what it was."""
        seen = []
        while batch := self.sent():
            for one in batch:
                assert self.take(one)
                seen.append(one.what)
        return seen

    def synced(self) -> Telling:
        """The first lists are there and everybody knows."""
        self.change(ZONE)
        assert sorted(self.settle()) == sorted([*EVERYTHING, (ZONE, "SOA")])
        return self

    def wait(self, seconds: float) -> list[Sent]:
        """Let time pass in the notifier's own steps; what went out, nothing acknowledged."""
        end = self.now + seconds
        seen: list[Sent] = []
        while True:
            when = self.notifier.next_at()
            if when is None or when > end:
                self.now = end
                return seen
            self.now = max(self.now, when)
            seen += self.sent()
