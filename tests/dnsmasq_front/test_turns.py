"""Each address of an answer has its turn at the first place; everything else keeps its order."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from typing import Any

import pytest

from tests.dnsmasq_front.messages import addresses
from tests.dnsmasq_front.pure import PureFront

ASKED = 1000


def same_epoch(front: PureFront) -> None:
    """The prebuilt answer turns."""


def fresh_epoch(front: PureFront) -> None:
    """Every answer is made anew."""
    front.new_epoch()


@pytest.mark.parametrize("before_each", [same_epoch, fresh_epoch])
@pytest.mark.parametrize("count", [2, 3, 5])
@pytest.mark.parametrize("options", [{}, {"edns": 1232}, {"stream": True}], ids=["", "opt", "tcp"])
def test_every_address_is_first_as_often(
    before_each: Callable[[PureFront], None], count: int, options: dict[str, Any]
) -> None:
    front = PureFront("--server=8.8.8.8")
    front.resolve("a.test. A", addresses("a.test.", count))
    first: Counter[str] = Counter()
    for _ in range(ASKED):
        before_each(front)
        data = front.ask("a.test. A", **options).reply.data
        assert len(set(data)) == count
        first[data[0]] += 1
    assert len(first) == count
    share = ASKED / count
    assert all(0.8 * share <= times <= 1.2 * share for times in first.values()), first


def test_aaaa_turn_too() -> None:
    front = PureFront("--server=8.8.8.8")
    front.resolve("a.test. AAAA", "\n".join(f"a.test. 30 IN AAAA fd00::{i}" for i in range(1, 4)))
    seen = {front.ask("a.test. AAAA").reply.data[0] for _ in range(6)}
    assert seen == {"fd00::1", "fd00::2", "fd00::3"}


def test_alias_stays_in_front_of_the_addresses_that_turn() -> None:
    front = PureFront("--server=8.8.8.8")
    front.resolve("a.test. A", "a.test. 30 IN CNAME b.test.\n" + addresses("b.test.", 3))
    seen = set()
    for _ in range(6):
        reply = front.ask("a.test. A").reply
        assert reply.data[0] == "b.test."
        seen.add(reply.data[1])
    assert len(seen) == 3


@pytest.mark.parametrize(
    ("question", "text"),
    [
        ("a.cluster.test. ANY", addresses("a.cluster.test.", 2) + "\na.cluster.test. 30 IN TXT x"),
        ("a.test. SRV", "\n".join(f"a.test. 30 IN SRV 0 0 {i} b.test." for i in (1, 2, 3))),
        ("a.test. TXT", "\n".join(f'a.test. 30 IN TXT "{i}"' for i in (1, 2, 3))),
        ("a.test. MX", "\n".join(f"a.test. 30 IN MX {i} b.test." for i in (1, 2, 3))),
    ],
)
def test_other_records_keep_their_order(question: str, text: str) -> None:
    front = PureFront("--server=8.8.8.8", "--server=/cluster.test/127.0.0.1#10053")
    first = front.resolve(question, text)
    for _ in range(5):
        assert front.ask(question).reply.answers == first.answers


def test_ttl_of_a_turning_answer_falls() -> None:
    front = PureFront("--server=8.8.8.8")
    front.resolve("a.test. A", addresses("a.test.", 3, ttl=30))
    front.ask("a.test. A")
    front.advance(5)
    front.new_epoch()
    assert front.ask("a.test. A").reply.ttls == [25]


def test_owner_that_points_into_the_addresses_does_not_become_a_loop() -> None:
    # The second owner points at the first owner, itself a pointer: legal, and it must not turn.
    front = PureFront("--server=8.8.8.8")
    front.ask("a.test. A")
    wire = front.sent[0].reply(addresses("a.test.", 2))
    start = 12 + len(front.sent[0].attempt.question)
    odd = wire[: start + 16] + (0xC000 | start).to_bytes(2, "big") + wire[start + 18 :]
    front.deliver(front.sent[0], odd)
    for _ in range(4):
        assert len(front.ask("a.test. A").reply.data) == 2


@pytest.mark.parametrize("stream", [False, True])
def test_no_round_robin_keeps_the_order(stream: bool) -> None:
    front = PureFront("--server=8.8.8.8", "--no-round-robin")
    first = front.resolve("a.test. A", addresses("a.test.", 3))
    for _ in range(5):
        assert front.ask("a.test. A", stream=stream).reply.data == first.data


def test_tcp_answers_are_made_once_for_all_who_ask_the_same() -> None:
    front = PureFront("--server=8.8.8.8", "--cache-size=1000")
    front.ask("a.test. A", stream=True)
    front.answer(addresses("a.test.", 200))
    front.ask("a.test. A", stream=True)
    (rotation,) = front.prebuilt.streams.values()
    data = [front.ask("a.test. A", stream=True).reply.data for _ in range(3)]
    assert [len(records) for records in data] == [200] * 3
    assert len({records[0] for records in data}) == 3
    assert list(front.prebuilt.streams.values()) == [rotation]
    assert not front.prebuilt.plain
    assert not front.prebuilt.turning
