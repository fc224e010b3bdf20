"""The sketch of the most frequent things: its bounds, whatever is seen (Metwally 2005, 3)."""

from __future__ import annotations

from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dnsmasq_front.space_saving import SpaceSaving

COUNTERS = 8
ITEMS = [b"%d" % number for number in range(40)]
# Half of them frequent, so that counters are both kept and taken over.
STREAM = st.lists(st.sampled_from(ITEMS[:4]) | st.sampled_from(ITEMS), max_size=300)


def _sketch(items: list[bytes], counters: int = COUNTERS) -> SpaceSaving:
    sketch = SpaceSaving(counters)
    for item in items:
        sketch.add(item)
    return sketch


@given(STREAM)
def test_the_bounds_hold_for_any_stream(stream: list[bytes]) -> None:
    sketch, true = _sketch(stream), Counter(stream)
    found = {one.item: one for one in sketch.top(len(ITEMS))}
    assert sketch.seen == len(stream)
    assert len(found) == min(COUNTERS, len(true))
    for item, one in found.items():
        assert one.count - one.error <= true[item] <= one.count
        assert one.error <= len(stream) / COUNTERS
    for item, times in true.items():
        if times > len(stream) / COUNTERS:
            assert item in found
    assert sum(one.count for one in found.values()) == len(stream)


@given(STREAM, STREAM)
def test_what_has_faded_keeps_its_bounds(old: list[bytes], new: list[bytes]) -> None:
    sketch = _sketch(old)
    sketch.fade(0.5)
    for item in new:
        sketch.add(item)
    weighed = {item: old.count(item) / 2 + new.count(item) for item in ITEMS}
    assert sketch.seen == sum(weighed.values())
    for one in sketch.top(COUNTERS):
        assert one.count - one.error <= weighed[one.item] <= one.count
        assert one.error <= sketch.seen / COUNTERS


def test_a_frequent_name_is_found_among_a_hundred_thousand_others() -> None:
    sketch = SpaceSaving()
    for number in range(100_000):
        sketch.add(b"attack-%d" % number)
        if number % 50 == 0:
            sketch.add(b"web.shop")
    (first,) = sketch.top(1)
    assert first.item == b"web.shop"
    assert first.count - first.error <= 2000 <= first.count
    assert len(sketch.top(1_000_000)) == 128


def test_equals_stand_in_the_order_of_the_alphabet() -> None:
    sketch = _sketch([b"c", b"a", b"b", b"b"])
    assert [one.item for one in sketch.top(3)] == [b"b", b"a", b"c"]


def test_no_counters_are_refused() -> None:
    with pytest.raises(ValueError, match="0 counters"):
        SpaceSaving(0)
