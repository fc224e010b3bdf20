"""However many read the page, the API server is asked a few times a second at most."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from kubedns.explain.pace import GAP_S, WAIT_MAX_S, Pace


def test_the_first_one_does_not_wait() -> None:
    assert Pace().wait_s(100.0) == 0.0


def test_a_crowd_is_sent_away() -> None:
    pace = Pace()
    waits = [pace.wait_s(100.0) for _ in range(16)]
    turns = [wait for wait in waits if wait is not None]
    assert len(turns) in (5, 6)
    assert waits[len(turns) :] == [None] * (16 - len(turns))
    assert pace.wait_s(101.0) == 0.0


@given(st.lists(st.floats(0, 1), max_size=50))
def test_turns_are_apart_and_soon(steps: list[float]) -> None:
    pace, now, last = Pace(), 0.0, float("-inf")
    for step in steps:
        now += step / 10
        wait = pace.wait_s(now)
        if wait is None:
            assert last + GAP_S > now + WAIT_MAX_S
            continue
        assert 0 <= wait <= WAIT_MAX_S
        assert now + wait >= last + GAP_S - 1e-9
        last = now + wait
