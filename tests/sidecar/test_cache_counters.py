"""The caching server's counters: read over CHAOS TXT, added up so that nothing ever decreases."""

from __future__ import annotations

from functools import partial

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sidecar.address import ServerAddress
from sidecar.exchange import ExchangeError, ask
from sidecar.stats import CacheSample, CacheStats, StatsError, read_cache
from tests.fakes.dns_server import DnsServer, Raw, Rcode, Records, Silence

COUNTERS = """
hits.bind. 0 CH TXT "10"
misses.bind. 0 CH TXT "20"
evictions.bind. 0 CH TXT "30"
insertions.bind. 0 CH TXT "40"
cachesize.bind. 0 CH TXT "50"
"""


def poll(server: DnsServer, *, timeout_s: float = 5.0) -> CacheSample:
    address = ServerAddress(server.host, server.port)
    return read_cache(partial(ask, address, rdtype="TXT", rdclass="CH", timeout_s=timeout_s))


def test_all_five_are_read_in_order() -> None:  # S05
    with DnsServer(COUNTERS) as server:
        assert poll(server) == CacheSample(10, 20, 30, 40, 50)
        assert [(q.name, q.rdtype, q.rdclass) for q in server.queries] == [
            (f"{name}.bind.", "TXT", "CH")
            for name in ("hits", "misses", "evictions", "insertions", "cachesize")
        ]


@pytest.mark.parametrize(
    "records",
    [
        "",
        'evictions.bind. 0 CH TXT "x"',
        'evictions.bind. 0 CH TXT ""',
        'evictions.bind. 0 CH TXT "1.5"',
        'evictions.bind. 0 CH TXT "1_0"',
        'evictions.bind. 0 CH TXT " 1"',
        'evictions.bind. 0 CH TXT "9223372036854775808"',
        'evictions.bind. 0 CH TXT "1" "2"',
        'evictions.bind. 0 CH TXT "1"\nevictions.bind. 0 CH TXT "2"',
        "evictions.bind. 0 IN A 10.0.0.1",
    ],
)
def test_anything_but_one_number_fails_the_whole_poll(records: str) -> None:
    with DnsServer(COUNTERS) as server:
        server.on("evictions.bind.", Records(records))
        with pytest.raises(StatsError, match=r"^evictions\.bind: "):
            poll(server)


def test_junk_is_an_error() -> None:  # S05
    with DnsServer(COUNTERS) as server:
        server.on("misses.bind.", Raw(b"\0\0\xff\xff" + b"junk"))
        with pytest.raises(ExchangeError, match="bad answer"):
            poll(server)


def test_a_refusal_is_an_error() -> None:
    with DnsServer(COUNTERS) as server:
        server.on_all(Rcode(5))
        with pytest.raises(StatsError, match=r"hits\.bind"):
            poll(server)


def test_silence_is_a_timeout_and_ends_the_poll() -> None:  # S05
    with DnsServer(COUNTERS) as server:
        server.on("hits.bind.", Silence())
        with pytest.raises(ExchangeError, match=r"no answer from .* within 0\.1 s"):
            poll(server, timeout_s=0.1)
        assert len(server.queries) == 1


@pytest.mark.parametrize("number", ["0", "-1", "9223372036854775807"])
def test_any_int64_is_read(number: str) -> None:
    with DnsServer(COUNTERS.replace('"10"', f'"{number}"')) as server:
        assert poll(server).hits == int(number)


def test_totals_follow_growing_counters() -> None:  # S04
    stats = CacheStats()
    for factor in (1, 2, 3):
        sample = CacheSample(*(factor * n for n in (10, 20, 30, 40, 50)))
        stats.update(sample)
        assert stats.last == sample
        assert stats.current.totals == sample


def test_a_restarted_server_resets_the_base_and_adds_nothing() -> None:
    stats = CacheStats()
    for hits, total in ((100, 100), (7, 100), (9, 102), (9, 102), (0, 102), (5, 107)):
        stats.update(CacheSample(hits=hits))
        assert (stats.last.hits, stats.current.totals.hits) == (hits, total)


def test_negative_numbers_count_as_zero() -> None:
    stats = CacheStats()
    for hits, total in ((-5, 0), (3, 3), (-1, 3), (1, 4)):
        stats.update(CacheSample(hits=hits))
        assert stats.current.totals.hits == total


def test_the_present_size_may_shrink_its_stock_counter_may_not() -> None:
    stats = CacheStats()
    stats.update(CacheSample(max_size=1000))
    stats.update(CacheSample(max_size=500))
    assert (stats.current.max_size, stats.current.totals.max_size) == (500, 1000)


def test_a_failed_poll_counts_and_keeps_the_totals() -> None:
    stats = CacheStats()
    stats.update(CacheSample(1, 2, 3, 4, 5))
    stats.failed()
    stats.failed()
    assert stats.current.errors == 2
    assert stats.current.totals == CacheSample(1, 2, 3, 4, 5)


@given(st.lists(st.integers(-(2**63), 2**63 - 1)))
def test_totals_never_decrease_and_end_at_least_at_the_largest_step(values: list[int]) -> None:
    stats = CacheStats()
    before = 0
    for value in values:
        stats.update(CacheSample(value, value, value, value, value))
        assert stats.current.totals.hits >= before
        before = stats.current.totals.hits
    assert before >= max([0, *values])
