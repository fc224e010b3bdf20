"""The index finds just what stands at and below a name, and keeps nothing of what is gone."""

from __future__ import annotations

import tracemalloc

from hypothesis import given
from hypothesis import strategies as st

from dnscore.wire import names
from dnsmasq_front.name_index import NameIndex, place_of

LABELS = st.sampled_from([b"a", b"b", b"svc", b"xsvc"])
NAMES = st.lists(LABELS, max_size=5).map(names.from_labels)
STEPS = st.lists(
    st.tuples(
        st.sampled_from(["add", "discard", "look"]), NAMES, st.sampled_from([b"1", b"2", b"3"])
    ),
    max_size=60,
)


@given(STEPS)
def test_below_is_what_a_look_at_everything_finds(steps: list[tuple[str, bytes, bytes]]) -> None:
    index = NameIndex()
    model: set[tuple[bytes, bytes]] = set()
    for step, name, key in [*steps, ("look", names.ROOT, b"")]:
        if step == "look":
            expected = sorted(key for one, key in model if names.is_below(one, name))
            assert sorted(index.below(name)) == expected
            assert len(index) == len({one for one, _ in model})
        elif step == "discard":
            index.discard(place_of(name), key)
            model.discard((name, key))
        elif (name, key) not in model:
            index.add(place_of(name), key)
            model.add((name, key))


@given(STEPS)
def test_nothing_is_left_when_all_is_gone(steps: list[tuple[str, bytes, bytes]]) -> None:
    index = NameIndex()
    known = {(name, key) for step, name, key in steps if step == "add"}
    for name, key in known:
        index.add(place_of(name), key)
    for step, name, _ in steps:
        if step == "look":
            list(index.below(name))
    for name, key in known:
        index.discard(place_of(name), key)
    assert len(index) == 0
    assert list(index.below(names.ROOT)) == []


def test_names_that_come_and_go_unasked_are_not_kept() -> None:
    index = NameIndex()
    place = [place_of(names.from_labels([b"%06d" % n, b"x" * 60])) for n in range(50_000)]
    for n in range(100):
        index.add(place[n], b"key")
    list(index.below(names.ROOT))
    tracemalloc.start()
    try:
        for n in range(100, 50_000):
            index.add(place[n], b"key")
            index.discard(place[n - 100], b"key")
        held, _ = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert held < 100_000


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
