"""Resident memory of the three daemons when nobody asks them anything."""

from __future__ import annotations

import dataclasses
import sys
import time

from bench import peers
from bench.load import HOST
from bench.peers import Setting
from bench.process import Process, free_port
from bench.workloads import service_name

SIDECAR = "sidecar"
SETTLE_S = 1.5


def idle_memory(setting: Setting) -> dict[str, float]:
    """Megabytes resident of each daemon, a moment after its start. Raises ServerError."""
    probe = f"--probe=kubedns,{HOST}:{setting.backends.kubedns},{service_name(1)},1,A"
    front, zone = (dataclasses.replace(setting, port=free_port()) for _ in range(2))
    commands = {
        peers.OURS: peers.command(peers.OURS, front, custom={}),
        peers.KUBEDNS: peers.command(peers.KUBEDNS, zone, custom={}),
        SIDECAR: [sys.executable, "-m", "sidecar", f"--prometheus-port={free_port()}", probe],
    }
    running: dict[str, Process] = {}
    try:
        for name, words in commands.items():
            log = setting.scratch / f"idle-{name}.log"
            running[name] = Process(words, cpu=setting.processors.workers, log=log)
        running[peers.OURS].wait_ready(HOST, front.port)
        running[peers.KUBEDNS].wait_synced(HOST, zone.port, name=service_name(1))
        time.sleep(SETTLE_S)
        return {name: process.memory_mb()[0] for name, process in running.items()}
    finally:
        for process in running.values():
            process.stop()
