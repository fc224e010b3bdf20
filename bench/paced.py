"""Latency at a fixed rate: runs `bench/paced.c`.

dnsperf has a thread that sends and one that receives; where they share a processor, its own times
are two to ten times as long as those of the servers.
"""

from __future__ import annotations

import subprocess
from array import array
from collections.abc import Iterable
from pathlib import Path

from bench.dnsperf import LoadError
from bench.latency import TIMEOUT_S
from bench.process import leashed
from bench.workloads import Workload
from dnscore.wire import names
from dnscore.wire.const import UDP_EDNS

_GRACE_S = 10.0
"""How much longer than asked for it may take before it is killed."""
_TYPES = {"A": 1, "AAAA": 28, "SRV": 33}
_HEADER = b"\0\0\x01\0\0\1\0\0\0\0"
_OPT = b"\0\0\x29" + UDP_EDNS.to_bytes(2, "big") + bytes(6)


def messages(lines: Iterable[str], *, edns: bool) -> bytes:
    """The queries of a workload's lines, each behind its length in two octets.

    Raises ValueError for a line that is not `name type`, or of a type that no workload has.
    """
    return b"".join(len(wire).to_bytes(2, "big") + wire for wire in _wires(lines, edns=edns))


def _wires(lines: Iterable[str], *, edns: bool) -> Iterable[bytes]:
    additional = _OPT if edns else b""
    for line in lines:
        name, rtype = line.split()
        if rtype not in _TYPES:
            raise ValueError(f"no type that is asked for: {line!r}")
        type_class = _TYPES[rtype].to_bytes(2, "big") + b"\0\1"
        counts = len(additional[:1]).to_bytes(2, "big")
        yield _HEADER + counts + names.from_text(name) + type_class + additional


def ask(
    program: Path, workload: Workload, port: int, *, seconds: float, rate: float, cpu: str
) -> list[tuple[float, float]]:
    """Ask at a fixed rate, in queries per second. `program` is the compiled paced.c.

    Returns when each was sent, from the beginning, and what it took: in seconds, infinite if lost.
    Raises LoadError.
    """
    queries, times = program.with_suffix(".queries"), program.with_suffix(".times")
    queries.write_bytes(messages(workload.lines, edns=workload.edns))
    words = [program, port, workload.clients, f"{rate:g}", f"{seconds:g}", queries, times]
    try:
        run = subprocess.run(
            leashed([str(word) for word in words], cpu=cpu),
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=seconds + TIMEOUT_S + _GRACE_S,
            text=True,
            check=False,
        )
    except subprocess.TimeoutExpired:
        raise LoadError(f"{workload.name}: paced did not end in time") from None
    if run.returncode:
        raise LoadError(f"{workload.name}: paced: {run.stderr.strip()}")
    floats = array("f", times.read_bytes())
    return list(zip(floats[::2], floats[1::2], strict=True))
