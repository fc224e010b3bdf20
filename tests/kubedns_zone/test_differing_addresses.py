"""Which addresses a changed slice has lost and gained, from what differs between its two rows."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from kubedns.rows import SliceRow
from kubedns.services import differing_addresses, differing_parts, unpacked


@st.composite
def changed_rows(draw: st.DrawFn) -> tuple[list[bytes], list[bytes], int]:
    """The addresses of a slice before and after some of them came, went or changed, and their size.

    Of few values, so that rows begin and end alike and have the same address twice.
    """
    size = draw(st.sampled_from([4, 16]))
    address = st.lists(st.sampled_from([0, 1]), min_size=size, max_size=size).map(bytes)
    before = draw(st.lists(address, max_size=6))
    after = list(before)
    for at, new in draw(st.lists(st.tuples(st.integers(0, 6), st.none() | address), max_size=3)):
        after[at : at + draw(st.integers(0, 1))] = [] if new is None else [new]
    return before, after, size


def row(addresses: list[bytes], size: int) -> SliceRow:
    return SliceRow("shop", "db-1", "db", b"".join(addresses), size, (), (), ())


@given(changed_rows())
def test_all_that_came_and_went_are_in_the_parts(
    rows: tuple[list[bytes], list[bytes], int],
) -> None:
    before, after, size = rows
    old, new = differing_parts(b"".join(before), b"".join(after), size)
    lost, gained = set(unpacked(old, size)), set(unpacked(new, size))
    assert lost <= set(before)
    assert gained <= set(after)
    assert set(before) - set(after) <= lost - gained
    assert set(after) - set(before) <= gained - lost


@given(changed_rows())
def test_they_are_told(rows: tuple[list[bytes], list[bytes], int]) -> None:
    before, after, size = rows
    gone, come = differing_addresses(row(before, size), row(after, size))
    assert set(before) - set(after) <= gone <= set(before)
    assert set(after) - set(before) <= come <= set(after)


def test_of_a_hundred_only_the_changed_one_is_looked_at() -> None:
    before = [bytes((10, 0, 0, n)) for n in range(100)]
    after = [*before[:50], bytes((10, 1, 0, 50)), *before[51:]]
    old, new = differing_parts(b"".join(before), b"".join(after), 4)
    assert (old, new) == (before[50], after[50])


def test_a_slice_that_comes_goes_or_changes_its_family_is_told_whole() -> None:
    four, six = row([bytes(4)], 4), row([bytes(16)], 16)
    assert differing_addresses(None, four) == (set(), {bytes(4)})
    assert differing_addresses(four, None) == ({bytes(4)}, set())
    assert differing_addresses(four, six) == ({bytes(4)}, {bytes(16)})
