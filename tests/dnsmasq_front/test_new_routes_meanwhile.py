"""A new routing table takes effect while questions are outstanding, and costs nothing."""

from __future__ import annotations

from dnscore.net.address import Address
from dnsmasq_front.routes import Routes, parse_server
from tests.dnsmasq_front.pure import PureFront

NEW = Routes.of([parse_server("/d.test/10.0.0.2")], [Address("9.9.9.9", 53)])


def test_outstanding_questions_are_answered_by_whom_they_were_asked() -> None:
    front = PureFront("--server=10.0.0.1")
    client = front.ask("x.d.test. A")
    front.forwarder.use_routes(NEW, now=front.now)
    front.answer("x.d.test. 30 IN A 10.1.1.1")
    assert client.reply.data == ["10.1.1.1"]


def test_outstanding_questions_end_in_time() -> None:
    front = PureFront("--server=10.0.0.1", "--dns-forward-max=1")
    client = front.ask("x.d.test. A")
    front.forwarder.use_routes(NEW, now=front.now)
    front.advance(5.0)
    assert client.reply.rcode == "SERVFAIL"


def test_next_question_goes_to_the_new_server() -> None:
    front = PureFront("--server=10.0.0.1")
    front.ask("x.d.test. A")
    front.forwarder.use_routes(NEW, now=front.now)
    front.ask("y.d.test. A")
    assert front.sent[-1].server == Address("10.0.0.2", 53)


def test_dead_server_is_not_tried_anew_because_another_domain_was_added() -> None:
    front = PureFront("--server=10.0.0.1", "--server=10.0.0.2")
    front.ask("a.test. A")
    front.unreachable()
    front.answer("a.test. 30 IN A 10.1.1.1")
    default = [Address("10.0.0.1", 53), Address("10.0.0.2", 53)]
    routes = Routes.of([parse_server("/d.test/10.0.0.9")], default)
    front.forwarder.use_routes(routes, now=front.now)
    front.ask("b.test. A")
    assert front.sent[-1].server == Address("10.0.0.2", 53)


def test_changing_routes_does_not_lift_the_limit_of_a_group() -> None:
    front = PureFront("--server=/d.test/10.0.0.2", "--dns-forward-max=1")
    front.ask("x.d.test. A")
    front.forwarder.use_routes(NEW, now=front.now)
    assert front.ask("y.d.test. A").reply.rcode == "SERVFAIL"


def test_cached_answers_stay() -> None:
    front = PureFront("--server=10.0.0.1")
    front.resolve("a.test. A", "a.test. 30 IN A 10.1.1.1")
    front.forwarder.use_routes(NEW, now=front.now)
    assert front.cached("a.test. A") is not None


def test_limits_hold_through_many_changes() -> None:
    front = PureFront("--server=10.0.0.1", "--dns-forward-max=2")
    for i in range(50):
        front.forwarder.use_routes(NEW, now=front.now)
        front.ask(f"q{i}.d.test. A")
        front.answer(f"q{i}.d.test. 30 IN A 10.1.1.1")
    assert [group.pending for group in front.forwarder.groups.values()] == [0, 0]
