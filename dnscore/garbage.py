"""How seldom CPython looks for garbage that refers to itself; all other is freed at once.

To look takes up to 1 us per object made since the last time (in use, with all else in the caches;
a sixth of it by itself), during which no query is answered. Python's own threshold counts what was
made less what was freed, so thousands of questions that come and go are looked through again and
again, though none of them is such garbage.
"""

from __future__ import annotations

import gc

GARBAGE_MAX = 50_000
"""Objects made and not freed until somebody looks: 2,000 questions to a server that does not answer
are some 25,000. So much garbage is 5 MB or so."""


def collect_seldom() -> None:
    """From now on look when there may be GARBAGE_MAX objects of garbage."""
    gc.set_threshold(GARBAGE_MAX, *gc.get_threshold()[1:])
