"""One measurement: a server, a workload, and what came of it."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass

from bench import peers
from bench.dnsperf import Load
from bench.latency import Latency
from bench.load import HOST, Generator
from bench.peers import Setting
from bench.process import Process
from bench.workloads import Workload, service_name

_NO_LATENCY = Latency(0, 0, 0)
_SPAN_S = 0.02
"""Latencies are those of the middle one of the spans of a run."""


@dataclass(frozen=True, slots=True)
class Case:
    """A server in a role under a workload."""

    peer: str
    workload: Workload
    cache: int = 10_000
    workers: int = 1
    latency: bool = True

    @property
    def key(self) -> tuple[str, str]:
        """Workload and server."""
        return self.workload.name, self.peer


@dataclass(frozen=True, slots=True)
class Result:
    """The figures of one case in one round."""

    workload: str
    peer: str
    qps: float
    lost: int
    cpu_us: float
    """CPU microseconds of the server per query."""
    busy: float
    """Processors that the server kept busy; far below 1, the load generator was the limit."""
    p50_us: float
    p99_us: float
    p999_us: float
    """Latencies at `rate` queries per second; 0 where not measured."""
    rate: float
    peak_mb: float
    rcodes: str

    @property
    def key(self) -> tuple[str, str]:
        """Workload and server."""
        return self.workload, self.peer


def measure(
    case: Case,
    setting: Setting,
    load: Generator,
    *,
    seconds: float,
    rate: float | None,
    custom: Mapping[str, str],
) -> Result:
    """Start the server, warm it, load it, end it.

    `rate` is that of the latency run, in queries per second; None is half of what it took at most.
    Raises ServerError and LoadError.
    """
    setting = dataclasses.replace(setting, cache=case.cache, workers=case.workers)
    several = case.workload.loads > 1
    cpus, workload, port = setting.processors, case.workload, setting.port
    generators = cpus.loads if several else (cpus.load,)
    process = start(case.peer, setting, custom=custom, cpu=cpus.workers if several else cpus.server)
    try:
        if case.peer == peers.OURS:
            process.wait_told(HOST, port)
        load.warm(workload, port, cpu=cpus.load)
        before = process.cpu_s()
        run = load.maximum(workload, port, seconds=seconds, cpus=generators)
        used = process.cpu_s() - before
        at = rate or run.qps / 2
        times = _NO_LATENCY
        if case.latency:
            times = load.latency(
                workload,
                port,
                seconds=seconds / 2,
                rate=at,
                processors=cpus,
                span_s=_SPAN_S,
            )
        return result_of(
            workload.name, case.peer, run, used_s=used, process=process, times=times, rate=at
        )
    finally:
        process.stop()


def start(peer: str, setting: Setting, *, custom: Mapping[str, str], cpu: str) -> Process:
    """Start a server and wait until it answers. Raises ServerError."""
    words = peers.command(peer, setting, custom=custom)
    process = Process(words, cpu=cpu, log=setting.scratch / f"{peer}.log")
    try:
        if peers.reads_cluster(peer, custom=custom):
            process.wait_synced(HOST, setting.port, name=service_name(1))
        else:
            process.wait_ready(HOST, setting.port)
    except BaseException:
        process.stop()
        raise
    return process


def result_of(
    workload: str,
    peer: str,
    run: Load,
    *,
    used_s: float,
    process: Process,
    times: Latency = _NO_LATENCY,
    rate: float = 0.0,
) -> Result:
    """The figures of a run during which the server used so many CPU seconds."""
    return Result(
        workload=workload,
        peer=peer,
        qps=run.qps,
        lost=run.lost + times.lost,
        cpu_us=used_s / run.completed * 1e6 if run.completed else 0.0,
        busy=used_s / run.seconds if run.seconds else 0.0,
        p50_us=times.p50_us,
        p99_us=times.p99_us,
        p999_us=times.p999_us,
        rate=rate,
        peak_mb=process.memory_mb()[1],
        rcodes=run.rcodes,
    )
