"""The lines that SIGUSR1 writes are dnsmasq's, letter by letter, for those who read them."""

from __future__ import annotations

from dnsmasq_front.figures import Sizes, statistics_lines
from dnsmasq_front.shared_counters import Counts
from dnsmasq_front.shared_servers import ServerCounts

COUNTS = Counts(
    hits=44,
    misses=42,
    insertions=57,
    evictions=3,
    stale=5,
    octets=144,
    octets_highest=240,
    connections=2,
    connections_highest=7,
)
SIZES = Sizes(records=1000, octets=2400, connections=512)
SERVERS = {
    "127.0.0.1#15301": ServerCounts(sent=42, retried=1, failed=2, nxdomain=4, latency_us=4400),
    "fd00::1#53": ServerCounts(),
}


def test_block() -> None:
    assert statistics_lines(COUNTS, SERVERS, SIZES, epoch_s=1700000000) == [
        "time 1700000000",
        "cache size 1000, 3/57 cache insertions re-used unexpired cache entries.",
        "queries forwarded 42, queries answered locally 44",
        "queries for authoritative zones 0",
        "pool memory in use 144, max 240, allocated 2400",
        "child processes for TCP requests: in use 2, highest since last SIGUSR1 7, "
        "max allowed 512.",
        "server 127.0.0.1#15301: queries sent 42, retried 1, failed 2, nxdomain replies 4, "
        "avg. latency 4ms",
        "server fd00::1#53: queries sent 0, retried 0, failed 0, nxdomain replies 0, "
        "avg. latency 0ms",
    ]


def test_stale_answers_have_a_line_when_there_can_be_any() -> None:
    sizes = Sizes(records=1000, octets=2400, connections=512, may_be_stale=True)
    lines = statistics_lines(COUNTS, {}, sizes, epoch_s=0)
    assert lines[3] == "queries answered from stale cache 5"
