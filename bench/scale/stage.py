"""On stage: the lean API server and a kubedns that reads it, each on its processor."""

from __future__ import annotations

import json
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bench.process import Process, ServerError, free_port, leashed
from bench.processors import Processors
from bench.scale.ask import Asker, question
from bench.scale.design import Design
from bench.workloads import ZONE
from dnscore.wire.const import NOERROR

READY_S = 60.0
LARGE = ("services", "endpointslices")
"""The two large lists."""


class Api:
    """The lean API server, from outside."""

    def __init__(self, port: int) -> None:
        self.url = f"http://127.0.0.1:{port}"

    def state(self) -> dict[str, Any]:
        """See bench.scale.api."""
        with urllib.request.urlopen(f"{self.url}/bench", timeout=30) as answer:
            found: dict[str, Any] = json.load(answer)
            return found

    def order(self, what: str) -> None:
        """Such as `gone`."""
        request = urllib.request.Request(f"{self.url}/bench/{what}", method="POST", data=b"")
        with urllib.request.urlopen(request, timeout=30) as answer:
            answer.read()

    def pages_after(self, when: float) -> list[dict[str, Any]]:
        """The pages of the two large lists that were asked for after a time."""
        lists = self.state()["lists"]
        return [p for p in lists if p["asked"] >= when and p["resource"] in LARGE]


@contextmanager
def api_server(design: Design, *, processors: Processors, rate_mb_s: int = 0) -> Iterator[Api]:
    """Serve the set; `rate_mb_s` is how fast lists are sent at most. Raises ServerError."""
    # It gives way to dnsperf on their processor: its work must not be taken for a delay.
    words = ["nice", "-n", "5", sys.executable, "-m", "bench.scale.api"]
    words += [f"--services={design.services}"]
    words += [f"--endpoints={design.endpoints}", f"--per-slice={design.per_slice}"]
    words += [f"--list-rate={rate_mb_s}"]
    with subprocess.Popen(
        leashed(words, cpu=processors.load),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        text=True,
    ) as child:
        try:
            assert child.stdout is not None
            line = child.stdout.readline()
            if not line.strip().isdigit():
                raise ServerError("the API server of the bench did not start")
            yield Api(int(line))
        finally:
            child.terminate()
            child.wait()


@dataclass(frozen=True, slots=True)
class Server:
    """A kubedns that has read the whole set."""

    process: Process
    port: int
    begun: float
    """When it was started (monotonic)."""
    first_list: float
    """When it asked for the first page."""
    ready: float
    """When it gave the first answer."""


@contextmanager
def kubedns(api: Api, design: Design, *, cpu: str, scratch: Path) -> Iterator[Server]:
    """Start it and wait until it answers. Raises ServerError."""
    port = free_port()
    words = [sys.executable, "-m", "kubedns", f"--domain={ZONE}.", "--dns-bind-address=127.0.0.1"]
    words += [f"--dns-port={port}", f"--healthz-port={free_port()}"]
    words += [f"--kube-master-url={api.url}"]
    begun = time.monotonic()
    process = Process(words, cpu=cpu, log=scratch / "kubedns.log")
    try:
        asked = question(design.service_name(design.services - 1))
        with Asker(port) as asker:
            while (answer := asker.ask(asked, timeout_s=0.05)) is None or answer.rcode != NOERROR:
                if time.monotonic() > begun + READY_S:
                    raise ServerError(f"kubedns is not ready: {process.last_log()}")
                time.sleep(0.001)
        ready = time.monotonic()
        first = min(page["asked"] for page in api.pages_after(begun))
        yield Server(process, port, begun, first, ready)
    finally:
        process.stop()
