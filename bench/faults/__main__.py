"""`python -m bench.faults [--seconds=S] [--rate=N] [--rounds=N]`: what clients feel in a fault.

Two faults, each with real processes and sockets, towards servers that count as off the machine
(see bench.namespace). A stub server that never answers is asked so often that 2,000 questions to
it wait all the time: cached names must answer as fast as before, and nothing of other domains may
fail. Beside it stands what as many questions cost that are answered, and what dnsmasq does. The
forwarder has a processor to itself, and latencies are those of `bench/paced.c`. One of
three upstream servers dies under load, by silence and by a closed port: nobody may see a failure.
Exits 1 when a question to the front failed.
"""

from __future__ import annotations

import os
import signal
import socket
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import nullcontext
from dataclasses import dataclass
from pathlib import Path
from statistics import median

from bench.faults.client import Client, quantile_ms
from bench.faults.crowd import CROWD, Crowd
from bench.faults.servers import Upstream, serving
from bench.latency import Latency
from bench.load import Generator
from bench.namespace import outside_address
from bench.peers import DNSMASQ, OURS, missing
from bench.processors import Processors, here
from bench.workloads import Workload
from dnscore.flags import FlagSet
from dnscore.lifecycle import run_program

PROGRAM = "faults"
_WARM = 200
_PACED = 2000.0
"""Questions a second whose latency is measured, beside those of `--rate`."""
_SPAN_S = 0.5
"""Latencies are those of the middle one of the spans of a run."""
_CACHED, _NEW, _SILENT = "cached.test", "new.test", "stub.test"
_KILLS = {"silence": signal.SIGSTOP, "a closed port": signal.SIGKILL}
_BEFORE, _ANSWERED, _UNANSWERED = "no crowd", "an answered crowd", "an unanswered crowd"


@dataclass(frozen=True, slots=True)
class Waits:
    """The p99 of cached names (ms) by what was beside them, and how many questions failed."""

    p99: dict[str, float]
    failed: int


@dataclass(frozen=True, slots=True)
class Stage:
    """What all of it has in common."""

    host: str
    """Where servers are that count as off the machine."""
    cpus: Processors
    load: Generator
    rate: float
    seconds: float

    def latency(self, port: int) -> Latency:
        """Of cached names."""
        lines = tuple(f"name{number}.{_CACHED} A" for number in range(_WARM))
        return self.load.latency(
            Workload("cached", "names that are cached", lines),
            port,
            seconds=self.seconds,
            rate=_PACED,
            processors=self.cpus,
            span_s=_SPAN_S,
        )


def silent_stub(peer: str, stage: Stage, *, limit: int) -> Waits:
    """Cached names without a crowd and beside two, one of which nobody answers."""
    host, cpu = stage.host, stage.cpus.server
    upstream, silent = Upstream(host), socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    silent.bind((host, 0))
    stub = f"--server=/{_SILENT}/{host}#{silent.getsockname()[1]}"
    try:
        flags = [stub, f"--server={upstream.flag}", f"--dns-forward-max={limit}"]
        with serving(peer, *flags, cpu=cpu) as port:
            return _beside_crowds(stage, Client(port), port)
    finally:
        upstream.close()
        silent.close()


def _beside_crowds(stage: Stage, client: Client, port: int) -> Waits:
    rate = stage.rate
    client.run(_cached(), rate=rate, seconds=_WARM / rate, each=lambda: None)
    p99, said = {}, ""
    for beside, domain in ((_BEFORE, ""), (_ANSWERED, _NEW), (_UNANSWERED, _SILENT)):
        with Crowd(port, domain) if domain else nullcontext() as crowd:
            with ThreadPoolExecutor(1) as pool:
                measured = pool.submit(stage.latency, port)
                client.run(_mixed(), rate=rate, seconds=stage.seconds, each=lambda: None)
            waits = measured.result()
        said = crowd.said if crowd else ""
        client.answered.failed += waits.lost
        p99[beside] = waits.p99_us / 1000
        print(
            f"  {beside}: cached names p50 {waits.p50_us / 1000:.2f} ms, "
            f"p99 {p99[beside]:.2f} ms, p99.9 {waits.p999_us / 1000:.2f} ms",
            flush=True,
        )
    print(f"  other domains and cached names, failed: {client.answered.failed}; {said}", flush=True)
    return Waits(p99, client.answered.failed)


def silent_stub_rounds(peer: str, stage: Stage, *, rounds: int) -> int:
    """Each limit of outstanding questions so often; how many questions failed."""
    failed = 0
    for limit in (150, 5000):
        print(f"{peer}, {CROWD} questions to a silent stub server, --dns-forward-max={limit}")
        found = [silent_stub(peer, stage, limit=limit) for _ in range(rounds)]
        for beside in found[0].p99:
            p99 = sorted(waits.p99[beside] for waits in found)
            middle = f"{median(p99):.2f} ms ({p99[0]:.2f} to {p99[-1]:.2f})"
            print(f"  => p99 of cached names, {beside}: {middle}")
        failed += sum(waits.failed for waits in found)
    return failed


def dying_upstream(stage: Stage, *, by: signal.Signals) -> int:
    """One of three servers dies in the middle; how many questions failed."""
    upstreams, seconds = [Upstream(stage.host) for _ in range(3)], stage.seconds
    flags = [f"--server={upstream.flag}" for upstream in upstreams]
    try:
        with serving(OURS, *flags, cpu=stage.cpus.server) as port:
            client, died = Client(port), [0.0]
            begin = time.monotonic()

            def die() -> None:
                if not died[0] and time.monotonic() > begin + seconds / 2:
                    max(upstreams, key=lambda upstream: upstream.count.value).fail(by)
                    died[0] = time.monotonic()

            client.run(_new(), rate=stage.rate, seconds=seconds, each=die)
            first_s = 0.5
            for when, since, until in (
                ("before", begin, died[0]),
                (f"first {first_s} s", died[0], died[0] + first_s),
                ("later", died[0] + first_s, float("inf")),
            ):
                print(f"  {when}: {_waits(client.answered.between(since, until))}")
            print(f"  failed: {client.answered.failed}")
            return client.answered.failed
    finally:
        for upstream in upstreams:
            upstream.close()


def _waits(waits: list[float]) -> str:
    p50, p99, worst = (quantile_ms(waits, share) for share in (0.5, 0.99, 1.0))
    return f"{len(waits)} answers, p50 {p50:.2f} ms, p99 {p99:.2f} ms, longest {worst:.1f} ms"


def _cached() -> Iterator[str]:
    while True:
        yield from (f"name{number}.{_CACHED}" for number in range(_WARM))


def _mixed() -> Iterator[str]:
    """Nine cached names, then one that another server is asked for."""
    cached, new = _cached(), _new()
    while True:
        for _ in range(9):
            yield next(cached)
        yield next(new)


def _new() -> Iterator[str]:
    number = time.monotonic_ns()
    while True:
        number += 1
        yield f"n{number}.{_NEW}"


def run(argv: Sequence[str]) -> int:
    """Everything behind the command line. Raises UsageError."""
    flags = FlagSet(PROGRAM)
    flags.duration("seconds", 10.0, help="how long each part is measured")
    flags.integer("rate", 500, help="questions per second", minimum=10, maximum=5000)
    flags.integer("rounds", 1, help="how often the silent server is tried", minimum=1, maximum=99)
    given = flags.parse(argv)
    if given.help_wanted:
        sys.stdout.write(flags.usage())
        return 0
    rounds, cpus = given["rounds"], here()
    os.sched_setaffinity(0, {int(cpus.load)})  # With all that is forked from here.
    with outside_address() as host, tempfile.TemporaryDirectory() as folder:
        load = Generator(Path(folder) / "load")
        stage = Stage(host, cpus, load, float(given["rate"]), given["seconds"])
        failed = silent_stub_rounds(OURS, stage, rounds=rounds)
        gone = missing([DNSMASQ], custom={})
        for line in gone.values():
            print(line)
        if not gone:
            silent_stub_rounds(DNSMASQ, stage, rounds=rounds)
        for name, by in _KILLS.items():
            print(f"one of three upstream servers dies by {name}")
            failed += dying_upstream(stage, by=by)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(run_program(PROGRAM, run, sys.argv[1:]))
