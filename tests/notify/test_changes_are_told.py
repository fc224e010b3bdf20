"""Each changed name is told once, at once, and until it is acknowledged."""

from __future__ import annotations

import pytest

from dnscore.net.address import Address
from kubedns.notify import HEARTBEAT_S, NAMES_MAX, RETRY_FIRST_S, TRIES_MAX, UNDER_WAY_MAX
from tests.notify.told import EVERYTHING, FRONT, ZONE, Telling

WEB = "web.shop.svc.cluster.local."
DB = "db.shop.svc.cluster.local."
REVERSE = "1.0.0.10.in-addr.arpa."
SECOND = Address("127.0.0.1", 1053)


def test_nothing_is_told_before_there_is_anything_to_know() -> None:
    telling = Telling()
    assert telling.wait(60) == []
    assert telling.notifier.next_at() is None


def test_first_lists_change_everything() -> None:
    telling = Telling()
    telling.change(ZONE)
    assert telling.settle() == [*EVERYTHING, (ZONE, "SOA")]
    assert telling.target.is_told


def test_changed_names_are_told_at_once_with_the_serial() -> None:
    telling = Telling().synced()
    telling.change(WEB, REVERSE)
    sent = telling.sent()
    assert {one.what for one in sent} == {(WEB, "ANY"), (REVERSE, "ANY")}
    assert {one.serial for one in sent} == {telling.serial}
    assert telling.names() == []


def test_what_is_acknowledged_is_not_told_again() -> None:
    telling = Telling().synced()
    telling.change(WEB)
    assert telling.settle() == [(WEB, "ANY")]
    assert all(one.qtype == "SOA" for one in telling.wait(0.9 * HEARTBEAT_S))
    assert telling.target.counters.acknowledged == 4
    assert sum(telling.target.delays) == 4


def test_lost_message_comes_again_as_it_was() -> None:
    telling = Telling().synced()
    telling.change(WEB)
    (lost,) = telling.sent()
    again = telling.wait(RETRY_FIRST_S)
    assert [one.wire for one in again] == [lost.wire]
    assert telling.take(again[0])
    assert telling.target.counters.retried == 1


def test_lost_acknowledgement_is_given_again() -> None:
    telling = Telling().synced()
    telling.change(WEB)
    (sent,) = telling.sent()
    (again,) = telling.wait(RETRY_FIRST_S)
    assert telling.take(again)
    # The first one was only late.
    assert not telling.take(sent)


def test_distances_grow() -> None:
    telling = Telling().synced()
    telling.change(WEB)
    telling.sent()
    start, times = telling.now, []
    for _ in range(TRIES_MAX - 1):
        when = telling.notifier.next_at()
        assert when is not None
        telling.now = when
        telling.sent()
        times.append(round((when - start) / RETRY_FIRST_S))
    assert times == [1, 3, 7, 15, 31][: TRIES_MAX - 1]


def test_name_that_changes_while_it_waits_is_told_once() -> None:
    telling = Telling().synced()
    telling.change(*(f"n{i}.shop.svc.cluster.local." for i in range(UNDER_WAY_MAX)))
    under_way = telling.sent()
    for _ in range(10):
        telling.change(WEB)
        assert telling.sent() == []
    telling.take(under_way[0])
    assert telling.names() == [(WEB, "ANY")]


def test_name_that_changes_while_it_is_under_way_is_told_again() -> None:
    telling = Telling().synced()
    telling.change(WEB)
    (first,) = telling.sent()
    telling.change(WEB)
    (second,) = telling.sent()
    assert second.serial == first.serial + 1
    assert telling.take(first)
    assert telling.take(second)


def test_too_many_names_are_everything() -> None:
    telling = Telling().synced()
    telling.change(*(f"n{i}.shop.svc.cluster.local." for i in range(NAMES_MAX + 1)))
    assert telling.names() == EVERYTHING
    assert telling.target.counters.whole_zone == 2


def test_names_behind_everything_are_part_of_it() -> None:
    telling = Telling().synced()
    telling.change(ZONE)
    telling.change(WEB)
    assert telling.settle() == EVERYTHING


def test_change_behind_everything_that_is_under_way_is_told() -> None:
    telling = Telling().synced()
    telling.change(ZONE)
    assert telling.names() == EVERYTHING
    telling.change(WEB)
    assert telling.names() == [(WEB, "ANY")]


def test_target_that_never_answers_costs_next_to_nothing() -> None:
    telling = Telling()
    telling.change(ZONE)
    telling.wait(5)
    for minute in range(100):
        telling.change(f"n{minute}.shop.svc.cluster.local.")
    seen = telling.wait(600)
    assert len(seen) <= 310
    assert {one.what for one in seen} == {(ZONE, "ANY")}
    assert not telling.target.waiting
    assert len(telling.target.under_way) == 1


def test_target_that_was_away_is_told_everything_when_it_is_back() -> None:
    telling = Telling().synced()
    telling.change(WEB)
    telling.wait(10)
    telling.change(DB)
    assert not telling.target.is_told
    (question, *_) = telling.wait(5)
    assert telling.take(question)
    assert telling.settle() == [*EVERYTHING, (ZONE, "SOA")]
    assert telling.target.is_told
    telling.change(DB)
    assert telling.settle() == [(DB, "ANY")]


def test_one_target_does_not_wait_for_the_other() -> None:
    telling = Telling(FRONT, SECOND)
    telling.change(ZONE)
    for _ in range(200):
        for one in telling.sent():
            if one.to == SECOND:
                telling.take(one)
        telling.now += 0.1
    telling.change(WEB)
    sent = telling.sent()
    assert [one.what for one in sent if one.to == SECOND and one.qtype != "SOA"] == [(WEB, "ANY")]
    assert [one.what for one in sent if one.to == FRONT and one.qtype != "SOA"] == []


def test_sign_of_life_goes_out_every_second_with_the_latest_serial_that_was_told() -> None:
    telling = Telling().synced()
    telling.change(WEB)
    assert telling.settle() == [(WEB, "ANY")]
    for _ in range(5):
        (life,) = telling.wait(HEARTBEAT_S)
        assert (life.what, life.serial) == ((ZONE, "SOA"), telling.serial)
        assert telling.take(life)


def test_sign_of_life_waits_for_names_whose_serial_it_has() -> None:
    telling = Telling().synced()
    telling.change(*(f"n{i}.shop.svc.cluster.local." for i in range(UNDER_WAY_MAX + 1)))
    telling.sent()
    telling.now += HEARTBEAT_S
    assert all(qtype == "ANY" for _, qtype in telling.names())


def test_names_that_wait_for_a_silent_target_keep_nobody_busy() -> None:
    telling = Telling().synced()
    telling.now += HEARTBEAT_S
    telling.change(*(f"n{i}.shop.svc.cluster.local." for i in range(UNDER_WAY_MAX + 1)))
    telling.sent()
    when = telling.notifier.next_at()
    assert when is not None
    assert when > telling.now


@pytest.mark.parametrize("rcode", [4, 5], ids=["NOTIMP", "REFUSED"])
def test_cache_that_does_not_take_them_is_not_bothered_twice(rcode: int) -> None:
    telling = Telling().synced()
    telling.change(WEB)
    (sent,) = telling.sent()
    assert telling.take(sent, rcode)
    assert telling.target.counters.refused == 1
    assert telling.names() == []


@pytest.mark.parametrize(
    "forge",
    [
        lambda wire: bytes((wire[0] ^ 1,)) + wire[1:],
        lambda wire: wire.replace(b"\3web", b"\3wob"),
        lambda wire: wire[:20],
    ],
    ids=["id", "name", "cut"],
)
def test_response_to_something_else_acknowledges_nothing(forge) -> None:  # type: ignore[no-untyped-def]
    telling = Telling().synced()
    telling.change(WEB)
    (sent,) = telling.sent()
    response = forge(sent.response())
    assert not telling.notifier.acknowledged(response, FRONT, now=telling.now)
    assert telling.take(sent)


def test_response_from_elsewhere_acknowledges_nothing() -> None:
    telling = Telling().synced()
    telling.change(WEB)
    (sent,) = telling.sent()
    assert not telling.take(sent, source=Address("127.0.0.1", 5353))
    assert not telling.take(sent, source=Address("10.0.0.1", 53))
    assert telling.take(sent)


def test_delay_runs_from_the_change() -> None:
    telling = Telling().synced()
    before = telling.target.delay_sum_s
    telling.change(WEB)
    telling.sent()
    (again,) = telling.wait(RETRY_FIRST_S)
    telling.now += 0.001
    telling.take(again)
    assert telling.target.delay_sum_s - before == pytest.approx(RETRY_FIRST_S + 0.001)
