"""A steady stream of slice updates under queries: what is lost, the delay, and memory."""

from __future__ import annotations

import threading
import time
from contextlib import suppress
from dataclasses import dataclass

from bench.latency import Latency
from bench.load import Generator
from bench.process import Process, ServerError
from bench.processors import Processors
from bench.scale.ask import Asker, question
from bench.scale.design import Design
from bench.scale.lists import Checker
from bench.scale.stage import Api, Server
from bench.workloads import Workload

_WAIT_S = 60.0
_SETTLE_S = 2.0
"""The memory at the start is taken after so many seconds of updates, when buffers have grown."""
_LATE = 2 / 3
"""Memory is taken once more at this share of the run. Tables of addresses grow once, when as many
have come and gone as they had room for; what grows after that grows for ever."""


@dataclass(frozen=True, slots=True)
class Steady:
    """What the updates did."""

    updates: int
    seconds: float
    latency: Latency
    behind_s: float
    """From the last update to its answer."""
    asked: int
    wrong: int
    """Answers of the final zone that are not those of the final objects."""
    start_mb: float
    late_mb: float
    end_mb: float
    """Resident megabytes: at first, for the last third of the run, and at its end."""
    busy: float
    """Processors that kubedns kept busy."""


def measure_steady(
    api: Api,
    server: Server,
    design: Design,
    workload: Workload,
    load: Generator,
    *,
    processors: Processors,
    rate: float,
    updates_s: float,
    seconds: float,
) -> Steady:
    """Updates at `updates_s` a second, queries at `rate`. Raises ServerError and LoadError."""
    process, before = server.process, api.state()["updates"]
    count = int((seconds + 2 * _SETTLE_S) * updates_s)
    api.order(f"updates?rate={updates_s}&count={count}")
    time.sleep(_SETTLE_S)
    start_mb, _ = process.memory_mb()
    late = MemoryLater(process, after_s=seconds * _LATE)
    cpu_s, began = process.cpu_s(), time.monotonic()
    latency = load.latency(workload, server.port, seconds=seconds, rate=rate, processors=processors)
    busy = (process.cpu_s() - cpu_s) / (time.monotonic() - began)
    end_mb, _ = process.memory_mb()
    while api.state()["updates"] < before + count:
        time.sleep(0.01)
    behind_s = _wait_last(server, design, before + count)
    checker = Checker(server.port, design, updates=before + count)
    checker.once()
    return Steady(
        updates=count,
        seconds=seconds,
        latency=latency,
        behind_s=behind_s,
        asked=checker.asked,
        wrong=checker.wrong,
        start_mb=start_mb,
        late_mb=late.found_mb(),
        end_mb=end_mb,
        busy=busy,
    )


class MemoryLater:
    """Takes the resident memory of a process after a while, beside a load that is being run."""

    def __init__(self, process: Process, *, after_s: float) -> None:
        self._process = process
        self._mb: list[float] = []
        self._timer = threading.Timer(after_s, self._take)
        self._timer.daemon = True
        self._timer.start()

    def found_mb(self) -> float:
        """Waits for it. Raises ServerError when the process had ended."""
        self._timer.join()
        if not self._mb:
            raise ServerError("kubedns has ended while it was measured")
        return self._mb[0]

    def _take(self) -> None:
        with suppress(ServerError):
            self._mb.append(self._process.memory_mb()[0])


def _wait_last(server: Server, design: Design, updates: int) -> float:
    """Seconds until the last update is answered. Raises ServerError when it never is."""
    number, place = design.updated_place(updates - 1)
    asked = question(design.service_name(design.owner(number)))
    wanted = design.address(number, place, updates=updates)
    began = time.monotonic()
    with Asker(server.port) as asker:
        while time.monotonic() < began + _WAIT_S:
            answer = asker.ask(asked)
            if answer is not None and wanted in answer.data:
                return time.monotonic() - began
            time.sleep(0.001)
    raise ServerError("the last update is not answered")
