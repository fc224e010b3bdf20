"""What changes of other names cost the hit path of kubedns.

kubedns under warm load of 1,000 names, quiet and at 100 changes a second of services and endpoints
that nobody asks for. Applying a change takes CPU of the same process, whether or not somebody asks;
so the same changes are also made without load, and what they cost then is taken off: the rest is
the hit path. If a change threw away the prebuilt answers of other names, it would show there.
"""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Callable
from dataclasses import replace
from typing import Any, TypeVar

from bench import peers
from bench.cluster import CHURN, churn_service, churn_slice
from bench.dnsperf import Load, LoadError, together
from bench.load import HOST, Generator
from bench.measure import Result, result_of, start
from bench.peers import Setting
from bench.process import Process
from bench.workloads import CHURN_NAMESPACE, ZONE, Workload

Json = dict[str, Any]
T = TypeVar("T")

NAME = "changes"
QUIET, TOTAL, HIT_PATH = "changes-quiet", "changes-total", "changes-hit"
RATE = 100.0
"""Changes per second."""
_KEPT_UP = 0.9
"""Share of the wanted changes that must have been made for the figures to count."""


def change(number: int) -> Json:
    """The object that change `number` puts in place: endpoints and ports of services, in turn."""
    which, times = number % CHURN, number // CHURN
    if number % 2:
        return churn_service(which, port=1024 + times % 60_000)
    return churn_slice(which, address=f"10.250.{times // 250 % 250}.{times % 250 + 1}")


class Pacer:
    """Makes changes at a fixed rate, from a thread of its own, until told to end."""

    def __init__(self, apply: Callable[[Json], object], *, rate: float) -> None:
        """`apply` puts an object in place; `rate` is in changes per second."""
        self._apply = apply
        self._rate = rate
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._run, name="pacer", daemon=True)
        self._began_s = time.monotonic()
        self.count = 0
        self.error: Exception | None = None
        self._thread.start()

    def end(self) -> int:
        """Stop; how many changes were made. Raises LoadError when they were too few."""
        self._ended.set()
        self._thread.join()
        wanted = (time.monotonic() - self._began_s) * self._rate
        if self.error is not None or self.count < wanted * _KEPT_UP:
            reason = f": {self.error}" if self.error else ""
            raise LoadError(f"{self.count} changes were made instead of {wanted:.0f}{reason}")
        return self.count

    def _run(self) -> None:
        try:
            while not self._ended.is_set():
                self._apply(change(self.count))
                self.count += 1
                due = self._began_s + self.count / self._rate
                self._ended.wait(max(0.0, due - time.monotonic()))
        except Exception as error:
            # Kept for `end`, which is called on the thread that can say so.
            self.error = error


def measure_changes(
    workload: Workload, setting: Setting, load: Generator, *, seconds: float
) -> list[Result]:
    """Quiet, everything, and the hit path alone. Raises ServerError and LoadError."""
    process = start(peers.KUBEDNS, setting, custom={}, cpu=setting.processors.server)
    cpus = [setting.processors.load]

    def ask(for_s: float) -> Load:
        return load.maximum(workload, setting.port, seconds=for_s, cpus=cpus)

    def changing(during: Callable[[], T]) -> tuple[T, float, int]:
        """What came of it, CPU seconds of the server, and the changes made meanwhile."""
        before = process.cpu_s()
        pacer = Pacer(setting.backends.api.replace, rate=RATE)
        try:
            found = during()
        finally:
            made = pacer.end()
        _wait_seen(setting, process)
        return found, process.cpu_s() - before, made

    def quiet() -> tuple[Load, float]:
        before = process.cpu_s()
        return ask(seconds / 2), process.cpu_s() - before

    try:
        load.warm(workload, setting.port, cpu=setting.processors.load)
        # Quiet before and after, so that a machine that drifts does so in both.
        first, first_s = quiet()
        run, run_s, made = changing(lambda: ask(seconds))
        last, last_s = quiet()
        _, idle_s, idle_made = changing(lambda: time.sleep(seconds))
        calm = replace(together([first, last]), seconds=first.seconds + last.seconds)
        hit_path_s = max(0.0, run_s - made * idle_s / idle_made)
        return [
            result_of(QUIET, peers.KUBEDNS, calm, used_s=first_s + last_s, process=process),
            result_of(TOTAL, peers.KUBEDNS, run, used_s=run_s, process=process),
            result_of(HIT_PATH, peers.KUBEDNS, run, used_s=hit_path_s, process=process),
        ]
    finally:
        process.stop()


def _wait_seen(setting: Setting, process: Process) -> None:
    """Make one more change and wait until it is answered, so that none is left out of the account.

    Raises ServerError when it does not arrive: then the others may not have, and nothing was shown.
    """
    address = f"10.251.{time.monotonic_ns() // 250 % 250}.{time.monotonic_ns() % 250 + 1}"
    setting.backends.api.replace(churn_slice(0, address=address))
    name = f"churn0.{CHURN_NAMESPACE}.svc.{ZONE}"
    packed = socket.inet_aton(address)
    process.wait_for(HOST, setting.port, name=name, good=lambda response: packed in response)
