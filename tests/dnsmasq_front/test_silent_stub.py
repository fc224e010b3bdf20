"""A stub server that never answers: two thousand questions to it at once harm nobody else."""

from __future__ import annotations

import pytest

from dnsmasq_front.forwarder import TICK_S
from dnsmasq_front.outstanding import BETWEEN_GOES_S, GOES_MAX, GOES_MIN, SPREAD_S
from dnsmasq_front.servers import TRY_S
from tests.dnsmasq_front.pure import PureFront

COUNT = 2000


def flooded() -> PureFront:
    front = PureFront("--server=/stub.test/10.0.0.1", "--server=8.8.8.8", "--cache-size=1000")
    front.resolve("cached.test. A", "cached.test. 300 IN A 10.1.1.1")
    front.resolve("old.stub.test. A", "old.stub.test. 300 IN A 10.1.1.2")
    front.transport.sent.clear()
    for i in range(COUNT):
        front.ask(f"q{i}.stub.test. A", id_=i)
    return front


def test_only_so_many_are_asked_and_the_rest_is_told_at_once() -> None:
    front = flooded()
    assert len(front.sent) == 150
    assert front.forwarder.outstanding == 150
    assert front.forwarder.failed_full == COUNT - 150


def test_cached_names_probes_and_other_domains_go_on() -> None:
    front = flooded()
    assert front.cached("cached.test. A") is not None
    assert front.cached("old.stub.test. A") is not None
    assert front.ask("cachesize.bind. TXT CH").reply.data
    for i in range(100):
        front.resolve(f"n{i}.test. A", f"n{i}.test. 30 IN A 10.1.1.1")


def test_all_who_wait_are_told_within_five_seconds_and_nothing_is_left() -> None:
    front = PureFront("--server=/stub.test/10.0.0.1")
    clients = [front.ask(f"q{i}.stub.test. A") for i in range(COUNT)]
    front.advance(5.0)
    assert {client.reply.rcode for client in clients} == {"SERVFAIL"}
    assert front.forwarder.outstanding == 0
    assert all(sent.cancelled for sent in front.sent)


def test_clients_of_all_questions_together_are_bounded() -> None:
    front = PureFront("--server=/stub.test/10.0.0.1", "--dns-forward-max=1000")
    for name in range(150):
        for client in range(199):
            front.ask(f"q{name}.stub.test. A", id_=client)
    told = front.ask("q0.stub.test. A", edns=1232)
    assert told.reply.rcode == "SERVFAIL"
    front.advance(5.0)
    assert not front.ask("q0.stub.test. A").answered  # All that waited are gone.
    assert not front.ask("q0.stub.test. A", id_=1).answered


def test_when_many_end_together_the_answers_of_others_are_read_in_between() -> None:
    front = PureFront("--server=/stub.test/10.0.0.1", "--dns-forward-max=1000")
    clients = [front.ask(f"q{i}.stub.test. A", id_=i) for i in range(1000)]
    asked_before = len(front.sent)
    front.now += TRY_S
    goes = turns = 1
    while (wait_s := front.forwarder.on_timer(front.now)) <= BETWEEN_GOES_S:
        turns += 1
        if wait_s:
            assert len(front.sent) - asked_before == pytest.approx(1000 / GOES_MAX * goes, abs=1)
            front.now += wait_s
            goes += 1
    assert len(front.sent) - asked_before == 1000
    assert goes == pytest.approx(GOES_MAX, abs=1)
    assert turns > 4 * goes
    assert not any(client.answered for client in clients)


def test_many_that_end_together_have_ended_in_time_when_other_work_takes_its() -> None:
    front = PureFront("--server=/stub.test/10.0.0.1", "--dns-forward-max=1000")
    for i in range(1000):
        front.ask(f"q{i}.stub.test. A", id_=i)
    asked_before = len(front.sent)
    front.now += TRY_S
    began = front.now
    front.forwarder.on_timer(front.now)
    while len(front.sent) - asked_before < 1000 and front.now < began + 1:
        front.now += 4 * BETWEEN_GOES_S
        front.forwarder.on_timer(front.now)
    assert len(front.sent) - asked_before == 1000
    assert round(front.now - began, 9) <= SPREAD_S


def test_one_that_is_answered_while_others_end_is_not_asked_again() -> None:
    front = PureFront("--server=/stub.test/10.0.0.1", "--dns-forward-max=1000")
    clients = [front.ask(f"q{i}.stub.test. A", id_=i) for i in range(80)]
    front.now += TRY_S
    assert front.forwarder.on_timer(front.now) == BETWEEN_GOES_S
    front.answer("q79.stub.test. 300 IN A 10.1.1.1", at=79)
    front.answer("q78.stub.test. 0 IN A 10.1.1.1", at=78)
    again = front.ask("q78.stub.test. A", id_=1)  # Nothing was kept.
    before = len(front.sent)
    front.look_at_tries()
    assert clients[79].reply.rcode == clients[78].reply.rcode == "NOERROR"
    assert not again.answered
    assert len(front.sent) == before + 78 - 1


def test_all_who_wait_are_told_within_five_seconds_when_other_work_takes_its_time() -> None:
    front = PureFront("--server=/stub.test/10.0.0.1", "--dns-forward-max=5000")
    begun, clients = front.now, []
    for i in range(5000):
        front.now += 0.0002
        clients.append((front.now, front.ask(f"q{i}.stub.test. A")))
    told: set[int] = set()
    while len(told) < len(clients):
        # A turn of the loop has 10 ms of other things in it.
        front.now += max(0.01, front.forwarder.on_timer(front.now))
        for number, (asked_at, client) in enumerate(clients):
            if client.answered and number not in told:
                told.add(number)
                assert front.now - asked_at < 5.0
        assert front.now < begun + 10.0


@pytest.mark.parametrize("few", [1, 2, 5])
def test_few_that_end_together_are_looked_at_one_by_one_and_soon(few: int) -> None:
    front = PureFront("--server=/stub.test/10.0.0.1")
    for i in range(few):
        front.ask(f"q{i}.stub.test. A", id_=i)
    front.now += TRY_S
    for i in range(few):
        again_s = front.forwarder.on_timer(front.now)
        assert len(front.sent) == few + i + 1
        front.now += again_s
    assert again_s > BETWEEN_GOES_S


def test_no_go_is_long_when_the_one_before_has_taken_its_time() -> None:
    front = PureFront("--server=/stub.test/10.0.0.1", "--dns-forward-max=5000")
    for i in range(5000):
        front.ask(f"q{i}.stub.test. A", id_=i)
    front.now += TRY_S
    before, again_s = len(front.sent), 0.0
    while again_s < TICK_S and len(front.sent) < 10_000:
        again_s = front.forwarder.on_timer(front.now)
        assert len(front.sent) - before <= 5000 // GOES_MIN
        before = len(front.sent)
        front.now += SPREAD_S


def test_nobody_is_counted_among_those_who_joined_when_all_have_gone() -> None:
    front = PureFront("--server=/cluster.local/127.0.0.1#10053", "--cache-size=100")
    front.resolve("a.cluster.local. A", "a.cluster.local. 30 IN A 10.0.0.1")
    front.advance(0.5)
    front.new_epoch()
    clients = [front.ask("a.cluster.local. A", id_=id_) for id_ in range(2)]
    front.advance(2.2)
    assert all(client.answered for client in clients)  # With what was kept.
    front.answer("a.cluster.local. 30 IN A 10.0.0.1")
    assert front.forwarder.outstanding == 0
    assert front.forwarder.joined == 0
