"""`python -m bench.bounded [--names=N] [--cache-size=N]`: many names through a small cache.

Each name is asked once, answered by a server that is not there, and never asked again, in one
process at full speed. Afterwards the process must be as large as when the cache was full for the
first time. Exits 1 when it is not.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from bench.in_process import NullVia, PureFront, resident_mb
from dnscore.flags import FlagSet
from dnscore.lifecycle import run_program
from dnsmasq_front.asked import ENTRIES_MAX as ASKED_MAX
from dnsmasq_front.cache import CacheOptions

PROGRAM = "bounded"
GROWTH_MB = 4.0
"""What the allocator may keep beside what is used."""
LOOKS = 20
_QUERY = b"\x01\x00\x00\x01\x00\x00\x00\x00\x00\x00"
_RESPONSE = b"\x81\x80\x00\x01\x00\x01\x00\x00\x00\x00"
_TAIL = b"\x04some\x09namespace\x03svc\x04test\x00\x00\x01\x00\x01"
_RECORD = b"\xc0\x0c\x00\x01\x00\x01\x00\x00\x0e\x10\x00\x04"


@dataclass(slots=True)
class Figures:
    """Sizes of the process: when cache and known packets were full, and from then on."""

    full_mb: float = 0.0
    later_mb: list[float] = field(default_factory=list)
    records: int = 0
    octets: int = 0
    per_s: float = 0.0

    @property
    def growth_mb(self) -> float:
        """How much larger it ever was than when the cache was full."""
        return max(self.later_mb, default=self.full_mb) - self.full_mb


def pour(names: int, *, cache_size: int, say: Callable[[str], None]) -> Figures:
    """Ask that many names, and look at the memory meanwhile."""
    front = PureFront(options=CacheOptions(records=cache_size))
    figures, via, began = Figures(), NullVia(), time.monotonic()
    full = min(max(3 * cache_size, 2 * ASKED_MAX), names // 2)
    for number in range(names):
        id_ = (number & 0xFFFF).to_bytes(2, "big")
        question = b"\x0a%010d" % number + _TAIL
        front.ask(id_ + _QUERY + question, via)
        front.reply_to_latest(id_ + _RESPONSE + question + _RECORD + number.to_bytes(4, "big"))
        front.advance(0.0001)
        if number == full:
            figures.full_mb = resident_mb()
        elif number > full and number % max(1, names // LOOKS) == 0:
            figures.later_mb.append(resident_mb())
            say(f"{number} names: {figures.later_mb[-1]:.1f} MB")
    figures.later_mb.append(resident_mb())
    figures.records, figures.octets = front.cache.records, front.cache.bytes
    figures.per_s = names / (time.monotonic() - began)
    if via.count != names or front.failures:
        raise AssertionError(f"{via.count} of {names} answered, {front.failures[:1]}")
    return figures


def run(argv: Sequence[str]) -> int:
    """Everything behind the command line. Raises UsageError."""
    flags = FlagSet(PROGRAM)
    flags.integer("names", 10_000_000, help="distinct names", minimum=1)
    flags.integer("cache-size", 10_000, help="records of the cache", minimum=1)
    given = flags.parse(argv)
    if given.help_wanted:
        sys.stdout.write(flags.usage())
        return 0
    names = given["names"]
    figures = pour(names, cache_size=given["cache-size"], say=lambda line: print(line, flush=True))
    print(
        f"{names} names, {figures.per_s:.0f}/s; the cache has {figures.records} records in "
        f"{figures.octets} octets; {figures.full_mb:.1f} MB when it was full, "
        f"{figures.later_mb[-1]:.1f} MB now, {figures.growth_mb:+.1f} MB at most"
    )
    return 0 if figures.growth_mb <= GROWTH_MB else 1


if __name__ == "__main__":
    sys.exit(run_program(PROGRAM, run, sys.argv[1:]))
