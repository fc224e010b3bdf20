"""Processors that do not sleep while latencies are measured.

A processor with nothing to do halts, and a virtual one has to be woken by its host, which can
take milliseconds: more than the servers that are to be told apart.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from bench.process import Process

_LOOP = (sys.executable, "-I", "-S", "-c", "while True: pass")


@contextmanager
def awake(cpu: str, *, log: Path) -> Iterator[None]:
    """Keep processors busy with what gives way to everything else (sched(7), SCHED_IDLE)."""
    process = Process(["chrt", "--idle", "0", *_LOOP], cpu=cpu, log=log)
    try:
        yield
    finally:
        process.stop()
