"""A full group harms nobody but itself (`--dns-forward-max`)."""

from __future__ import annotations

from tests.dnsmasq_front.pure import PureFront


def full_front() -> PureFront:
    front = PureFront("--server=/d.test/10.0.0.1", "--server=8.8.8.8", "--dns-forward-max=3")
    front.resolve("cached.d.test. A", "cached.d.test. 300 IN A 10.1.1.1")
    for i in range(3):
        front.ask(f"q{i}.d.test. A")
    return front


def test_one_question_more_fails_at_once_with_the_reason() -> None:
    front = full_front()
    reply = front.ask("q3.d.test. A", edns=1232).reply
    assert (reply.rcode, reply.errors) == ("SERVFAIL", [22])
    assert front.forwarder.failed_full == 1


def test_cached_names_waiters_counters_and_other_domains_go_on() -> None:
    front = full_front()
    assert front.cached("cached.d.test. A") is not None
    assert not front.ask("q0.d.test. A").answered  # waits with the first
    assert front.ask("cachesize.bind. TXT CH").reply.data == ['"150"']
    front.resolve("other.test. A", "other.test. 30 IN A 10.1.1.1")


def test_an_answer_makes_room() -> None:
    front = full_front()
    front.answer("q2.d.test. 30 IN A 10.1.1.1")
    assert not front.ask("q3.d.test. A").answered


def test_giving_up_makes_room() -> None:
    front = full_front()
    front.advance(6)
    assert not front.ask("q3.d.test. A").answered
