"""`python -m bench.coherence [--quick] [--rounds=N] [--trials=N] [--load=DURATION]`."""

from __future__ import annotations

import os
import random
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from bench.coherence import appearing, changing
from bench.coherence.report import HELD_S, Round, comparison, table
from bench.coherence.stage import DNSMASQ, FRONT, UNTOLD, stage
from bench.coherence.under_load import Loaded, measure_under_load
from bench.process import ServerError
from bench.processors import Processors, here
from bench.program import end_on_term, require, say
from bench.versions import about
from bench.workloads import SEED
from dnscore.flags import Flags, FlagSet
from dnscore.lifecycle import run_program
from gates.tools import find_command

PROGRAM = "bench.coherence"
_say = partial(say, PROGRAM)
_NEEDED = {"taskset": "util-linux", "setpriv": "util-linux"}
_SWITCH_S = 0.0005
"""How long one thread may keep another from noting when something happened."""


@dataclass(frozen=True, slots=True)
class Order:
    """What is to be measured, and how long."""

    rounds: int
    trials: int
    load_s: float


def run(argv: Sequence[str]) -> int:
    """Everything behind `python -m bench.coherence`. Raises UsageError or StartError."""
    flags = _flags()
    given = flags.parse(argv)
    if given.help_wanted:
        sys.stdout.write(flags.usage())
        return 0
    require(_NEEDED)
    end_on_term()
    sys.setswitchinterval(_SWITCH_S)
    order, processors = _order(given), here()
    failures: list[str] = []
    rounds = _rounds(order, processors, failures)
    others = _others(order, processors, failures)
    facts = about(" ".join(["python -m bench.coherence", *argv]), processors=processors, custom={})
    text = _text(facts, failures, rounds, others)
    print(f"\n{text}")
    if given["results"] and not given["quick"]:
        folder = Path(given["results"])
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "coherence.md").write_text(text)
    return 1 if failures else 0


def _flags() -> FlagSet:
    flags = FlagSet(PROGRAM)
    flags.boolean("quick", help="one round of 40 trials and 10 s of load, nothing written")
    flags.integer("rounds", 3, help="rounds; the median counts", minimum=1)
    flags.integer("trials", 200, help="pods that come into being, per round", minimum=1)
    flags.duration("load", 30.0, help="how long names are changed under load")
    flags.string("results", "bench/results", help="folder for coherence.md; empty: none")
    return flags


def _order(given: Flags) -> Order:
    quick, named = given["quick"], given.given
    return Order(
        rounds=1 if quick and "rounds" not in named else given["rounds"],
        trials=40 if quick and "trials" not in named else given["trials"],
        load_s=10.0 if quick and "load" not in named else given["load"],
    )


def _rounds(order: Order, processors: Processors, failures: list[str]) -> list[Round]:
    rounds: list[Round] = []
    for number in range(1, order.rounds + 1):
        _say(f"round {number}/{order.rounds}, load average {os.getloadavg()[0]:.1f}")
        rounds.append(Round())
        try:
            _round(rounds[-1], processors, trials=order.trials, load_s=order.load_s)
        except (ServerError, OSError) as error:
            failures.append(f"round {number}: {error}")
            _say(f"FAILED  {failures[-1]}")
    return rounds


def _others(order: Order, processors: Processors, failures: list[str]) -> dict[str, Loaded]:
    others: dict[str, Loaded] = {}
    for cache in (UNTOLD, DNSMASQ):
        if cache == DNSMASQ and find_command(DNSMASQ) is None:
            continue
        try:
            others[cache] = _compared(cache, processors, load_s=order.load_s)
        except (ServerError, OSError) as error:
            failures.append(f"{cache}: {error}")
            _say(f"FAILED  {failures[-1]}")
    return others


def _round(found: Round, processors: Processors, *, trials: int, load_s: float) -> None:
    chance = random.Random(SEED)
    objects = [*appearing.OBJECTS, *changing.objects()]
    with (
        tempfile.TemporaryDirectory(prefix="bench-coherence-") as scratch,
        stage(Path(scratch), objects, cache=FRONT, cpus=processors.workers) as on_stage,
    ):
        found.held = appearing.measure_held(on_stage, seconds=HELD_S)
        found.appeared = one = appearing.measure_appearing(on_stage, trials=trials, chance=chance)
        _say(
            f"new pod: p50 {one.at(0.5) * 1e3:.1f} ms, p99 {one.at(0.99) * 1e3:.1f} ms, "
            f"{one.negatives_after} negative answers after it"
        )
        found.loaded = measure_under_load(on_stage, seconds=load_s)
        _say(_told(found.loaded))


def _compared(cache: str, processors: Processors, *, load_s: float) -> Loaded:
    with (
        tempfile.TemporaryDirectory(prefix="bench-coherence-") as scratch,
        stage(Path(scratch), changing.objects(), cache=cache, cpus=processors.workers) as on_stage,
    ):
        found = measure_under_load(on_stage, seconds=load_s)
    _say(f"{cache}: {_told(found)}")
    return found


def _told(one: Loaded) -> str:
    late = one.judged.all_s
    return (
        f"{one.changes} changes, old data at most {late[-1] * 1e3:.1f} ms, "
        f"{one.judged.old} of {one.judged.answers} answers old, hits {one.hit_share:.2%}"
    )


def _text(
    facts: dict[str, str], failures: list[str], rounds: list[Round], others: dict[str, Loaded]
) -> str:
    lines = [f"- {name}: {value}" for name, value in facts.items()]
    lines += [f"- not measured: {line}" for line in failures]
    parts = ["# How soon changes show through the front", "\n".join(lines), table(rounds)]
    parts += ["The same load on caches that nobody tells:", comparison(others, rounds)]
    return "\n\n".join(parts) + "\n"


def main() -> int:
    """The program."""
    return run_program(PROGRAM, run, sys.argv[1:])


if __name__ == "__main__":
    sys.exit(main())
