"""The worker processes of a running front, as the system shows them."""

from __future__ import annotations

import os
import re
import signal
from pathlib import Path

from tests.dnsmasq_front.process import FrontProcess
from tests.waiting import eventually

DEATH = "a worker has died and is replaced"


def children(pid: int) -> set[int]:
    """The processes whose parent is `pid`."""
    return {child for child in _processes() if _parent(child) == pid}


def workers(front: FrontProcess, count: int = 2) -> set[int]:
    """The workers' process ids, as soon as there are so many."""

    def all_there() -> set[int]:
        found = children(front.pid)
        return found if len(found) == count else set()

    return eventually(all_there, message=lambda: f"{children(front.pid)}: {front.log}")


def kill(front: FrontProcess, pid: int) -> set[int]:
    """Kill a worker; returns them all as soon as it has been replaced."""
    os.kill(pid, signal.SIGKILL)
    eventually(lambda: pid not in children(front.pid))
    return workers(front)


def crash_loop(front: FrontProcess) -> None:
    """Kill one worker and its successors until the next is 0.8 s away."""
    pid = max(workers(front))
    for _ in range(3):
        before = workers(front)
        (pid,) = kill(front, pid) - before
    os.kill(pid, signal.SIGKILL)
    eventually(lambda: front.logged("retry_in_s=0.8"))


def running(pids: set[int]) -> set[int]:
    """Those that have not ended; nobody may have waited for one that has."""
    return {pid for pid in pids if _stat(pid)[:1] not in ([], ["Z"])}


def figures(front: FrontProcess, field: str) -> dict[int, int]:
    """A field of the statistics in the log by worker, the newest of each."""
    found = {}
    for line in front.log:
        match = re.search(rf"\b{field}=(\d+).* worker=(\d+)", line)
        if match:
            found[int(match[2])] = int(match[1])
    return found


def _processes() -> list[int]:
    return [int(entry.name) for entry in Path("/proc").iterdir() if entry.name.isdigit()]


def _parent(pid: int) -> int | None:
    fields = _stat(pid)
    return int(fields[1]) if fields else None


def _stat(pid: int) -> list[str]:
    """State, parent and so on (proc_pid_stat(5)); nothing when the process is gone."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except (FileNotFoundError, ProcessLookupError):
        return []
