"""A front without sockets that a kubedns tells of changes."""

from __future__ import annotations

import dns.rcode

from dnscore.net.address import Address
from dnscore.net.handler import Peer
from dnscore.wire import names
from dnscore.wire.const import ANY, SOA
from kubedns.notify import notify_message
from tests.dnsmasq_front.messages import Reply, read_reply, soa
from tests.dnsmasq_front.pure import PureFront

ZONE = "cluster.local."
KUBEDNS = Address("127.0.0.1", 10053)
FLAGS = (
    "--server=/cluster.local/127.0.0.1#10053",
    "--server=/in-addr.arpa/127.0.0.1#10053",
    "--server=10.0.0.53",
    "--cache-size=1000",
)
NEGATIVE = soa(ZONE, ttl=60, minimum=60)


class From:
    """A Via for messages from one address."""

    def __init__(self, source: Address, *, stream: bool = False) -> None:
        self._source = source
        self.stream = stream

    def send(self, response: bytes, peer: Peer) -> None:
        raise AssertionError("a NOTIFY is answered at once")

    def source(self, peer: Peer) -> tuple[str, int]:
        return self._source.host, self._source.port


class ToldFront(PureFront):
    """A PureFront with a kubedns that is at serial 1."""

    def __init__(self, *flags: str) -> None:
        super().__init__(*FLAGS, *flags)
        self.serial = 1

    def notify(
        self,
        name: str,
        qtype: int = ANY,
        *,
        serial: int | None = None,
        source: Address = KUBEDNS,
        stream: bool = False,
    ) -> str:
        """A NOTIFY comes in; the rcode of the acknowledgement."""
        if serial is None:
            self.serial += qtype == ANY
            serial = self.serial
        wire = notify_message(
            b"\x12\x34", names.from_text(name), qtype, serial=serial, zone=names.from_text(ZONE)
        )
        response = self.server.handle(wire, None, From(source, stream=stream))
        assert response is not None
        assert response[:2] == b"\x12\x34"
        return dns.rcode.to_text(dns.rcode.Rcode(response[3] & 15))

    def sign_of_life(self, *, serial: int | None = None, source: Address = KUBEDNS) -> str:
        """What kubedns sends every second."""
        return self.notify(ZONE, SOA, serial=serial, source=source)

    def told(self) -> ToldFront:
        """With kubedns known to tell."""
        assert self.sign_of_life() == "NOERROR"
        return self

    def live(self, seconds: float) -> None:
        """Time passes with kubedns alive."""
        for _ in range(int(seconds)):
            self.advance(1)
            assert self.sign_of_life() == "NOERROR"

    def known(self, question: str) -> Reply | None:
        """The reply if there is one at once, as clients get it; else None, and nothing is asked."""
        before = len(self.sent)
        client = self.ask(question)
        if client.answered:
            return read_reply(client.responses[0])
        for at in range(before, len(self.sent)):
            self.answer(at=at, rcode=dns.rcode.SERVFAIL)
        return None
