"""A whole front without sockets: its own parts, a transport that only notes, and time by hand."""

from __future__ import annotations

import random
from dataclasses import dataclass, field
from typing import Any

import dns.rcode

from dnscore.net.address import Address
from dnscore.net.handler import Peer
from dnsmasq_front.cache import Cache
from dnsmasq_front.chaos import Chaos
from dnsmasq_front.cli import parse_options
from dnsmasq_front.forwarder import TICK_S, Forwarder, Pending
from dnsmasq_front.options import FrontOptions
from dnsmasq_front.prebuilt import Prebuilt
from dnsmasq_front.routes import Routes
from dnsmasq_front.server import FrontServer
from tests.dnsmasq_front.messages import Reply, query_wire, read_reply, response_wire


@dataclass(slots=True)
class Sent:
    """A question that went out to another server."""

    server: Address
    query: bytes
    """Behind its ID."""
    pending: Pending
    stream: bool
    cancelled: bool = False

    def reply(self, answers: str = "", **options: Any) -> bytes:
        """The server's response, from zone text; options as those of `response_wire`."""
        return response_wire(b"\x12\x34" + self.query, answers, **options)


@dataclass(slots=True)
class NotingTransport:
    """Sends nothing and notes everything."""

    sent: list[Sent] = field(default_factory=list)
    unsendable: set[Address] = field(default_factory=set)
    """Servers to which nothing can be sent."""

    def send(self, server: Address, query: bytes, pending: Pending) -> Sent:
        return self._note(Sent(server, query, pending, stream=False))

    def send_stream(self, server: Address, query: bytes, pending: Pending) -> Sent:
        return self._note(Sent(server, query, pending, stream=True))

    def _note(self, sent: Sent) -> Sent:
        if sent.server in self.unsendable:
            raise OSError("no route")
        self.sent.append(sent)
        return sent

    def cancel(self, ticket: object) -> None:
        if isinstance(ticket, Sent):
            ticket.cancelled = True


@dataclass(slots=True)
class Client:
    """One query and the responses that came to it; it is its own Via."""

    wire: bytes
    stream: bool = False
    responses: list[bytes] = field(default_factory=list)

    def send(self, response: bytes, peer: Peer) -> None:
        self.responses.append(response)

    def source(self, peer: Peer) -> tuple[str, int]:
        return "10.9.8.7", 40000

    @property
    def answered(self) -> bool:
        return bool(self.responses)

    @property
    def reply(self) -> Reply:
        """The one response."""
        assert len(self.responses) == 1, self.responses
        return read_reply(self.responses[0])


class PureFront:
    """A front with the options of a command line; `now` moves by `advance` only."""

    def __init__(self, *flags: str, now: float = 1000.0) -> None:
        options = parse_options(["--no-resolv", *flags])
        assert isinstance(options, FrontOptions)
        chance = random.Random(4711)  # The same turns in every run, so that none fails by chance.
        self.now = now
        self.failures: list[Exception] = []
        self.transport = NotingTransport()
        self.cache = Cache(options.cache)
        self.prebuilt = Prebuilt(random_turn=lambda: chance.getrandbits(16))
        self.forwarder = Forwarder(
            Routes.of(options.rules, ()),
            self.cache,
            self.transport,
            group_max=options.group_max,
        )
        self.server = FrontServer(
            self.cache,
            self.forwarder,
            Chaos({"hits.bind": lambda: str(self.server.hits), "cachesize.bind": lambda: "150"}),
            self.prebuilt,
            clock=lambda: self.now,
            random_turn=lambda: chance.getrandbits(16),
            report=self.failures.append,
        )

    @property
    def sent(self) -> list[Sent]:
        """Every question that went out."""
        return self.transport.sent

    def ask(self, question: str, *, stream: bool = False, **options: Any) -> Client:
        """A client asks; options as those of `query_wire`."""
        return self.ask_wire(query_wire(question, **options), stream=stream)

    def ask_wire(self, wire: bytes, *, stream: bool = False) -> Client:
        """A client sends these octets, by a listener that looks at the prebuilt answers first."""
        client = Client(wire, stream)
        response = None
        if not stream and wire[2:] in self.prebuilt.plain:
            response = wire[:2] + self.prebuilt.plain[wire[2:]]
        else:
            response = self.server.handle(wire, None, client)
        if response is not None:
            client.send(response, None)
        return client

    def answer(self, answers: str = "", *, at: int = -1, **options: Any) -> None:
        """The server of the latest question (or number `at`) answers."""
        sent = self.sent[at]
        self.deliver(sent, sent.reply(answers, **options))

    def deliver(self, sent: Sent, wire: bytes) -> None:
        """A server answers with these octets."""
        self.forwarder.reply_in(sent.pending, wire, now=self.now)

    def unreachable(self, *, at: int = -1) -> None:
        """The server of the latest question cannot be reached."""
        self.forwarder.unreachable(self.sent[at].pending, now=self.now)

    def resolve(self, question: str, answers: str = "", **options: Any) -> Reply:
        """Ask, let the server answer, give the client's reply; it must not be cached yet."""
        before = len(self.sent)
        client = self.ask(question)
        assert len(self.sent) == before + 1, "answered without asking"
        self.answer(answers, **options)
        return client.reply

    def cached(self, question: str, **options: Any) -> Reply | None:
        """The reply if there is one without asking a server; else None, and the question fails."""
        self.new_epoch()
        client = self.ask(question, **options)
        if client.answered:
            return client.reply
        self.answer(rcode=dns.rcode.SERVFAIL)
        return None

    def new_epoch(self) -> None:
        """Forget the prebuilt answers, as happens to each within half a second."""
        self.prebuilt.clear()

    def advance(self, seconds: float) -> None:
        """Let time pass, with the ticks that the forwarder needs."""
        end = self.now + seconds
        while self.now < end:
            self.now = min(self.now + TICK_S, end)
            self.forwarder.on_timer(self.now)
