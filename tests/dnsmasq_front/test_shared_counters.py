"""Rows of counters that several processes share."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dnsmasq_front.shared_counters import ROW_BYTES, CounterTable, Counts, WorkerCounters

ROWS = 3
counts = st.builds(Counts, *(st.integers(0, 2**60) for _ in Counts._fields))


def table(rows: int = ROWS) -> CounterTable:
    return CounterTable(memoryview(bytearray(rows * ROW_BYTES)))


class Process:
    """What one worker has counted by itself, and its way to the others."""

    def __init__(self, shared: CounterTable, row: int) -> None:
        self.own = Counts()
        self.counters = WorkerCounters(shared, row, read=lambda: self.own)

    def count(self, **more: int) -> None:
        self.own = self.own.plus(Counts(**more))

    def flush(self) -> None:
        self.own = self.own.flushed()
        self.counters.flushed()


@given(st.lists(counts, min_size=1, max_size=64))
def test_sum_is_that_of_every_row(rows: list[Counts]) -> None:
    shared = table(len(rows))
    for row, values in enumerate(rows):
        shared[row] = values
    assert [shared[row] for row in range(len(rows))] == rows
    assert shared.sum() == tuple(sum(column) for column in zip(*rows, strict=True))


@pytest.mark.parametrize("size", [0, 1, ROW_BYTES - 8, ROW_BYTES + 1])
def test_half_a_row_is_refused(size: int) -> None:
    with pytest.raises(ValueError, match="rows"):
        CounterTable(memoryview(bytearray(size)))


def test_own_counts_are_told_as_of_now_and_the_others_as_published() -> None:
    shared = table()
    one, two = Process(shared, 0), Process(shared, 1)
    one.count(hits=1)
    two.count(hits=10)
    assert one.counters.total().hits == 1
    assert two.counters.total().hits == 11
    assert one.counters.total().hits == 11


def test_flush_of_one_worker_sets_back_its_share_alone() -> None:
    shared = table()
    one, two = Process(shared, 0), Process(shared, 1)
    one.count(insertions=1, evictions=2, hits=3, misses=4)
    two.count(insertions=10, evictions=20)
    two.counters.publish()
    one.flush()
    assert two.counters.total() == Counts(insertions=10, evictions=20, hits=3, misses=4)


def test_flush_forgets_what_the_worker_before_had_stored() -> None:
    shared = table()
    before = Process(shared, 0)
    before.count(insertions=5, misses=5)
    before.counters.publish()
    after = Process(shared, 0)
    after.flush()
    after.count(insertions=1)
    assert after.counters.total() == Counts(insertions=1, misses=5)


steps = st.lists(
    st.tuples(
        st.integers(0, ROWS - 1),
        st.sampled_from(["count", "publish", "ask", "replace"]),
        st.integers(0, 1000),
    )
)


@given(steps)
def test_counters_never_fall_whoever_dies_and_whoever_is_asked(
    steps: list[tuple[int, str, int]],
) -> None:
    shared = table()
    workers = [Process(shared, row) for row in range(ROWS)]
    told = counted = 0
    for row, step, number in steps:
        if step == "count":
            workers[row].count(misses=number)
            counted += number
        elif step == "publish":
            workers[row].counters.publish()
        elif step == "replace":
            workers[row] = Process(shared, row)
        else:
            answer = workers[row].counters.total().misses
            assert told <= answer <= counted
            told = answer


@given(st.lists(st.tuples(st.integers(0, ROWS - 1), counts)))
def test_nothing_counted_is_lost_when_workers_are_replaced_and_nothing_else_goes_on(
    lives: list[tuple[int, Counts]],
) -> None:
    shared = table()
    latest = dict.fromkeys(range(ROWS), Counts())
    for row, own in lives:
        life = Process(shared, row)
        life.own = Counts(*(count >> 8 for count in own))
        life.counters.publish()
        latest[row] = latest[row].inherited().plus(life.own)
    expected = Counts()
    for counted in latest.values():
        expected = expected.plus(counted)
    assert shared.sum() == expected


def test_next_process_of_a_worker_begins_with_an_empty_cache_and_no_connections() -> None:
    shared = table()
    process = Process(shared, 0)
    process.count(hits=7, octets=100, octets_highest=200, connections=3, connections_highest=4)
    process.counters.publish()
    assert Process(shared, 0).counters.total() == Counts(hits=7)
