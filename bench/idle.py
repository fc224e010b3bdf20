"""Resident memory of the three daemons when nobody asks them anything."""

from __future__ import annotations

import dataclasses
import sys
import time
from pathlib import Path

from bench import peers
from bench.cluster import Backends
from bench.peers import Setting
from bench.process import Process, free_port

SETTLE_S = 2.0


def idle_memory(behind: Backends, scratch: Path) -> dict[str, float]:
    """Megabytes resident of each daemon, some seconds after its start."""
    setting = Setting(free_port(), 1000, behind, scratch, scratch / "responder")
    found = {}
    for peer in (peers.OURS, peers.KUBEDNS):
        setting = dataclasses.replace(setting, port=free_port())
        words = peers.command(peer, setting, custom={})
        found[peer] = _resident(words, setting.port, log=scratch / f"idle-{peer}.log")
    port = free_port()
    words = [sys.executable, "-m", "sidecar", f"--prometheus-port={port}"]
    words += [f"--probe=kubedns,127.0.0.1:{behind.kubedns},svc1.ns1.svc.cluster.local,1,A"]
    found["sidecar"] = _resident(words, None, log=scratch / "idle-sidecar.log")
    return found


def _resident(words: list[str], port: int | None, *, log: Path) -> float:
    process = Process(words, log=log)
    try:
        if port is not None:
            process.wait_ready("127.0.0.1", port)
        time.sleep(SETTLE_S)
        return process.memory_mb()[0]
    finally:
        process.stop()
