"""When others answer for a domain, what was known below it is forgotten, and nothing else is."""

from __future__ import annotations

import pytest

from dnscore.net.address import Address
from dnscore.wire import names
from dnsmasq_front.routes import Routes, parse_server
from tests.dnsmasq_front.pure import PureFront

KNOWN = ["a.test.", "stub.test.", "x.stub.test.", r"a\000b.x.stub.test.", "xstub.test."]


def routes(*flags: str, default: tuple[str, ...] = ("8.8.8.8",)) -> Routes:
    return Routes.of(map(parse_server, flags), [Address(host, 53) for host in default])


CHANGES = [
    # Before, after, and the names that are forgotten.
    (routes(), routes("/stub.test/10.0.0.1"), KNOWN[1:4]),
    (routes("/stub.test/10.0.0.1"), routes(), KNOWN[1:4]),
    (routes("/stub.test/10.0.0.1"), routes("/stub.test/10.0.0.2"), KNOWN[1:4]),
    (routes(), routes("/stub.test/"), KNOWN[1:4]),
    (routes("/stub.test/10.0.0.1"), routes("/stub.test/#"), KNOWN[1:4]),
    (
        routes("/stub.test/10.0.0.1"),
        routes("/stub.test/10.0.0.1", "/x.stub.test/10.0.0.2"),
        KNOWN[2:4],
    ),
    (routes(), routes("/*.stub.test/10.0.0.1"), KNOWN[1:4]),
    (routes("/stub.test/10.0.0.1"), routes("/stub.test/10.0.0.1"), []),
    (routes(), routes("/stub.test/#"), []),
    (routes(), routes(default=("9.9.9.9",)), []),
    (
        routes("/stub.test/10.0.0.1"),
        routes("/stub.test/10.0.0.1", "/other.test/10.0.0.1", default=("9.9.9.9",)),
        [],
    ),
]


@pytest.mark.parametrize(("before", "after", "forgotten"), CHANGES)
def test_only_what_others_answer_for_is_forgotten(
    before: Routes, after: Routes, forgotten: list[str]
) -> None:
    front = PureFront("--cache-size=1000")
    front.forwarder.use_routes(before, now=front.now)
    known = []
    for name in KNOWN:
        if not front.ask(f"{name} A").answered:
            front.answer(f"{name} 300 IN A 10.1.1.1")
            known.append(name)
    front.forwarder.use_routes(after, now=front.now)
    asked = len(front.sent)
    gone = [name for name in known if forgets(front, name)]
    assert gone == forgotten
    assert len(front.sent) - asked <= len(forgotten)


def forgets(front: PureFront, name: str) -> bool:
    """Whether a name is not in the cache, whoever answers for it now."""
    query = front.ask(f"{name} A")
    return not query.answered or query.reply.data != ["10.1.1.1"]


def test_prebuilt_answer_goes_too() -> None:
    front = PureFront()
    front.forwarder.use_routes(routes(), now=front.now)
    for _ in range(3):
        client = front.ask("x.stub.test. A")
        if not client.answered:
            front.answer("x.stub.test. 300 IN A 10.1.1.1")
    front.forwarder.use_routes(routes("/stub.test/"), now=front.now)
    assert front.ask("x.stub.test. A").reply.rcode == "NXDOMAIN"


def test_answer_under_way_is_delivered_but_not_kept() -> None:
    front = PureFront()
    front.forwarder.use_routes(routes(), now=front.now)
    client = front.ask("x.stub.test. A")
    front.forwarder.use_routes(routes("/stub.test/10.0.0.1"), now=front.now)
    later = front.ask("x.stub.test. A")
    assert front.sent[-1].server.host == "10.0.0.1"
    front.answer("x.stub.test. 300 IN A 10.6.6.6", at=0)
    assert client.reply.data == ["10.6.6.6"]
    assert not later.answered
    front.answer("x.stub.test. 300 IN A 10.1.1.1")
    assert later.reply.data == ["10.1.1.1"]
    reply = front.cached("x.stub.test. A")
    assert reply is not None
    assert reply.data == ["10.1.1.1"]


def test_hundred_changes_leave_the_cache_as_it_was() -> None:
    front = PureFront("--cache-size=1000")
    front.forwarder.use_routes(routes(), now=front.now)
    for i in range(100):
        front.resolve(f"n{i}.test. A", f"n{i}.test. 300 IN A 10.1.1.1")
    for i in range(100):
        front.forwarder.use_routes(routes(f"/s{i}.test/10.0.0.{i}"), now=front.now)
    assert all(front.cached(f"n{i}.test. A") for i in range(100))


def test_changed_names_the_domains() -> None:
    before, after = routes("/a.test/10.0.0.1"), routes("/b.test/10.0.0.1")
    assert after.changed(before) == [names.from_text("a.test"), names.from_text("b.test")]
    assert after.changed(after) == []
