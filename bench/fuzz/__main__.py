"""`python -m bench.fuzz kubedns --queries=1000000 --responses=100000 --seed=1`.

Asks a handler in this process, then a real kubedns over sockets, then gives bad API responses to
the watch side. Exits 1 with the first findings: an exception that escaped, a query that can be
answered and was not, a wrong tree after recovery, memory that grows.
"""

from __future__ import annotations

import gc
import sys
import time
from collections.abc import Callable, Sequence

from bench.fuzz.answering import Asking, Found
from bench.fuzz.daemon import daemon
from bench.fuzz.memory import growth, resident_kib
from bench.fuzz.responding import Responding
from dnscore.flags import FlagSet, UsageError
from dnscore.lifecycle import run_program

PROGRAM = "bench.fuzz"
LEAK_OCTETS = 64 * 1024
"""Over a run of inputs that were all seen before."""
LEAK_RUN = 20_000
RESIDENT_KIB = 16 * 1024
"""What the allocator may keep between two halves of a run."""


def run(argv: Sequence[str]) -> int:
    """Everything behind `python -m bench.fuzz`. Raises UsageError."""
    flags = FlagSet(PROGRAM)
    flags.integer("queries", 1_000_000, help="queries to a handler in this process", minimum=0)
    flags.integer("over-sockets", 50_000, help="queries to a real kubedns", minimum=0)
    flags.integer("responses", 100_000, help="API responses", minimum=0)
    flags.integer("seed", 1, help="where the randomness begins")
    words = [word for word in argv if word != "kubedns"]
    given = flags.parse(words)
    if given.help_wanted:
        print(flags.usage().replace("[flags]", "kubedns [flags]"))
        return 0
    if given.rest or len(words) == len(argv):
        raise UsageError("what to fuzz? python -m bench.fuzz kubedns")
    seed: int = given["seed"]
    good = True
    if given["queries"]:
        good &= ask_handler(given["queries"], seed)
    if given["over-sockets"]:
        good &= ask_daemon(given["over-sockets"], seed)
    if given["responses"]:
        good &= respond(given["responses"], seed)
    return 0 if good else 1


def ask_handler(count: int, seed: int) -> bool:
    """Queries to a handler here; whether all was well."""
    asking = Asking(seed)
    asking.run(count // 2)
    before = _settled_kib()
    taken = _timed(lambda: asking.run(count - count // 2, seed=seed + 1))
    after = _settled_kib()
    known = min(LEAK_RUN, count)
    asking.run(known)
    left = growth(lambda: asking.run(known))
    _check_growth(asking.found, after - before, left)
    counts = " ".join(f"{name}={number}" for name, number in sorted(asking.found.answered.items()))
    _say(f"handler: {count} queries ({counts}), {(count - count // 2) / taken:.0f} a second")
    return _report(asking.found, before, after, left)


def ask_daemon(count: int, seed: int) -> bool:
    """Queries to a real process; whether all was well."""
    with daemon() as running:
        running.run(count // 2, seed=seed)
        before = running.resident_kib
        taken = _timed(lambda: running.run(count - count // 2, seed=seed + 1))
        after = running.resident_kib
        _check_growth(running.found, after - before, 0)
        for word in ("a query failed", "a callback failed", "Traceback"):
            for line in running.log_lines(word):
                running.found.bad(f"logged: {line}")
        if running.process.poll() is not None:
            running.found.bad(f"kubedns ended with {running.process.returncode}")
    counts = " ".join(f"{name}={number}" for name, number in running.found.answered.items())
    _say(f"daemon: {count} queries ({counts}), {(count - count // 2) / taken:.0f} a second")
    return _report(running.found, before, after, 0)


def respond(count: int, seed: int) -> bool:
    """API responses to the watch side; whether all was well."""
    responding = Responding(seed)
    responding.run(count // 2)
    before = _settled_kib()
    taken = _timed(lambda: responding.run(count - count // 2))
    after = _settled_kib()
    left = growth(lambda: responding.run(min(2000, count)))
    _check_growth(responding.found, after - before, left)
    counts = " ".join(f"{name}={number}" for name, number in responding.found.answered.items())
    batches = responding.served.applied
    rate = (count - count // 2) / taken
    _say(f"API: {count} responses ({counts}), {batches} batches applied, {rate:.0f} a second")
    return _report(responding.found, before, after, left)


def _timed(work: Callable[[], None]) -> float:
    started = time.monotonic()
    work()
    return time.monotonic() - started


def _settled_kib() -> int:
    gc.collect()
    return resident_kib()


def _check_growth(found: Found, kib: int, left: int) -> None:
    if kib > RESIDENT_KIB:
        found.bad(f"resident memory has grown by {kib} KiB in the second half")
    if left > LEAK_OCTETS:
        found.bad(f"{left} octets more after a run of known input")


def _report(found: Found, before: int, after: int, left: int) -> bool:
    _say(
        f"  {found.total} findings; resident {before} KiB after the first half, {after} KiB after "
        f"the second; {left} octets left by known input"
    )
    for text in found.findings:
        _say(f"  FOUND {text}")
    return not found.total


def _say(line: str) -> None:
    print(line, flush=True)


def main() -> int:
    """The program."""
    return run_program(PROGRAM, run, sys.argv[1:])


if __name__ == "__main__":
    sys.exit(main())
