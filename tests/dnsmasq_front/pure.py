"""A whole front without sockets: its own parts, a transport that only notes, and time by hand."""

from __future__ import annotations

import random
from dataclasses import dataclass, field, replace
from typing import Any

import dns.rcode

from dnscore.net.address import Address
from dnscore.net.handler import Peer
from dnsmasq_front.cache import Cache
from dnsmasq_front.chaos import Chaos
from dnsmasq_front.cli import HOSTS_FILE, parse_options
from dnsmasq_front.forwarder import TICK_S, Forwarder
from dnsmasq_front.groups import Policy
from dnsmasq_front.host_files import HostFiles
from dnsmasq_front.local import LocalData
from dnsmasq_front.notify import Notices
from dnsmasq_front.options import FrontOptions
from dnsmasq_front.outstanding import BETWEEN_GOES_S
from dnsmasq_front.pending import Try
from dnsmasq_front.prebuilt import Prebuilt, tick_before
from dnsmasq_front.probes import LoopDetector
from dnsmasq_front.query_log import LoggedTransport, QueryLog
from dnsmasq_front.routes import Routes
from dnsmasq_front.screen import Screen
from dnsmasq_front.server import FrontServer
from dnsmasq_front.spelling import RandomBytes
from tests.dnsmasq_front.messages import Reply, query_wire, read_reply, response_wire


@dataclass(slots=True)
class Sent:
    """A question that went out to another server."""

    server: Address
    query: bytes
    """Behind its ID."""
    attempt: Try
    stream: bool
    cancelled: bool = False

    def reply(self, answers: str = "", **options: Any) -> bytes:
        """The server's response, from zone text; options as those of `response_wire`."""
        return response_wire(b"\x12\x34" + self.query, answers, **options)


@dataclass(slots=True)
class NotingTransport:
    """Sends nothing and notes everything."""

    sent: list[Sent] = field(default_factory=list)
    """Questions of clients."""
    probes: list[Sent] = field(default_factory=list)
    """Questions of the forwarder's own."""
    unsendable: set[Address] = field(default_factory=set)
    """Servers to which nothing can be sent."""

    def send(self, query: bytes, attempt: Try) -> None:
        self._note(Sent(attempt.server.address, query, attempt, stream=False))

    def send_stream(self, query: bytes, attempt: Try) -> None:
        self._note(Sent(attempt.server.address, query, attempt, stream=True))

    def _note(self, sent: Sent) -> None:
        if sent.server in self.unsendable:
            raise OSError("no route")
        (self.sent if sent.attempt.pending else self.probes).append(sent)
        sent.attempt.carrier = sent

    def cancel(self, attempt: Try) -> None:
        assert isinstance(attempt.carrier, Sent)
        attempt.carrier.cancelled = True

    def forget(self) -> None:
        """Keep no note of clients' questions, and no circle of a note and its try."""
        for sent in self.sent:
            sent.attempt.carrier = None
        self.sent.clear()


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

    def __init__(
        self,
        *flags: str,
        now: float = 1000.0,
        loops: LoopDetector | None = None,
        random_bytes: RandomBytes = bytes,
    ) -> None:
        """Without other `random_bytes` questions go out in the client's spelling."""
        options = parse_options(["--no-resolv", *flags])
        assert isinstance(options, FrontOptions)
        chance = random.Random(4711)  # The same turns in every run, so that none fails by chance.
        self.now = now
        self.failures: list[Exception] = []
        self.transport = NotingTransport()
        self.prebuilt = Prebuilt()
        self.cache = Cache(
            options.cache, forget=self.prebuilt.drop, born=lambda now: tick_before(now, 0)
        )
        self.local = LocalData(options.local)
        self.rebindings: list[bytes] = []
        files = tuple(path for path in options.hosts.files if path != HOSTS_FILE)
        hosts = replace(options.hosts, files=files)
        known = HostFiles(hosts, ttl_s=options.local.ttl_s).read()
        assert known is not None
        self.local.names = known
        self.lines: list[str] = []
        """The query log, with `--log-queries`."""
        query_log = None
        if options.log_queries:
            query_log = QueryLog(self.lines.append, extra=options.log_extra)
        self.forwarder = Forwarder(
            Routes.of(options.rules, ()),
            self.cache,
            LoggedTransport(self.transport, query_log) if query_log else self.transport,
            local=self.local,
            screen=Screen(options.screen, self.local, report=self.rebindings.append),
            random_bytes=random_bytes,
            policy=Policy(options.group_max, options.all_servers, options.strict_order),
            loops=loops,
        )
        self.notices = Notices(
            drop=self.forwarder.drop,
            distrust=self.forwarder.keeper.distrust,
            routes=lambda: self.forwarder.routes,
        )
        self.forwarder.keeper.are_told = self.notices.are_told
        self.server = FrontServer(
            self.cache,
            self.forwarder,
            Chaos(
                {
                    "hits.bind": lambda: [str(self.server.hits)],
                    "cachesize.bind": lambda: ["150"],
                    "servers.bind": lambda: ["127.0.0.1#10053 83 4", "fd00::1#53 1 0"],
                },
                ident=not options.no_ident,
            ),
            self.prebuilt,
            clock=lambda: self.now,
            random_turn=lambda: chance.getrandbits(16),
            report=self.failures.append,
            round_robin=options.round_robin,
            udp_max=options.edns_packet_max,
        )
        self.server.query_log = query_log

        self.server.notified = lambda query, source: self.notices.take(query, source, now=self.now)

    @property
    def sent(self) -> list[Sent]:
        """Every client's question that went out."""
        return self.transport.sent

    @property
    def probes(self) -> list[Sent]:
        """Every question that went out for nobody."""
        return self.transport.probes

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
        self.forwarder.reply_in(sent.attempt, wire, now=self.now)

    def unreachable(self, *, at: int = -1) -> None:
        """The server of the latest question cannot be reached."""
        self.forwarder.unreachable(self.sent[at].attempt, now=self.now)

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
        """Forget the prebuilt answers, as happens to each within a second."""
        self.prebuilt.clear()

    def end_lives(self) -> None:
        """The lives of prebuilt answers end that are over by now."""
        while self.prebuilt.end(self.now, self.cache.used_again) == 0:
            pass  # There are others, as if at once.

    def look_at_tries(self) -> None:
        """The forwarder ends the tries whose time is over: all goes of it, as if at once."""
        while self.forwarder.on_timer(self.now) <= BETWEEN_GOES_S:
            pass  # There is another go.

    def advance(self, seconds: float) -> None:
        """Let time pass, with the ticks that the forwarder needs."""
        end = self.now + seconds
        while self.now < end:
            self.now = min(self.now + TICK_S, end)
            self.look_at_tries()
            self.notices.on_timer(self.now)
