"""Results with only the figures that a test is about."""

from __future__ import annotations

from bench.measure import Result


def result(
    workload: str,
    peer: str,
    cpu_us: float,
    *,
    qps: float = 1000.0,
    p99_us: float = 0.0,
    lost: int = 0,
) -> Result:
    return Result(
        workload=workload,
        peer=peer,
        qps=qps,
        lost=lost,
        cpu_us=cpu_us,
        busy=0.5,
        p50_us=p99_us / 2,
        p99_us=p99_us,
        p999_us=p99_us * 2,
        rate=qps / 2,
        peak_mb=20.0,
        rcodes="NOERROR 100 %",
    )


def round_of(*results: Result) -> dict[tuple[str, str], Result]:
    return {found.key: found for found in results}
