"""What a process holds: resident memory, and what Python has allocated and not given back."""

from __future__ import annotations

import gc
import os
import tracemalloc
from collections.abc import Callable
from pathlib import Path


def resident_kib(pid: int | None = None) -> int:
    """Resident memory of a process, of this one by default."""
    statm = Path(f"/proc/{pid or os.getpid()}/statm").read_text()
    return int(statm.split()[1]) * os.sysconf("SC_PAGE_SIZE") // 1024


def growth(repeat: Callable[[], None]) -> int:
    """Octets that the second of two equal runs leaves behind more than the first one did.

    Whatever is kept for what was asked is there after the first; more would be a leak.
    """
    tracemalloc.start()
    try:
        sizes = []
        for _ in range(2):
            repeat()
            gc.collect()
            sizes.append(tracemalloc.get_traced_memory()[0])
    finally:
        tracemalloc.stop()
    return sizes[1] - sizes[0]
