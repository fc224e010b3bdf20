"""Tests of what must be freed without the garbage collector."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def collector_away() -> Iterator[None]:
    """What refers to itself is not freed in here; see dnscore/garbage.py."""
    gc.collect()
    gc.disable()
    try:
        yield
    finally:
        gc.enable()
