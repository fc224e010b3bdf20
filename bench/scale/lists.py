"""First lists and relists of the whole set: time, memory, answers, delay of queries meanwhile."""

from __future__ import annotations

import statistics
import subprocess
import threading
import time
from dataclasses import dataclass
from functools import partial

from bench.latency import Latency
from bench.load import Generator
from bench.process import ServerError, leashed
from bench.processors import Processors
from bench.scale.ask import Asker, question, wrong
from bench.scale.design import Design
from bench.scale.stage import Api, Server
from bench.workloads import Workload
from dnscore.wire.const import PTR
from kubedns.k8s.project import endpoint_slices, services

PAGES = {kind.resource: kind.page_size for kind in (services(), endpoint_slices())}
"""Objects per page, as kubedns asks for them."""
_PATHS = {
    "services": "/api/v1/services",
    "endpointslices": "/apis/discovery.k8s.io/v1/endpointslices",
}
_FETCHES = 3
_REVERSE_STEP = 50
"""Every so many addresses one PTR is asked for."""
_WAIT_S = 60.0


def fetch_s(api: Api, design: Design, *, cpu: str) -> float:
    """Seconds in which curl(1) fetches the two lists page by page: the median of some tries.

    Raises ServerError.
    """
    counts = {"services": design.services, "endpointslices": design.slices}
    words = ["curl", "-sS", "-f"]
    for resource, count in counts.items():
        for start in range(0, count, PAGES[resource]):
            query = f"limit={PAGES[resource]}" + (f"&continue={start}" if start else "")
            words += ["-o", "/dev/null", f"{api.url}{_PATHS[resource]}?{query}"]
    times = []
    for _ in range(_FETCHES):
        began = time.monotonic()
        done = subprocess.run(leashed(words, cpu=cpu), capture_output=True, check=False)
        times.append(time.monotonic() - began)
        if done.returncode:
            raise ServerError(f"curl: {done.stderr.decode(errors='replace').strip()}")
    return statistics.median(times)


@dataclass(frozen=True, slots=True)
class Relist:
    """What a relist under load did."""

    seconds: float
    """From the 410 to the answer that watches again."""
    quiet: Latency
    """Before it."""
    busy: Latency
    """While it was under way."""
    asked: int
    """Questions whose answers were compared before, meanwhile and afterwards."""
    wrong: int
    """Of them, those with another answer than the objects have, or none."""


class Checker:
    """Asks for everything and compares with the objects, again and again, from a thread."""

    def __init__(self, port: int, design: Design, *, updates: int = 0) -> None:
        self._port = port
        addresses = design.addresses(updates=updates)
        self.expected = {
            question(design.service_name(number)): held for number, held in addresses.items()
        }
        pods = [a for n in range(design.headless) for a in sorted(addresses[n])]
        self._reverse = [question(_reverse_name(a), PTR) for a in pods[::_REVERSE_STEP]]
        self._targets: dict[bytes, tuple[bytes, ...]] = {}
        self.asked = 0
        self.wrong = 0
        self._going_on = True
        self._thread = threading.Thread(target=self._run, name="checker", daemon=True)

    def once(self) -> None:
        """Every address of every service, and a part of the reverse names."""
        with Asker(self._port) as asker:
            self._check(asker)

    def begin(self) -> None:
        """Go on checking until `end`."""
        self._thread.start()

    def end(self) -> None:
        """Finish the round under way."""
        self._going_on = False
        self._thread.join()

    def _run(self) -> None:
        with Asker(self._port) as asker:
            while self._going_on:
                self._check(asker)

    def _check(self, asker: Asker) -> None:
        found = asker.ask_all(self.expected)
        self.asked += len(self.expected)
        self.wrong += len(wrong(found, self.expected)) + found.lost
        reverse = asker.ask_all(self._reverse)
        self.asked += len(self._reverse)
        self.wrong += reverse.lost
        for asked in self._reverse:
            answer = reverse.answers.get(asked)
            data = answer.data if answer else ()
            # What the first round found is what all later ones have to find.
            self.wrong += not data or self._targets.setdefault(asked, data) != data


def _reverse_name(address: bytes) -> str:
    return ".".join(str(octet) for octet in reversed(address)) + ".in-addr.arpa"


def measure_relist(
    api: Api,
    server: Server,
    design: Design,
    workload: Workload,
    load: Generator,
    *,
    processors: Processors,
    rate: float,
    seconds: float,
) -> Relist:
    """Latency at a fixed rate, quiet and with a relist in it; then all answers through another.

    Raises ServerError and LoadError.
    """
    at = partial(load.latency, seconds=seconds, rate=rate, processors=processors)
    quiet = at(workload, server.port)
    began = time.monotonic()
    timer = threading.Timer(0.1, api.order, ["gone"])
    timer.start()
    busy = at(workload, server.port)
    timer.join()
    took = _wait_relisted(api, began, design)
    checker = Checker(server.port, design)
    checker.once()
    checker.begin()
    began = time.monotonic()
    api.order("gone")
    _wait_relisted(api, began, design)
    checker.end()
    checker.once()
    return Relist(took, quiet, busy, checker.asked, checker.wrong)


def _wait_relisted(api: Api, began: float, design: Design) -> float:
    """Seconds from the first page to the last one, when all have been fetched again."""
    wanted = sum(
        -(-count // PAGES[name])
        for name, count in (("services", design.services), ("endpointslices", design.slices))
    )
    deadline = time.monotonic() + _WAIT_S
    while time.monotonic() < deadline:
        state = api.state()
        pages = [p for p in state["lists"] if p["asked"] >= began and p["resource"] in PAGES]
        if len(pages) >= wanted and all(state["watches"][name] for name in PAGES):
            return float(max(p["sent"] for p in pages) - min(p["asked"] for p in pages))
        time.sleep(0.02)
    raise ServerError("the relist did not end")
