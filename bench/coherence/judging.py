"""Which answers were old, and by how much. Pure."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass, field

from bench.coherence.asking import Heard
from bench.coherence.changing import State


@dataclass(slots=True)
class Judged:
    """What became of the changes."""

    late_s: dict[str, list[float]] = field(default_factory=dict)
    """By kind, for each change: how long after it the last answer came that did not have it; 0
    is that there was none."""
    answers: int = 0
    old: int = 0
    """Answers that did not have a change that had been acknowledged before they came."""
    foreign: int = 0
    """Answers that fit no state of their name."""
    unseen: int = 0
    """Changes that no answer had, of those that lasted long enough to be asked for."""
    seen: int = 0
    """Changes that some answer had: for each of them the cache had to ask."""

    @property
    def all_s(self) -> list[float]:
        """Of all kinds, sorted."""
        return sorted(late for kind in self.late_s.values() for late in kind)


def at(sorted_values: Sequence[float], share: float) -> float:
    """A percentile."""
    return sorted_values[min(len(sorted_values) - 1, int(len(sorted_values) * share))]


def judge(states: Sequence[State], heard: Heard, *, lasting_s: float = 0.15) -> Judged:
    """Compare what was answered with what was true; a state lasts when it holds `lasting_s`.

    An answer is taken to be of the newest state that it fits and that had begun when it came. It
    is old when the state after that had been acknowledged by then, and late for every such one.
    """
    found = Judged()
    by_name: dict[int, list[State]] = {}
    for state in states:
        by_name.setdefault(state.name, []).append(state)
    begun = {name: [state.begun for state in own] for name, own in by_name.items()}
    late = {name: [0.0] * len(own) for name, own in by_name.items()}
    shown = {name: [False] * len(own) for name, own in by_name.items()}
    for when, name, address in heard.changing:
        own = by_name[name]
        place = bisect_right(begun[name], when) - 1
        while place >= 0 and own[place].address != address:
            place -= 1
        found.answers += 1
        if place < 0:
            found.foreign += 1
            continue
        shown[name][place] = True
        found.old += place + 1 < len(own) and when > own[place + 1].acknowledged
        for missing in range(place + 1, len(own)):
            behind = when - own[missing].acknowledged
            if behind <= 0:
                break
            late[name][missing] = max(late[name][missing], behind)
    for name, own in by_name.items():
        for place in range(1, len(own)):
            found.late_s.setdefault(own[place].kind, []).append(late[name][place])
            lasted = place + 1 < len(own) and own[place + 1].begun - own[place].begun > lasting_s
            found.unseen += lasted and not shown[name][place]
            found.seen += shown[name][place]
    for kind in found.late_s.values():
        kind.sort()
    return found
