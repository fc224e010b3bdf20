"""Runs the load generators: dnsperf (DNS-OARC) to warm and for the maximum, paced for latency.

Output goes to a file: a pipe would have this process read it on a processor that the figures need.
"""

from __future__ import annotations

import math
import subprocess
from collections.abc import Sequence
from pathlib import Path

from bench import paced
from bench.awake import awake as kept_awake
from bench.compiled import compiled
from bench.dnsperf import Load, LoadError, summary, together
from bench.latency import TIMEOUT_S, Latency, latency
from bench.process import leashed
from bench.processors import Processors
from bench.workloads import Workload, warming

HOST = "127.0.0.1"
_WARM_S = 15
_GRACE_S = 10.0
"""How much longer than asked for dnsperf may take before it is killed."""


class Generator:
    """Both, with their files in a folder of their own."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._paced: Path | None = None
        folder.mkdir(exist_ok=True)

    def warm(self, workload: Workload, port: int, *, cpu: str) -> Load:
        """Ask the last `warm_queries` of the workload once: measuring goes on from there."""
        data = self._data(f"{workload.name}.warm", warming(workload))
        return self._run(workload, port, data=data, cpus=[cpu], seconds=_WARM_S, extra=["-n", "1"])

    def maximum(
        self, workload: Workload, port: int, *, seconds: float, cpus: Sequence[str]
    ) -> Load:
        """Ask as fast as the server answers, from one load generator on each of `cpus`."""
        data = self._data(workload.name, workload.lines)
        return self._run(workload, port, data=data, cpus=cpus, seconds=seconds, extra=[])

    def latency(
        self,
        workload: Workload,
        port: int,
        *,
        seconds: float,
        rate: float,
        processors: Processors,
        span_s: float = math.inf,
    ) -> Latency:
        """Ask at a fixed rate, in queries per second. Only over UDP.

        `span_s` is as for `bench.latency.latency`. Raises LoadError, and StartError without a cc.
        """
        if self._paced is None:
            self._paced = compiled("paced", self._folder)
        cpu = processors.load
        with kept_awake(processors.server, log=self._folder / "awake.log"):
            answers = paced.ask(self._paced, workload, port, seconds=seconds, rate=rate, cpu=cpu)
        try:
            return latency(answers, span_s=span_s)
        except ValueError as error:
            raise LoadError(f"{workload.name}: {error}") from None

    def _data(self, name: str, lines: Sequence[str]) -> Path:
        path = self._folder / f"{name}.queries"
        if not path.exists():
            path.write_text("\n".join(lines) + "\n")
        return path

    def _output(self, number: int) -> Path:
        return self._folder / f"dnsperf-{number}.out"

    def _run(
        self,
        workload: Workload,
        port: int,
        *,
        data: Path,
        cpus: Sequence[str],
        seconds: float,
        extra: Sequence[str],
    ) -> Load:
        words = ["dnsperf", "-s", HOST, "-p", str(port), "-d", str(data), "-l", f"{seconds:g}"]
        words += ["-c", str(workload.clients), "-q", str(workload.outstanding)]
        words += ["-t", f"{TIMEOUT_S:g}", "-W", "-O", "suppress=timeout,congestion,sendfailed"]
        words += ["-e"] if workload.edns else []
        words += ["-m", "tcp"] if workload.tcp else []
        running: list[subprocess.Popen[bytes]] = []
        try:
            for number, cpu in enumerate(cpus):
                with self._output(number).open("wb") as output:
                    running.append(
                        subprocess.Popen(
                            leashed([*words, *extra], cpu=cpu),
                            stdin=subprocess.DEVNULL,
                            stdout=output,
                            stderr=subprocess.STDOUT,
                        )
                    )
            for child in running:
                child.wait(seconds + TIMEOUT_S + _GRACE_S)
        except subprocess.TimeoutExpired:
            raise LoadError(f"{workload.name}: dnsperf did not end in time") from None
        finally:
            for child in running:
                child.kill()
                child.wait()
        for number, child in enumerate(running):
            if child.returncode:
                raise LoadError(f"{workload.name}: dnsperf: {_end(self._output(number)).strip()}")
        return together([summary(_end(self._output(number))) for number in range(len(cpus))])


def _end(path: Path) -> str:
    """The last lines, where the summary is."""
    with path.open("rb") as stream:
        stream.seek(max(0, path.stat().st_size - 4000))
        return stream.read().decode(errors="replace")
