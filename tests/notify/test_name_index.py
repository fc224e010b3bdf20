"""The index finds just what stands at and below a name, and keeps nothing of what is gone."""

from __future__ import annotations

import tracemalloc

from hypothesis import given
from hypothesis import strategies as st

from dnscore.wire import names
from dnsmasq_front.name_index import NameIndex, place_of

LABELS = st.sampled_from([b"a", b"b", b"svc", b"xsvc"])
NAMES = st.lists(LABELS, max_size=5).map(names.from_labels)
STEPS = st.lists(st.tuples(st.booleans(), NAMES, st.sampled_from([b"1", b"2", b"3"])), max_size=60)


@given(STEPS, NAMES)
def test_below_is_what_a_look_at_everything_finds(
    steps: list[tuple[bool, bytes, bytes]], domain: bytes
) -> None:
    index, model = NameIndex(), set()
    for is_there, name, key in steps:
        if is_there and (name, key) not in model:
            index.add(place_of(name), key)
            model.add((name, key))
        elif not is_there:
            index.discard(place_of(name), key)
            model.discard((name, key))
    expected = sorted(key for name, key in model if names.is_below(name, domain))
    assert sorted(index.below(domain)) == expected
    assert len(index) == len({name for name, _ in model})


@given(STEPS)
def test_nothing_is_left_when_all_is_gone(steps: list[tuple[bool, bytes, bytes]]) -> None:
    index = NameIndex()
    known = {(name, key) for is_there, name, key in steps if is_there}
    for name, key in known:
        index.add(place_of(name), key)
    for name, key in known:
        index.discard(place_of(name), key)
    assert len(index) == 0
    assert list(index.below(b"\0")) == []


def test_name_of_many_labels_costs_no_more_than_its_octets() -> None:
    index = NameIndex()
    tracemalloc.start()
    try:
        for n in range(500):
            labels = [b"x"] * 116 + [b"%04d" % n]
            index.add(place_of(names.from_labels(labels)), b"key")
        held, _ = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert held < 500 * 1000
