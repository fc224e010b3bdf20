"""The rounds: every server under every workload, one after another, with progress shown."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from bench import changes
from bench.cluster import Backends, backends
from bench.compiled import compiled
from bench.dnsperf import LoadError
from bench.idle import idle_memory
from bench.load import Generator
from bench.measure import Case, Result, measure
from bench.namespace import outside_address
from bench.peers import Setting
from bench.process import ServerError
from bench.processors import Processors
from bench.report import Findings
from bench.workloads import Workload
from dnscore.lifecycle import StartError

Say = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Order:
    """What is to be measured."""

    cases: Sequence[Case]
    changes: Workload | None
    """What kubedns is asked while other names change; None leaves that out."""
    memory: bool
    rounds: int
    seconds: float
    """Length of a run at the maximum rate; at a fixed rate it is half of that."""
    custom: Mapping[str, str]


def run_rounds(order: Order, scratch: Path, *, processors: Processors, say: Say) -> Findings:
    """Start what stands behind, and measure. Raises StartError when that cannot be started."""
    responder = compiled("responder", scratch)
    found = Findings(processors=processors.count)
    try:
        with (
            outside_address() as outside,
            backends(scratch, responder, outside_host=outside, processors=processors) as behind,
        ):
            _Run(order, behind, scratch, responder, processors, say).into(found)
    except ServerError as error:
        raise StartError(f"what stands behind the servers did not start: {error}") from None
    return found


@dataclass(frozen=True, slots=True)
class _Run:
    order: Order
    behind: Backends
    scratch: Path
    responder: Path
    processors: Processors
    say: Say

    def into(self, found: Findings) -> None:
        load = Generator(self.scratch / "load")
        if self.order.memory:
            try:
                found.memory_mb = idle_memory(self._setting())
            except ServerError as error:
                self._failed(found, f"idle memory: {error}")
        for number in range(1, self.order.rounds + 1):
            found.rounds.append({})
            self._round(number, found, load)

    def _round(self, number: int, found: Findings, load: Generator) -> None:
        order, results = self.order, found.rounds[-1]
        # All servers of a workload get the rate that the first one set.
        rates: dict[str, float] = {}

        def keep(result: Result) -> None:
            results[result.key] = result
            self.say(_line(number, order.rounds, result))

        for case in order.cases:
            name = case.workload.name
            try:
                result = measure(
                    case,
                    self._setting(),
                    load,
                    seconds=order.seconds,
                    rate=rates.get(name),
                    custom=order.custom,
                )
            except (ServerError, LoadError) as error:
                self._failed(found, f"round {number}: {name} {case.peer}: {error}")
                continue
            rates.setdefault(name, result.rate)
            keep(result)
        if order.changes is not None:
            try:
                for result in changes.measure_changes(
                    order.changes, self._setting(), load, seconds=order.seconds
                ):
                    keep(result)
            except (ServerError, LoadError) as error:
                self._failed(found, f"round {number}: {changes.NAME}: {error}")

    def _setting(self) -> Setting:
        return Setting(
            port=self.behind.under_test,
            cache=1000,
            backends=self.behind,
            scratch=self.scratch,
            responder=self.responder,
            processors=self.processors,
        )

    def _failed(self, found: Findings, line: str) -> None:
        found.failures.append(line)
        self.say(f"FAILED  {line}")


def _line(number: int, rounds: int, result: Result) -> str:
    p99 = f"p99 {result.p99_us:6,.0f} us" if result.p99_us else " " * 13
    return (
        f"round {number}/{rounds}  {result.workload:13} {result.peer:9} {result.qps:9,.0f} q/s"
        f"  {result.cpu_us:6.2f} us/query  {p99}  lost {result.lost}"
        f"  {result.peak_mb:5.1f} MB  {result.rcodes}"
    )
