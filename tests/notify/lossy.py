"""kubedns and a front, and between them a network that loses, doubles and reorders. Time by hand.

Only what NOTIFY says and its acknowledgements are lost: questions and answers are delayed, and
so may overtake it. Each name has versions, which the answers show, so that an old one is known.
"""

from __future__ import annotations

import heapq
import itertools
import random
from collections.abc import Callable

import dns.rcode

from dnscore.net.address import Address
from dnscore.wire import names
from dnsmasq_front.forwarder import TICK_S
from dnsmasq_front.keeping import UNTOLD_LIFE_S
from dnsmasq_front.notify import TOLD_S
from dnsmasq_front.prebuilt import LIFE_S
from kubedns.notify import RETRY_FIRST_S, TRIES_MAX, Notifier
from kubedns.reverse import ROOTS
from tests.dnsmasq_front.messages import Reply, read_reply
from tests.dnsmasq_front.pure import Client, Sent
from tests.notify.front import KUBEDNS, NEGATIVE, ZONE, From, ToldFront

FRONT = Address("127.0.0.1", 1053)
DB = "db.shop.svc.cluster.local."
NAMES = (
    "web.shop.svc.cluster.local.",
    "api.prod.svc.cluster.local.",
    DB,
    f"pod-0.{DB}",
    f"_pg._tcp.{DB}",
)
ABSENT = 3
"""Every so many versions of a name one is that it does not exist."""
DELAYS_S = (0.0, 0.001, 0.02, 0.3)
OLD_MAX_S = (
    RETRY_FIRST_S * (2**TRIES_MAX - 1)  # A change is acknowledged, or kubedns says nothing more,
    + max(DELAYS_S)  # but for what is on its way;
    + TOLD_S  # the last sign of life holds so long,
    + TICK_S
    + max(*UNTOLD_LIFE_S, LIFE_S)  # and what was kept is asked for again,
    + TICK_S
    + 2 * max(DELAYS_S)  # which takes a round trip.
)
"""How long an answer may be given after it ceased to be true, whatever is lost."""


class Network:
    """What happens on it, in the order of time."""

    def __init__(self, chance: random.Random) -> None:
        """Nothing is lost at first."""
        self.now = 1000.0
        self.loss = 0.0
        """Share of the messages to the front that are lost."""
        self.ack_loss = 0.0
        """Share of those from it."""
        self._chance = chance
        self._events: list[tuple[float, int, Callable[[], None]]] = []
        self._order = itertools.count()
        self._ids = itertools.count(1)
        self._next_tick = self.now
        self._open: list[tuple[str, Client]] = []
        self._gone: dict[tuple[str, str], float] = {}
        self.versions = dict.fromkeys(NAMES, 1)
        self.serial = 100
        self.oldest_s = 0.0
        """The longest time for which something untrue was answered."""
        self.start_front()
        self.start_kubedns()

    def start_front(self) -> None:
        """A front that knows nothing, in the place of the one before."""
        self.front = ToldFront()
        self.front.now = self.now
        self._open = []

    def start_kubedns(self, *changed: str) -> None:
        """Another kubedns; names changed while there was none."""
        self._move_on(changed)
        self.notifier = Notifier(
            [FRONT],
            zone=names.from_text(ZONE),
            roots=ROOTS,
            random_id=lambda: (next(self._ids) & 0xFFFF).to_bytes(2, "big"),
        )
        self._changed((ZONE,))

    def change(self, *changed: str) -> None:
        """Names, and all below them, get their next version."""
        self._move_on(changed)
        self._changed(changed)

    def _move_on(self, changed: tuple[str, ...]) -> None:
        for name in NAMES:
            if name.endswith(changed):
                self._gone[name, self.truth(name)] = self.now
                self.versions[name] += 1
                self._gone.pop((name, self.truth(name)), None)
        self.serial += bool(changed)

    def _changed(self, changed: tuple[str, ...]) -> None:
        folded = [names.from_text(name) for name in changed]
        self.notifier.changed(folded, serial=self.serial, now=self.now)
        self._send()

    def truth(self, name: str) -> str:
        """What a name is to be answered with now: an address, or NXDOMAIN."""
        version = self.versions[name]
        if version % ABSENT == 0:
            return "NXDOMAIN"
        return f"10.{NAMES.index(name)}.{version >> 8}.{version & 255}"

    # -- messages ---------------------------------------------------------------------------

    def _later(self, arrive: Callable[[], None], *, loss: float = 0.0) -> None:
        """Deliver once, twice or never, each after a delay of its own."""
        if self._chance.random() < loss:
            return
        for _ in range(1 + (loss > 0 and self._chance.random() < 0.2)):
            when = self.now + self._chance.choice(DELAYS_S)
            heapq.heappush(self._events, (when, next(self._order), arrive))

    def _send(self) -> None:
        for _, wire in self.notifier.datagrams(self.now):
            self._later(lambda wire=wire: self._told(wire), loss=self.loss)  # type: ignore[misc]

    def _told(self, wire: bytes) -> None:
        response = self.front.server.handle(wire, None, From(KUBEDNS))
        assert response is not None
        self._later(lambda: self._acknowledged(response), loss=self.ack_loss)

    def _acknowledged(self, response: bytes) -> None:
        self.notifier.acknowledged(response, FRONT, now=self.now)

    def ask(self, name: str) -> Reply | None:
        """A client asks; the reply if it came at once."""
        front, before = self.front, len(self.front.sent)
        client = front.ask(f"{name} A")
        self._open.append((name, client))
        for sent in front.sent[before:]:
            self._later(lambda sent=sent: self._asked(front, name, sent))  # type: ignore[misc]
        self._look()
        return read_reply(client.responses[0]) if client.answered else None

    def _asked(self, front: ToldFront, name: str, sent: Sent) -> None:
        if (truth := self.truth(name)) == "NXDOMAIN":
            wire = sent.reply(authority=NEGATIVE, rcode=dns.rcode.NXDOMAIN)
        else:
            wire = sent.reply(f"{name} 30 IN A {truth}")
        self._later(lambda: front.deliver(sent, wire))

    def _look(self) -> None:
        """How old are the answers that have come?"""
        for name, client in self._open:
            if client.answered:
                shown = content(client.reply)
                if shown != self.truth(name):
                    self.oldest_s = max(self.oldest_s, self.now - self._gone[name, shown])
        self._open = [(name, client) for name, client in self._open if not client.answered]

    # -- time -------------------------------------------------------------------------------

    def run(self, seconds: float) -> None:
        """Let time pass, event by event."""
        end = self.now + seconds
        while True:
            told = self.notifier.next_at()
            event = self._events[0][0] if self._events else end
            when = min(end, event, self._next_tick, end if told is None else told)
            self.now = self.front.now = max(self.now, when)
            if self._events and event <= self.now:
                heapq.heappop(self._events)[2]()
            elif self._next_tick <= self.now:
                self._next_tick = self.now + TICK_S
                self.front.look_at_tries()
                self.front.notices.on_timer(self.now)
                self.front.end_lives()
            elif self.now >= end and (told is None or told > end):
                return
            self._send()
            self._look()


def content(reply: Reply) -> str:
    """What a reply says, as `Network.truth` has it."""
    return reply.rcode if reply.rcode != "NOERROR" else reply.data[0]
