"""`python -m bench.scale [--quick] [--rounds=N] [--only=PART] [--services=N] [--endpoints=N]`."""

from __future__ import annotations

import os
import random
import sys
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from bench.dnsperf import LoadError
from bench.load import Generator
from bench.process import ServerError
from bench.processors import Processors, here
from bench.program import end_on_term, require, say
from bench.scale import delay
from bench.scale.design import Design
from bench.scale.lists import fetch_s, measure_relist
from bench.scale.stage import api_server, kubedns
from bench.scale.steady import measure_steady
from bench.scale.targets import PACED_MB_S, Lists, Round, table
from bench.versions import about
from bench.workloads import SEED, Workload
from dnscore.flags import Flags, FlagSet, UsageError
from dnscore.lifecycle import run_program

PROGRAM = "bench.scale"
_say = partial(say, PROGRAM)
PARTS = ("lists", "steady", "delay")
QUERIES_S = 10_000.0
UPDATES_S = 1_000.0
_NEEDED = {
    "dnsperf": "dnsperf",
    "taskset": "util-linux",
    "setpriv": "util-linux",
    "curl": "curl",
}
_ASKED = 4000
"""Names that dnsperf asks for; every eighth is a headless service."""
_DELAY_RATE = 100.0


@dataclass(frozen=True, slots=True)
class Order:
    """What is to be measured, and how long."""

    design: Design
    parts: Sequence[str]
    rounds: int
    relist_s: float
    """Length of a latency run, quiet and with the relist in it: about that of a relist."""
    steady_s: float
    changes: int
    """Writes whose delay is taken, one at a time and as many in a stream."""
    rate: float
    """Queries a second."""
    updates_s: float


def run(argv: Sequence[str]) -> int:
    """Everything behind `python -m bench.scale`. Raises UsageError or StartError."""
    flags = _flags()
    given = flags.parse(argv)
    if given.help_wanted:
        sys.stdout.write(flags.usage())
        return 0
    require(_NEEDED)
    end_on_term()
    order, processors = _order(given), here()
    os.sched_setaffinity(0, {int(processors.load)})
    rounds: list[Round] = []
    failures: list[str] = []
    with tempfile.TemporaryDirectory(prefix="bench-scale-") as scratch:
        for number in range(1, order.rounds + 1):
            rounds.append(Round(others=os.getloadavg()[0]))
            _say(f"round {number}/{order.rounds}, load average {rounds[-1].others:.1f}")
            _round(order, rounds[-1], Path(scratch), processors, failures)
    command = " ".join(["python -m bench.scale", *argv])
    text = _text(order, rounds, failures, command=command, processors=processors)
    print(f"\n{text}")
    if given["results"] and not given["quick"]:
        folder = Path(given["results"])
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "scale.md").write_text(text)
    return 1 if failures else 0


def _flags() -> FlagSet:
    flags = FlagSet(PROGRAM)
    flags.boolean("quick", help="one round, updates for 30 s, nothing written")
    flags.integer("rounds", 3, help="rounds; the median counts", minimum=1)
    flags.repeated("only", help=f"part to run, repeatable: {' '.join(PARTS)}")
    flags.integer("services", 10_000, help="services of the set", minimum=10)
    flags.integer("endpoints", 150_000, help="endpoints of the set", minimum=1)
    flags.integer("per-slice", 100, help="endpoints of a slice", minimum=1, maximum=100)
    flags.duration("steady", 60.0, help="how long updates are watched")
    flags.integer("changes", 500, help="writes whose delay is taken", minimum=1)
    flags.string("results", "bench/results", help="folder for scale.md; empty: none")
    return flags


def _order(given: Flags) -> Order:
    for name in given["only"]:
        if name not in PARTS:
            raise UsageError(f"--only: no part {name!r}; there are {' '.join(PARTS)}")
    design = Design(given["services"], given["endpoints"], given["per-slice"])
    if design.slices < 1 or design.headless >= design.services:
        raise UsageError("--endpoints: from one full slice to one for each service but the last")
    quick, named = given["quick"], given.given
    return Order(
        design=design,
        parts=given["only"] or PARTS,
        rounds=1 if quick and "rounds" not in named else given["rounds"],
        relist_s=1.5,
        steady_s=30.0 if quick and "steady" not in named else given["steady"],
        changes=given["changes"],
        rate=QUERIES_S,
        updates_s=UPDATES_S,
    )


def _round(
    order: Order, found: Round, scratch: Path, processors: Processors, failures: list[str]
) -> None:
    parts: dict[str, Callable[[], None]] = {
        "lists": lambda: _lists_part(order, found, scratch, processors),
        "steady": lambda: _steady_part(order, found, scratch, processors),
        "delay": lambda: _delay_part(order, found, scratch, processors),
    }
    for name in order.parts:
        try:
            parts[name]()
        except (ServerError, LoadError) as error:
            failures.append(f"{name}: {error}")
            _say(f"FAILED  {failures[-1]}")


def workload(design: Design) -> Workload:
    """A of services, every eighth of them headless, in a shuffled order."""
    rng = random.Random(SEED)
    heads = rng.sample(range(design.headless), min(design.headless, _ASKED // 8))
    plain = range(design.headless, design.services)
    numbers = heads + rng.sample(plain, min(len(plain), _ASKED - len(heads)))
    rng.shuffle(numbers)
    lines = tuple(f"{design.service_name(number)} A" for number in numbers)
    return Workload("scale", "A of services", lines, edns=True, warm_queries=len(lines))


def _lists_part(order: Order, found: Round, scratch: Path, cpus: Processors) -> None:
    design, cpu = order.design, cpus.server
    with api_server(design, processors=cpus, rate_mb_s=PACED_MB_S) as api:
        paced_fetch = fetch_s(api, design, cpu=cpu)
        with kubedns(api, design, cpu=cpu, scratch=scratch) as server:
            paced_ready = server.ready - server.first_list
    with api_server(design, processors=cpus) as api:
        fetch = fetch_s(api, design, cpu=cpu)
        with kubedns(api, design, cpu=cpu, scratch=scratch) as server:
            idle_mb, _ = server.process.memory_mb()
            load, asked = Generator(scratch / "load"), workload(design)
            load.warm(asked, server.port, cpu=cpus.load)
            found.relist = measure_relist(
                api,
                server,
                design,
                asked,
                load,
                processors=cpus,
                rate=order.rate,
                seconds=order.relist_s,
            )
            found.lists = Lists(
                start_s=server.first_list - server.begun,
                ready_s=server.ready - server.first_list,
                fetch_s=fetch,
                paced_ready_s=paced_ready,
                paced_fetch_s=paced_fetch,
                idle_mb=idle_mb,
                peak_mb=server.process.memory_mb()[1],
            )
    one = found.lists
    _say(f"lists: {one.ready_s:.2f} s, curl {one.fetch_s:.2f} s, peak {one.peak_mb:.1f} MB")
    said = found.relist
    _say(
        f"relist: {said.seconds:.2f} s, {said.wrong} of {said.asked} answers wrong, "
        f"p99 {said.quiet.p99_us:,.0f} us, meanwhile {said.busy.p99_us:,.0f} us"
    )


def _steady_part(order: Order, found: Round, scratch: Path, cpus: Processors) -> None:
    with (
        api_server(order.design, processors=cpus) as api,
        kubedns(api, order.design, cpu=cpus.server, scratch=scratch) as server,
    ):
        load, asked = Generator(scratch / "load"), workload(order.design)
        load.warm(asked, server.port, cpu=cpus.load)
        found.steady = one = measure_steady(
            api,
            server,
            order.design,
            asked,
            load,
            processors=cpus,
            rate=order.rate,
            updates_s=order.updates_s,
            seconds=order.steady_s,
        )
    _say(
        f"updates: {one.updates}, {one.wrong} of {one.asked} answers wrong, "
        f"p99 {one.latency.p99_us:,.0f} us, busy {one.busy:.0%}, "
        f"{one.start_mb:.1f} to {one.end_mb:.1f} MB"
    )


def _delay_part(order: Order, found: Round, scratch: Path, cpus: Processors) -> None:
    with delay.stage(scratch, processors=cpus) as (api, dns):
        count = order.changes
        found.single = delay.measure_single(api, dns, count=count)
        found.stream = delay.measure_stream(
            api, dns, rate=_DELAY_RATE, count=2 * count, first=count + 1
        )
    for name, one in (("one at a time", found.single), ("100 a second", found.stream)):
        _say(f"delay, {name}: p50 {one.at(0.5) * 1e3:.2f} ms, p99 {one.at(0.99) * 1e3:.2f} ms")


def _text(
    order: Order, rounds: list[Round], failures: list[str], *, command: str, processors: Processors
) -> str:
    design = order.design
    facts = about(command, processors=processors, custom={})
    facts["set"] = (
        f"{design.services:,} services, {design.endpoints:,} endpoints in {design.slices:,} slices"
    )
    facts["load average before each round"] = ", ".join(f"{one.others:.1f}" for one in rounds)
    lines = [f"- {name}: {value}" for name, value in facts.items()]
    lines += [f"- not measured: {line}" for line in failures]
    return "# Scale of kubedns\n\n" + "\n".join(lines) + f"\n\n{table(rounds)}\n"


def main() -> int:
    """The program."""
    return run_program(PROGRAM, run, sys.argv[1:])


if __name__ == "__main__":
    sys.exit(main())
