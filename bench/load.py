"""Load by dnsperf (DNS-OARC): maximum rate, and latency at a fixed rate."""

from __future__ import annotations

import re
import subprocess
import tempfile
from dataclasses import dataclass
from pathlib import Path

from bench.workloads import Workload

LOAD_CPU = "1"
"""The processor of dnsperf and of servers behind the one measured, which has the other."""


class LoadError(Exception):
    """dnsperf could not be run or its output not be read."""


@dataclass(frozen=True, slots=True)
class Load:
    """What dnsperf reports of one run."""

    completed: int
    lost: int
    seconds: float
    rcodes: str

    @property
    def qps(self) -> float:
        """Queries answered per second."""
        return self.completed / self.seconds if self.seconds else 0.0


@dataclass(frozen=True, slots=True)
class Latency:
    """Microseconds that a share of the queries stays below."""

    p50_us: float
    p99_us: float
    p999_us: float


def maximum(workload: Workload, port: int, *, host: str, seconds: float) -> Load:
    """Ask as fast as the server answers."""
    return _summary(_run(workload, port, host=host, extra=["-l", f"{seconds:g}"]))


def passes(workload: Workload, port: int, *, host: str, times: int) -> Load:
    """Run through the queries so many times, for warming."""
    return _summary(_run(workload, port, host=host, extra=["-n", str(times)]))


def latency(workload: Workload, port: int, *, host: str, seconds: float, rate: float) -> Latency:
    """Ask at a fixed rate, in queries per second, and sort the answers' times."""
    extra = ["-l", f"{seconds:g}", "-Q", str(max(1, int(rate))), "-v"]
    times = sorted(
        float(line.rsplit(" ", 1)[1])
        for line in _run(workload, port, host=host, extra=extra).splitlines()
        if line.startswith("> ") and not line.startswith("> T ")
    )
    if not times:
        raise LoadError(f"{workload.name}: no query was answered")

    def at(share: float) -> float:
        return times[min(len(times) - 1, int(len(times) * share))] * 1e6

    return Latency(at(0.5), at(0.99), at(0.999))


def _run(workload: Workload, port: int, *, host: str, extra: list[str]) -> str:
    with tempfile.TemporaryDirectory() as scratch:
        data = Path(scratch, "queries")
        data.write_text("\n".join(workload.lines) + "\n")
        words = ["taskset", "-c", LOAD_CPU, "dnsperf", "-s", host, "-p", str(port)]
        words += ["-d", str(data), "-c", str(workload.clients), "-q", str(workload.outstanding)]
        words += ["-t", "2", "-W", "-O", "suppress=timeout,congestion,sendfailed"]
        words += ["-e"] if workload.edns else []
        words += ["-m", "tcp"] if workload.tcp else []
        done = subprocess.run([*words, *extra], capture_output=True, text=True, check=False)
    if done.returncode:
        raise LoadError(f"{workload.name}: dnsperf: {done.stderr.strip() or done.stdout[-300:]}")
    return done.stdout


def _summary(text: str) -> Load:
    def number(pattern: str) -> float:
        found = re.search(pattern, text)
        if found is None:
            raise LoadError(f"dnsperf said nothing of {pattern!r}: {text[-300:]}")
        return float(found.group(1))

    codes = re.search(r"Response codes: +(.*)", text)
    return Load(
        completed=int(number(r"Queries completed: +(\d+)")),
        lost=int(number(r"Queries lost: +(\d+)")),
        seconds=number(r"Run time \(s\): +([\d.]+)"),
        rcodes=codes.group(1) if codes else "",
    )
