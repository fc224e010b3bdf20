"""`--prefetch`: names that are asked all the time are asked again before they expire."""

from __future__ import annotations

from dnsmasq_front.cache import PREFETCH_HITS
from tests.dnsmasq_front.messages import addresses
from tests.dnsmasq_front.pure import PureFront

FLAGS = ("--server=8.8.8.8", "--prefetch")
ANSWER = "a.test. 100 IN A 10.0.0.1"


def asked_often(*flags: str, times: int = PREFETCH_HITS, answer: str = ANSWER) -> PureFront:
    """A front that had a name looked up so many times early in its life."""
    front = PureFront(*flags)
    front.resolve("a.test. A", answer)
    for _ in range(times):
        front.new_epoch()
        front.ask("a.test. A")
    front.new_epoch()
    return front


def test_popular_name_is_asked_again_in_the_last_tenth_of_its_life() -> None:
    front = asked_often(*FLAGS)
    front.now += 89
    front.ask("a.test. A")
    assert len(front.sent) == 1
    front.new_epoch()
    front.now += 1
    client = front.ask("a.test. A")
    assert client.reply.data == ["10.0.0.1"], "nobody waits for it"
    assert len(front.sent) == 2
    front.answer("a.test. 100 IN A 10.0.0.2")
    front.now += 50
    reply = front.cached("a.test. A")
    assert reply is not None
    assert (reply.data, reply.ttls) == (["10.0.0.2"], [50])


def test_name_that_is_seldom_asked_is_left_to_expire() -> None:
    front = asked_often(*FLAGS, times=PREFETCH_HITS - 2)
    front.now += 95
    front.ask("a.test. A")
    assert len(front.sent) == 1


def test_answers_that_go_out_prebuilt_count_as_often_as_they_are_made_anew() -> None:
    front = PureFront(*FLAGS)
    front.resolve("a.test. A", ANSWER)
    for _ in range(1000):
        front.advance(0.1)
        front.end_lives()
        assert front.ask("a.test. A").answered
        if len(front.sent) > 1:
            break
    assert 90 <= front.now - 1000 < 92


def test_it_is_asked_once_and_after_a_failure_again() -> None:
    front = asked_often(*FLAGS)
    front.now += 91
    for _ in range(3):
        front.new_epoch()
        front.ask("a.test. A")
    assert len(front.sent) == 2
    front.answer(rcode=2)
    front.now += 6
    front.new_epoch()
    assert front.ask("a.test. A").reply.data == ["10.0.0.1"]
    assert len(front.sent) == 3


def test_short_lives_are_left_alone() -> None:
    front = asked_often(*FLAGS, answer=addresses("a.test.", 1, ttl=9))
    front.now += 8.9
    front.ask("a.test. A")
    assert len(front.sent) == 1


def test_without_the_flag_nobody_asks_early() -> None:
    front = asked_often("--server=8.8.8.8")
    front.now += 99
    front.ask("a.test. A")
    assert len(front.sent) == 1
