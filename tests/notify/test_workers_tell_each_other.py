"""What one worker of a front takes, the others learn; one that has no room is known."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from dnscore.loop import Loop
from dnscore.net.address import Address
from dnsmasq_front.siblings import Pair, Siblings, pairs
from tests.notify.front import KUBEDNS
from tests.waiting import eventually

WIRE = bytes(range(256)) * 2


class Worker:
    """One of them, with a loop of its own that runs as far as it is let."""

    def __init__(self, number: int, made: list[Pair]) -> None:
        self.loop = Loop()
        self.heard: list[tuple[bytes, Address]] = []
        self.siblings = Siblings(self.loop, number, made, told=self._told)

    def _told(self, wire: bytes, source: Address) -> None:
        self.heard.append((wire, source))

    def turn(self) -> None:
        """Take in what has come."""
        self.loop.call_later(0, self.loop.stop)
        self.loop.run()


@pytest.fixture
def workers() -> Iterator[list[Worker]]:
    """Three."""
    made = pairs(3)
    running = [Worker(number, made) for number in range(3)]
    yield running
    for worker in running:
        worker.loop.close()
    for pair in made:
        for end in pair:
            end.close()


def hears(worker: Worker, expected: list[tuple[bytes, Address]]) -> bool:
    worker.turn()
    return worker.heard == expected


@pytest.mark.parametrize("source", [KUBEDNS, Address("fd00::a", 53)], ids=str)
def test_each_other_one_learns_what_came_and_from_whom(
    workers: list[Worker], source: Address
) -> None:
    assert workers[1].siblings.tell(WIRE, source)
    for other in (workers[0], workers[2]):
        eventually(lambda other=other: hears(other, [(WIRE, source)]))  # type: ignore[misc]
    assert hears(workers[1], [])


def test_one_that_has_no_room_is_known_and_has_room_again(workers: list[Worker]) -> None:
    told = 0
    while workers[0].siblings.tell(WIRE, KUBEDNS):
        told += 1
        assert told < 100_000
    for other in workers[1:]:
        eventually(lambda other=other: _has_heard(other, told))  # type: ignore[misc]
    assert workers[0].siblings.tell(WIRE, KUBEDNS)


def _has_heard(worker: Worker, count: int) -> bool:
    worker.turn()
    return len(worker.heard) >= count
