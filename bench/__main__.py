"""`python -m bench [--quick] [--rounds=N] [--seconds=S] [--only=WORKLOAD] [--results=DIR]`."""

from __future__ import annotations

import os
import platform
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

from bench import peers, plan, report
from bench.cluster import backends
from bench.idle import idle_memory
from bench.load import LoadError
from bench.measure import Case, Result, measure
from bench.namespace import outside_address
from bench.peers import Setting
from bench.process import ServerError, free_port
from bench.targets import Round
from dnscore.flags import FlagSet
from dnscore.lifecycle import StartError, run_program

PROGRAM = "bench"


def run(argv: Sequence[str]) -> int:
    """Everything behind `python -m bench`. Raises UsageError or StartError."""
    flags = FlagSet(PROGRAM)
    flags.boolean("quick", help="headline ratios only, in under a minute")
    flags.integer("rounds", 3, help="rounds; the median counts", minimum=1)
    flags.duration("seconds", 4.0, help="length of a run")
    flags.repeated("only", help="workload to run, repeatable")
    flags.string("results", "bench/results", help="folder for the results")
    given = flags.parse(argv)
    if given.help_wanted:
        sys.stdout.write(flags.usage())
        return 0
    try:
        custom = peers.custom_peers(os.environ.get("BENCH_PEERS", ""))
    except ValueError as error:
        raise StartError(f"BENCH_PEERS: {error}") from None
    quick = given["quick"]
    cases = plan.quick() if quick else plan.full(list(custom))
    cases = [case for case in cases if not given["only"] or case.workload.name in given["only"]]
    for line in peers.missing(sorted({case.peer for case in cases})):
        print(f"bench: {line}: left out of the figures")
        cases = [case for case in cases if case.peer != line.split()[0]]
    rounds_count = 1 if quick else given["rounds"]
    seconds = 2.0 if quick else given["seconds"]
    with tempfile.TemporaryDirectory() as scratch:
        rounds, memory = _rounds(
            cases, Path(scratch), rounds=rounds_count, seconds=seconds, custom=custom
        )
    print(f"\n{report.ratios(rounds)}\n\n{report.table(rounds)}")
    if not quick:
        command = f"python -m bench --rounds={rounds_count} --seconds={seconds:g}s"
        about = _about(command, rounds_count)
        report.write(rounds, Path(given["results"]), about=about, memory=memory)
        print(f"\nwritten to {given['results']}/")
    return 0


def _rounds(
    cases: list[Case], scratch: Path, *, rounds: int, seconds: float, custom: dict[str, str]
) -> tuple[list[Round], dict[str, float]]:
    responder = scratch / "responder"
    source = Path(__file__).parent / "responder.c"
    try:
        subprocess.run(["cc", "-O2", "-o", str(responder), str(source)], check=True)
    except (OSError, subprocess.CalledProcessError) as error:
        raise StartError(f"the C responder cannot be compiled; is there a cc? {error}") from None
    done: list[Round] = []
    with outside_address() as outside, backends(scratch, responder, outside_host=outside) as behind:
        memory = idle_memory(behind, scratch)
        for number in range(rounds):
            results: dict[tuple[str, str], Result] = {}
            rates: dict[str, float] = {}
            for case in cases:
                setting = Setting(free_port(), case.cache, behind, scratch, responder)
                rate = rates.get(case.workload.name)
                try:
                    result = measure(case, setting, seconds=seconds, rate=rate, custom=custom)
                except (ServerError, LoadError) as error:
                    print(f"bench: {case.workload.name} {case.peer}: FAILED: {error}", flush=True)
                    continue
                results[case.key] = result
                rates.setdefault(case.workload.name, result.rate)
                print(_line(number + 1, rounds, result), flush=True)
            done.append(results)
    return done, memory


def _line(number: int, rounds: int, result: Result) -> str:
    return (
        f"round {number}/{rounds}  {result.workload:13} {result.peer:9} {result.qps:9,.0f} q/s"
        f"  {result.cpu_us:6.2f} us/query  p99 {result.p99_us:8,.0f} us  lost {result.lost}"
        f"  {result.peak_mb:5.1f} MB  {result.rcodes}"
    )


def _about(command: str, rounds: int) -> dict[str, str]:
    return {
        "command": f"`{command}`",
        "rounds": str(rounds),
        "Python": platform.python_version(),
        "kernel": platform.release(),
        "processors": f"{os.cpu_count()} ({_processor()}); one for the server, one for the load",
        "dnsmasq": _version("dnsmasq", "--version"),
        "unbound": _version("unbound", "-V"),
        "dnsperf": _version("dnsperf", "-h"),
    }


def _processor() -> str:
    for line in Path("/proc/cpuinfo").read_text().splitlines():
        if line.startswith("model name"):
            return line.partition(":")[2].strip()
    return platform.machine()


def _version(program: str, flag: str) -> str:
    try:
        done = subprocess.run([program, flag], capture_output=True, text=True, check=False)
    except OSError:
        return "missing"
    return next(
        (text for text in (done.stdout + done.stderr).splitlines() if "ersion" in text), "unknown"
    ).strip()


def main() -> int:
    """The program."""
    return run_program(PROGRAM, run, sys.argv[1:])


if __name__ == "__main__":
    sys.exit(main())
