"""Which answers count as old, and since when."""

from __future__ import annotations

import pytest

from bench.coherence.asking import Heard
from bench.coherence.changing import State
from bench.coherence.judging import Judged, judge

ONE, TWO, NONE = b"\x0b\0\0\1", b"\x0b\0\0\2", b""


def states(*changes: tuple[bytes, float]) -> list[State]:
    """One name; each write takes 0.1 s."""
    return [State(0, address, when, when + 0.1, "moved") for address, when in changes]


def judged(changes: list[State], *answers: tuple[float, bytes]) -> Judged:
    return judge(changes, Heard(changing=[(when, 0, address) for when, address in answers]))


@pytest.mark.parametrize(
    ("answers", "late_s", "old"),
    [
        ([(9.0, ONE), (11.0, TWO)], 0.0, 0),
        # While the write is under way both are true.
        ([(10.05, ONE), (10.05, TWO)], 0.0, 0),
        ([(10.3, ONE), (10.4, TWO)], 0.2, 1),
        ([(10.3, ONE), (10.6, ONE)], 0.5, 2),
        # It comes back.
        ([(10.2, TWO), (10.6, ONE), (10.7, TWO)], 0.5, 1),
    ],
)
def test_last_old_answer_counts(
    answers: list[tuple[float, bytes]], late_s: float, old: int
) -> None:
    found = judged(states((ONE, 0.0), (TWO, 10.0)), *answers)
    assert found.all_s == [pytest.approx(late_s)]
    assert (found.old, found.answers, found.foreign) == (old, len(answers), 0)


def test_answer_of_a_state_before_the_last_is_late_for_every_change_since() -> None:
    found = judged(states((ONE, 0.0), (NONE, 10.0), (TWO, 20.0)), (25.1, ONE))
    assert found.all_s == [pytest.approx(5.0), pytest.approx(15.0)]


def test_denial_is_of_the_newest_state_without_an_address() -> None:
    changes = states((NONE, 0.0), (ONE, 10.0), (NONE, 20.0), (TWO, 30.0))
    assert judged(changes, (20.5, NONE)).old == 0
    assert judged(changes, (30.5, NONE)).all_s[-1] == pytest.approx(0.4)


def test_answer_that_was_never_true_is_told() -> None:
    found = judged(states((ONE, 0.0)), (1.0, TWO), (1.0, NONE))
    assert found.foreign == 2


def test_answer_from_before_its_write_is_never_true() -> None:
    assert judged(states((ONE, 0.0), (TWO, 10.0)), (9.9, TWO)).foreign == 1


def test_change_that_lasts_and_is_never_answered_is_told() -> None:
    changes = states((ONE, 0.0), (TWO, 10.0), (ONE, 20.0), (TWO, 20.01), (NONE, 30.0))
    found = judged(changes, (5.0, ONE), (20.05, TWO))
    assert (found.unseen, found.seen) == (1, 1)
