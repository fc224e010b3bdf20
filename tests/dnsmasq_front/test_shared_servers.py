"""Counts of servers that several processes share."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dnsmasq_front.shared_servers import (
    SERVER_ROW_BYTES,
    SERVERS_MAX,
    ServerCounts,
    ServerTable,
)

ROWS = 3
NAMES = st.sampled_from([f"10.0.0.{i}#53" for i in range(8)] + ["fe80::1%eth0#5353"])
counts = st.builds(ServerCounts, *(st.integers(0, 2**60) for _ in ServerCounts._fields))


def table(rows: int = ROWS) -> ServerTable:
    return ServerTable(memoryview(bytearray(rows * SERVER_ROW_BYTES)))


@given(st.lists(st.tuples(st.integers(0, ROWS - 1), st.dictionaries(NAMES, counts)), max_size=8))
def test_each_row_is_what_was_written_last_and_the_sum_is_that_of_all(
    writes: list[tuple[int, dict[str, ServerCounts]]],
) -> None:
    shared = table()
    latest: dict[int, dict[str, ServerCounts]] = {row: {} for row in range(ROWS)}
    for row, servers in writes:
        shared[row] = servers
        latest[row] = servers
    expected: dict[str, ServerCounts] = {}
    for row, servers in latest.items():
        assert shared[row] == servers
        for name, one in servers.items():
            expected[name] = expected.get(name, ServerCounts()).plus(one)
    assert shared.sum() == expected


def test_latency_is_that_of_the_slowest_and_the_rest_is_summed() -> None:
    both = ServerCounts(1, 2, 3, 4, 500).plus(ServerCounts(10, 20, 30, 40, 300))
    assert both == ServerCounts(11, 22, 33, 44, 500)


def test_more_servers_than_places_leave_the_last_ones_out() -> None:
    shared = table()
    servers = {f"10.0.{i}.1#53": ServerCounts(sent=i) for i in range(SERVERS_MAX + 5)}
    shared[1] = servers
    assert list(shared[1]) == list(servers)[:SERVERS_MAX]
    assert (shared[0], shared[2]) == ({}, {})


@pytest.mark.parametrize("size", [0, 8, SERVER_ROW_BYTES - 8, SERVER_ROW_BYTES + 8])
def test_half_a_row_is_refused(size: int) -> None:
    with pytest.raises(ValueError, match="rows"):
        ServerTable(memoryview(bytearray(size)))
