"""One measurement: a server, a workload, and what came of it."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from dataclasses import dataclass

from bench import load, peers
from bench.peers import Setting
from bench.process import Process
from bench.workloads import Workload

Progress = Callable[[str], None]


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
    p50_us: float
    p99_us: float
    p999_us: float
    """Latencies at `rate` queries per second; 0 where not measured."""
    rate: float
    peak_mb: float
    rcodes: str


def measure(
    case: Case,
    setting: Setting,
    *,
    seconds: float,
    rate: float | None,
    custom: dict[str, str],
) -> Result:
    """Start the server, warm it, load it, end it.

    `rate` is that of the latency run, in queries per second; None is half of what it took at most.
    Raises ServerError and LoadError.
    """
    setting = dataclasses.replace(setting, cache=case.cache, workers=case.workers)
    host, workload = "127.0.0.1", case.workload
    words = peers.command(case.peer, setting, custom=custom)
    process = Process(words, log=setting.scratch / f"{case.peer}.log")
    try:
        if case.peer == peers.KUBEDNS:
            process.wait_synced(host, setting.port, name="svc1.ns1.svc.cluster.local")
        else:
            process.wait_ready(host, setting.port)
        load.passes(workload, setting.port, host=host, times=workload.warm)
        before = process.cpu_s()
        run = load.maximum(workload, setting.port, host=host, seconds=seconds)
        used = process.cpu_s() - before
        at = rate or run.qps / 2
        times = load.Latency(0, 0, 0)
        if case.latency:
            times = load.latency(workload, setting.port, host=host, seconds=seconds / 2, rate=at)
        return Result(
            workload=workload.name,
            peer=case.peer,
            qps=run.qps,
            lost=run.lost,
            cpu_us=used / run.completed * 1e6 if run.completed else 0.0,
            p50_us=times.p50_us,
            p99_us=times.p99_us,
            p999_us=times.p999_us,
            rate=at,
            peak_mb=process.memory_mb()[1],
            rcodes=run.rcodes,
        )
    finally:
        process.stop()
