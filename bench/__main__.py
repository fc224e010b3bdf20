"""`python -m bench [--quick] [--rounds=N] [--seconds=S] [--only=WORKLOAD] [--results=DIR]`."""

from __future__ import annotations

import importlib.util
import os
import sys
import tempfile
from collections.abc import Mapping, Sequence
from functools import partial
from pathlib import Path

from bench import changes, peers, plan, report
from bench.measure import Case
from bench.processors import here
from bench.program import end_on_term, require, say
from bench.rounds import Order, run_rounds
from bench.versions import about
from bench.workloads import all_workloads
from dnscore.flags import Flags, FlagSet, UsageError
from dnscore.lifecycle import StartError, run_program

PROGRAM = "bench"
_say = partial(say, PROGRAM)
_NEEDED = {"dnsperf": "dnsperf"} | dict.fromkeys(("taskset", "setpriv", "chrt"), "util-linux")
_QUICK_S = 1.5


def run(argv: Sequence[str]) -> int:
    """Everything behind `python -m bench`. Raises UsageError or StartError."""
    flags = _flags()
    given = flags.parse(argv)
    if given.help_wanted:
        sys.stdout.write(flags.usage())
        return 0
    end_on_term()
    order = _order(given)
    if not given["quick"] and importlib.util.find_spec("matplotlib") is None:
        raise StartError("the plot needs matplotlib: `make bench` installs it; or use --quick")
    processors = here()
    if processors.count == 1:
        _say("one processor only: server and load share it, and the figures say little")
    # The API server runs in this process, and must not take from the processor that is measured.
    os.sched_setaffinity(0, {int(processors.load)})
    with tempfile.TemporaryDirectory(prefix="bench-") as scratch:
        found = run_rounds(order, Path(scratch), processors=processors, say=_say)
    print(f"\n{report.targets(found)}\n\n{report.NOTES}\n\n{report.table(found.rounds)}")
    if not given["quick"]:
        command = " ".join(["python -m bench", *argv])
        facts = about(command, processors=processors, custom=order.custom)
        report.write(found, Path(given["results"]), about=facts)
        print(f"\nwritten to {Path(given['results'])}/")
    for line in found.failures:
        print(f"{PROGRAM}: FAILED  {line}", file=sys.stderr)
    return 1 if found.failures else 0


def _flags() -> FlagSet:
    flags = FlagSet(PROGRAM)
    flags.boolean("quick", help="headline ratios only, one short round, nothing written")
    flags.integer("rounds", 3, help="rounds; the median counts", minimum=1)
    flags.duration("seconds", 2.0, help="length of a run at the maximum rate")
    flags.repeated("only", help="workload to run, repeatable; `changes` and `memory` too")
    flags.string("results", "bench/results", help="folder for the results")
    return flags


def _order(given: Flags) -> Order:
    require(_NEEDED)
    try:
        custom = peers.custom_peers(os.environ.get("BENCH_PEERS", ""))
    except ValueError as error:
        raise StartError(f"BENCH_PEERS: {error}") from None
    quick, only = given["quick"], given["only"]
    extra = {changes.NAME: not quick, "memory": True}
    work = all_workloads()
    for name in only:
        if name not in (*work, *extra):
            raise UsageError(f"--only: no workload {name!r}; there are {' '.join((*work, *extra))}")
    cases = plan.quick(custom) if quick else plan.full(custom)
    wanted = {name: name in only if only else default for name, default in extra.items()}
    return Order(
        cases=_present([case for case in cases if not only or case.workload.name in only], custom),
        changes=work["warm"] if wanted[changes.NAME] else None,
        memory=wanted["memory"],
        rounds=1 if quick and "rounds" not in given.given else given["rounds"],
        seconds=_QUICK_S if quick and "seconds" not in given.given else given["seconds"],
        custom=custom,
    )


def _present(cases: list[Case], custom: Mapping[str, str]) -> list[Case]:
    """The cases whose server is here; the others are named."""
    gone = peers.missing(dict.fromkeys(case.peer for case in cases), custom=custom)
    for line in gone.values():
        _say(f"{line}: left out of the figures")
    return [case for case in cases if case.peer not in gone]


def main() -> int:
    """The program."""
    return run_program(PROGRAM, run, sys.argv[1:])


if __name__ == "__main__":
    sys.exit(main())
