"""Batches from threads reach the tree in order, in slices, and never jam."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from typing import cast

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dnscore.loop import Loop
from kubedns.inbox import CHANGES_MAX, WAITING_MAX, Inbox, in_pieces
from kubedns.rows import SERVICES, Batch, Key, Row


def batch(*names: str, synced: bool = False) -> Batch:
    return Batch(SERVICES, tuple((("ns", name), None) for name in names), synced)


class RecordingTree:
    """Notes what is applied; `cost` is called for each piece."""

    def __init__(self, cost: Callable[[Batch], None] = lambda piece: None) -> None:
        self.names: list[str] = []
        self.synced = 0
        self.cost = cost

    def apply(self, batch: Batch, *, now_s: float = 0.0) -> frozenset[bytes]:
        self.cost(batch)
        self.names += [key[1] for key, _ in batch.changes]
        self.synced += batch.synced
        return frozenset(key[1].encode() for key, _ in batch.changes)


@pytest.fixture
def loop() -> Iterator[Loop]:
    loop = Loop()
    yield loop
    loop.close()


def run_until(loop: Loop, condition: Callable[[], bool], timeout_s: float = 10.0) -> None:
    deadline = loop.now() + timeout_s

    def check() -> None:
        if condition() or loop.now() > deadline:
            loop.stop()
        else:
            loop.call_later(0.001, check)

    loop.call_later(0, check)
    loop.run()
    assert condition()


def test_batches_are_applied_in_order_and_changed_names_are_told(loop: Loop) -> None:
    tree, told = RecordingTree(), list[bytes]()
    inbox = Inbox(loop, tree, changed=lambda names: told.extend(sorted(names)), wall_clock=float)
    first = [f"a{number:02}" for number in range(20)]
    inbox.deliver(batch(*first))
    inbox.deliver(batch("b", "c", synced=True))
    run_until(loop, lambda: tree.synced == 1)
    assert tree.names == [*first, "b", "c"]
    assert told == [name.encode() for name in tree.names]
    assert inbox.changes == 22


def test_between_slices_the_loop_has_its_turn(loop: Loop) -> None:
    clock = [0.0]
    slow = Loop(clock=lambda: clock[0])
    order: list[str] = []

    def cost(piece: Batch) -> None:
        clock[0] += 0.002
        order.append("piece")

    inbox = Inbox(slow, RecordingTree(cost), changed=lambda names: None, wall_clock=float)
    inbox.deliver(batch(*(str(number) for number in range(CHANGES_MAX * 6)), synced=True))
    timers = 0

    def turn() -> None:
        nonlocal timers
        timers += 1
        order.append("turn")
        clock[0] += 0.0001
        if timers < 20:
            slow.call_later(0, turn)
        else:
            slow.stop()

    slow.call_later(0, turn)
    slow.run()
    slow.close()
    assert order.count("piece") == 6
    assert "piece piece piece" not in " ".join(order)
    assert inbox.longest_slice_s == pytest.approx(0.004)


def test_batches_that_wait_together_wake_the_loop_once(loop: Loop) -> None:
    class Counting:
        """The loop, with the calls from threads counted."""

        calls = 0

        def __getattr__(self, name: str) -> object:
            return getattr(loop, name)

        def call_from_thread(self, callback: Callable[[], None]) -> None:
            self.calls += 1
            loop.call_from_thread(callback)

    tree, counting = RecordingTree(), Counting()
    inbox = Inbox(cast(Loop, counting), tree, changed=lambda names: None, wall_clock=float)
    for name in "abc":
        inbox.deliver(batch(name))
    run_until(loop, lambda: tree.names == ["a", "b", "c"])
    assert counting.calls == 1
    inbox.deliver(batch("d"))
    run_until(loop, lambda: tree.names == ["a", "b", "c", "d"])
    assert counting.calls == 2


def test_no_batch_is_left_lying_whenever_it_comes(loop: Loop) -> None:
    tree = RecordingTree()
    inbox = Inbox(loop, tree, changed=lambda names: None, wall_clock=float)
    names = [str(number) for number in range(3000)]

    def deliver() -> None:
        for name in names:
            inbox.deliver(batch(name))

    thread = threading.Thread(target=deliver)
    thread.start()
    run_until(loop, lambda: len(tree.names) == len(names))
    thread.join()
    assert tree.names == names


def test_a_change_that_fails_keeps_nothing_else_out(loop: Loop) -> None:
    def cost(piece: Batch) -> None:
        if any(key[1] == "bad" for key, _ in piece.changes):
            raise RuntimeError("no")

    tree = RecordingTree(cost)
    inbox = Inbox(loop, tree, changed=lambda names: None, wall_clock=float)
    inbox.deliver(batch("good", "fine"))
    inbox.deliver(batch("bad", synced=True))
    inbox.deliver(batch("later"))
    run_until(loop, lambda: "later" in tree.names)
    assert tree.names == ["good", "fine", "later"]
    assert tree.synced == 1
    assert inbox.failures == 1


def test_a_listener_that_fails_keeps_no_later_change_out(loop: Loop) -> None:
    tree, heard = RecordingTree(), list[frozenset[bytes]]()

    def changed(names: frozenset[bytes]) -> None:
        heard.append(names)
        if len(heard) == 1:
            raise RuntimeError("a listener's fault")

    inbox = Inbox(loop, tree, changed=changed, wall_clock=float)
    inbox.deliver(batch("first"))
    inbox.deliver(batch("second"))
    run_until(loop, lambda: len(heard) == 2)
    assert tree.names == ["first", "second"]
    assert inbox.failures == 1


def test_a_thread_waits_when_too_much_is_waiting_and_close_lets_it_go(loop: Loop) -> None:
    inbox = Inbox(loop, RecordingTree(), changed=lambda names: None, wall_clock=float)
    delivered = threading.Semaphore(0)

    def deliver() -> None:
        for _ in range(WAITING_MAX + 1):
            inbox.deliver(batch("x"))
            delivered.release()

    thread = threading.Thread(target=deliver)
    thread.start()
    for _ in range(WAITING_MAX):
        assert delivered.acquire(timeout=10)
    assert thread.is_alive()
    inbox.close()
    thread.join(10)
    assert not thread.is_alive()


changes = st.lists(
    st.tuples(st.tuples(st.just("ns"), st.text(max_size=3)), st.none()), max_size=5 * CHANGES_MAX
)


@given(changes, st.booleans())
def test_pieces_mean_the_same_as_the_whole(made: list[tuple[Key, Row | None]], last: bool) -> None:
    pieces = list(in_pieces(Batch(SERVICES, tuple(made), last)))
    assert [change for piece in pieces for change in piece.changes] == made
    assert all(len(piece.changes) <= CHANGES_MAX for piece in pieces)
    assert [piece.synced for piece in pieces] == [False] * (len(pieces) - 1) + [last]
