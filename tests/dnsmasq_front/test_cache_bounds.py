"""The cache is bounded in records and octets; the least recently used go first."""

from __future__ import annotations

import tracemalloc

import pytest

from dnscore.wire.query import parse_query
from dnscore.wire.scan import scan_response
from dnsmasq_front.cache import BYTES_PER_RECORD, Cache, CacheOptions, cache_key
from tests.dnsmasq_front.messages import addresses, query_wire, response_wire, soa
from tests.dnsmasq_front.pure import PureFront


def front_of(records: int, *flags: str) -> PureFront:
    return PureFront("--server=8.8.8.8", f"--cache-size={records}", *flags)


def fill(front: PureFront, names: list[str]) -> None:
    for name in names:
        front.resolve(f"{name} A", f"{name} 300 IN A 10.0.0.1")


def held(front: PureFront, names: list[str]) -> list[str]:
    """Those that are in the cache; looking at them makes no difference to their number."""
    return [name for name in names if front.cached(f"{name} A") is not None]


def test_never_more_records_than_allowed() -> None:
    front = front_of(100)
    for i in range(2000):
        name = f"n{i}.test."
        front.resolve(f"{name} A", addresses(name, 1 + i % 3, ttl=300))
        assert front.cache.records <= 100
        assert front.cache.bytes <= 100 * BYTES_PER_RECORD
    assert front.cache.records > 95
    assert front.cache.insertions - front.cache.evictions == front.cache.records


def test_least_recently_used_goes_first() -> None:
    front = front_of(3)
    fill(front, ["a.test.", "b.test.", "c.test."])
    assert front.cached("a.test. A") is not None
    fill(front, ["d.test."])
    assert held(front, ["a.test.", "b.test.", "c.test.", "d.test."]) == [
        "a.test.",
        "c.test.",
        "d.test.",
    ]


def test_pushing_out_what_has_expired_is_no_eviction() -> None:
    front = front_of(2)
    fill(front, ["a.test.", "b.test."])
    front.now += 301
    fill(front, ["c.test.", "d.test."])
    assert front.cache.evictions == 0


@pytest.mark.parametrize("size", [49, 50, 100, 255])
def test_long_names_are_kept_as_well_as_short_ones(size: int) -> None:
    # dnsmasq keeps at most a tenth of its records for names of 50 characters and more.
    def name(number: int) -> str:
        labels = [f"n{number:03d}"]
        while (room := size - 2 - sum(len(label) + 1 for label in labels)) > 0:
            labels.append("x" * min(63, room))
        return ".".join(labels) + "."

    names = [name(i) for i in range(100)]
    front = front_of(100)
    fill(front, names)
    assert len(held(front, names)) == 100


def test_negative_answers_of_long_names_fill_the_records_too() -> None:
    names = [f"api{i}.eu-west-1.amazonaws.com.my-namespace.svc.example.test." for i in range(100)]
    front = front_of(100)
    for name in names:
        authority = soa("example.test.", ttl=300, minimum=300)
        front.resolve(f"{name} A", authority=authority, rcode=3)
    assert len(held(front, names)) == 100


def test_answer_with_more_records_than_the_cache_holds_is_passed_on_and_not_kept() -> None:
    front = front_of(10)
    fill(front, ["a.test."])
    client = front.ask("big.test. A", stream=True)
    front.answer(addresses("big.test.", 11))
    assert len(client.reply.data) == 11
    assert front.cached("big.test. A") is None
    assert front.cached("a.test. A") is not None


def test_long_answers_do_not_take_more_octets_than_allowed() -> None:
    front = front_of(20)
    text = " ".join(f'"{"x" * 250}"' for _ in range(12))
    for i in range(50):
        client = front.ask(f"t{i}.test. TXT", stream=True)
        front.answer(f"t{i}.test. 300 IN TXT {text}")
        assert client.answered
        assert front.cache.bytes <= 20 * BYTES_PER_RECORD
    assert 0 < len(front.cache) < 20


def test_size_zero_keeps_nothing_and_answers() -> None:
    front = front_of(0)
    front.resolve("a.test. A", "a.test. 300 IN A 10.0.0.1")
    assert front.cached("a.test. A") is None
    assert front.cache.insertions == 0


def test_octets_counted_are_the_memory_that_is_used() -> None:
    cache = Cache(CacheOptions(records=2000))
    questions = [query_wire(f"n{i}.some-namespace.svc.example.test. A") for i in range(1000)]
    responses = [
        response_wire(query, f"n{i}.some-namespace.svc.example.test. 300 IN A 10.0.0.1")
        for i, query in enumerate(questions)
    ]
    tracemalloc.start()
    try:
        before = tracemalloc.get_traced_memory()[0]
        for question, response in zip(questions, responses, strict=True):
            query = parse_query(question)
            scan = scan_response(response, query.question)
            cache.store(cache_key(query), bytes(bytearray(response)), scan, now=0, life_cap_s=300)
        for question in questions:
            assert cache.find(cache_key(parse_query(question)), 1.0) is not None  # TTLs aged
        used = tracemalloc.get_traced_memory()[0] - before
    finally:
        tracemalloc.stop()
    assert 0.7 * cache.bytes < used < 1.2 * cache.bytes
