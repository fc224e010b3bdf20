"""Whatever happens in whatever order, every client gets exactly one answer, within five seconds."""

from __future__ import annotations

import dns.rcode
from hypothesis import given
from hypothesis import strategies as st

from dnscore.net.address import Address
from dnsmasq_front.routes import Routes, parse_server
from tests.dnsmasq_front.pure import Client, PureFront

FLAGS = ("--server=/d.test/10.0.0.1", "--server=/d.test/10.0.0.2", "--server=10.0.0.3")
TABLES = [
    Routes.of([parse_server("/d.test/10.0.0.4")], []),
    Routes.of([], [Address("10.0.0.1", 53), Address("10.0.0.2", 53)]),
    Routes.of([parse_server("/d.test/")], [Address("10.0.0.3", 53)]),
]
NAMES = st.sampled_from(["a.d.test.", "B.d.test.", "c.test.", "D.TEST."])
EVENTS = st.one_of(
    st.tuples(st.just("ask"), NAMES, st.booleans()),
    st.tuples(st.just("answer"), st.integers(0, 30), st.sampled_from([0, 0, 2, 3, 5, 16])),
    st.tuples(st.just("truncated"), st.integers(0, 30), st.just(0)),
    st.tuples(st.just("garbage"), st.integers(0, 30), st.binary(max_size=40)),
    st.tuples(st.just("unreachable"), st.integers(0, 30), st.just(0)),
    st.tuples(st.just("wait"), st.floats(0.01, 3.0), st.just(0)),
    st.tuples(st.just("routes"), st.sampled_from(TABLES), st.just(0)),
    st.tuples(st.just("unsendable"), st.integers(1, 4), st.booleans()),
)


class Play:
    """A front, the clients so far, and how the events happen to them."""

    def __init__(self) -> None:
        self.front = PureFront(*FLAGS, "--dns-forward-max=3")
        self.clients: list[tuple[float, Client]] = []

    def ask(self, name: str, stream: bool) -> None:
        self.front.new_epoch()
        client = self.front.ask(f"{name} A", stream=stream)
        self.clients.append((self.front.now, client))

    def reply(self, kind: str, index: int, extra: object) -> None:
        waiting = [sent for sent in self.front.sent if not sent.cancelled]
        if not waiting:
            return
        sent = waiting[index % len(waiting)]
        sent.cancelled = True  # A transport brings one answer to one question.
        name = "d.test."
        if kind == "answer" and isinstance(extra, int):
            text = f"{name} 5 IN A 10.1.1.1" if extra == dns.rcode.NOERROR else ""
            self.front.deliver(sent, sent.reply(text, rcode=extra, edns=extra > 15))
        elif kind == "truncated":
            self.front.deliver(sent, sent.reply(flags=0x0200))
        elif kind == "garbage" and isinstance(extra, bytes):
            wire = sent.reply()
            end = 12 + len(sent.attempt.question)
            self.front.deliver(sent, wire[:6] + extra[:6].ljust(6, b"\1") + wire[12:end] + extra)
        elif kind == "unreachable":
            self.front.forwarder.unreachable(sent.attempt, now=self.front.now)

    def unsendable(self, number: int, on: bool) -> None:
        server = Address(f"10.0.0.{number}", 53)
        if on:
            self.front.transport.unsendable.add(server)
        else:
            self.front.transport.unsendable.discard(server)


@given(st.lists(EVENTS, max_size=40))
def test_exactly_one_answer(events: list[tuple[str, object, object]]) -> None:
    play = Play()
    for kind, first, second in events:
        if kind == "ask":
            play.ask(str(first), bool(second))
        elif kind == "wait" and isinstance(first, float):
            play.front.advance(first)
        elif kind == "routes" and isinstance(first, Routes):
            play.front.forwarder.use_routes(first, now=play.front.now)
        elif kind == "unsendable" and isinstance(first, int):
            play.unsendable(first, bool(second))
        elif isinstance(first, int):
            play.reply(kind, first, second)
        for asked_at, client in play.clients:
            assert len(client.responses) <= 1
            assert client.answered or play.front.now < asked_at + 5.0
    play.front.advance(5.0)
    assert [len(client.responses) for _, client in play.clients] == [1] * len(play.clients)
    assert play.front.forwarder.outstanding == 0
    assert all(group.pending == 0 for group in play.front.forwarder.groups.values())
    assert not play.front.failures
