"""From the acknowledgement of a write by the API server to the answer that has it.

Writes go over HTTP to devcluster, in a process of its own; kubedns is asked again and again for
every name whose new address it has not shown yet. A time below zero, when the answer was there
before the acknowledgement had been read, counts as zero.
"""

from __future__ import annotations

import os
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bench.api_writer import Writer
from bench.cluster import kubedns_argv, objects
from bench.process import Process, ServerError, free_port
from bench.processors import Processors
from bench.scale.ask import Asker, question
from bench.workloads import ZONE, service_name
from devcluster.kubeconfig import kubeconfig_text

NAMESPACE = "delay"
WATCHED = 50
"""Services that are changed in turn."""
_GIVE_UP_S = 5.0
_SLICES = f"/apis/discovery.k8s.io/v1/namespaces/{NAMESPACE}/endpointslices"


@dataclass(frozen=True, slots=True)
class Delays:
    """Seconds of each change, sorted."""

    times: tuple[float, ...]
    missed: int
    """Changes that were not seen in time."""

    def at(self, share: float) -> float:
        """A percentile; what was missed took for ever."""
        waits = (*self.times, *[float("inf")] * self.missed)
        return waits[min(len(waits) - 1, int(len(waits) * share))]


def slice_of(number: int, address: bytes) -> dict[str, Any]:
    """The EndpointSlice of a watched service with its one endpoint."""
    return {
        "apiVersion": "discovery.k8s.io/v1",
        "kind": "EndpointSlice",
        "metadata": {
            "name": f"watched{number}-1",
            "namespace": NAMESPACE,
            "labels": {"kubernetes.io/service-name": f"watched{number}"},
        },
        "addressType": "IPv4",
        "ports": [{"name": "pg", "port": 5432, "protocol": "TCP"}],
        "endpoints": [{"addresses": [".".join(map(str, address))], "conditions": {"ready": True}}],
    }


def address_of(change: int) -> bytes:
    """The address that a change brings."""
    return (0x0B000000 + change).to_bytes(4)


@contextmanager
def stage(scratch: Path, *, processors: Processors) -> Iterator[tuple[int, int]]:
    """devcluster with the bench's objects and a kubedns: their ports. Raises ServerError."""
    api_port, dns_port = free_port(), free_port()
    words = [sys.executable, "-m", "devcluster", f"--listen=127.0.0.1:{api_port}"]
    running = [Process(words, cpu=processors.load, log=scratch / "devcluster.log")]
    try:
        _fill(api_port)
        kubeconfig = scratch / "kubeconfig"
        kubeconfig.write_text(kubeconfig_text(f"http://127.0.0.1:{api_port}", None))
        argv = kubedns_argv(dns_port, kubeconfig=kubeconfig)
        running.append(Process(argv, cpu=processors.server, log=scratch / "kubedns-delay.log"))
        running[-1].wait_synced("127.0.0.1", dns_port, name=service_name(1))
        yield api_port, dns_port
    finally:
        for process in running:
            process.stop()


def _fill(port: int) -> None:
    deadline = time.monotonic() + _GIVE_UP_S
    writer = Writer(port)
    namespace = {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": NAMESPACE}}
    while True:
        try:
            writer.write("POST", "/api/v1/namespaces", namespace)
            break
        except OSError:
            writer.close()
            if time.monotonic() > deadline:
                raise ServerError("devcluster did not start") from None
            time.sleep(0.05)
    for obj in objects():
        writer.write("POST", _collection(obj), obj)
    for number in range(WATCHED):
        service = {
            "apiVersion": "v1",
            "kind": "Service",
            "metadata": {"name": f"watched{number}", "namespace": NAMESPACE},
            "spec": {"clusterIP": "None", "ports": [{"name": "pg", "port": 5432}]},
        }
        writer.write("POST", f"/api/v1/namespaces/{NAMESPACE}/services", service)
        writer.write("POST", _SLICES, slice_of(number, address_of(0)))
    writer.close()


def _collection(obj: dict[str, Any]) -> str:
    if obj["kind"] == "Namespace":
        return "/api/v1/namespaces"
    namespace = obj["metadata"]["namespace"]
    if obj["kind"] == "Service":
        return f"/api/v1/namespaces/{namespace}/services"
    return f"/apis/discovery.k8s.io/v1/namespaces/{namespace}/endpointslices"


def measure_single(api_port: int, dns_port: int, *, count: int, first: int = 1) -> Delays:
    """One change at a time. Raises ServerError."""
    writer, times, missed = Writer(api_port), [], 0
    with Asker(dns_port) as asker:
        for change in range(first, first + count):
            number, address = change % WATCHED, address_of(change)
            path = f"{_SLICES}/watched{number}-1"
            acknowledged = writer.write("PUT", path, slice_of(number, address))
            seen = _seen(asker, number, address, give_up=acknowledged + _GIVE_UP_S)
            missed += seen is None
            if seen is not None:
                times.append(max(0.0, seen - acknowledged))
            # Off the beat of any timer: the next write meets both servers at rest.
            time.sleep(int.from_bytes(os.urandom(1)) / 256 * 0.02)
    writer.close()
    return Delays(tuple(sorted(times)), missed)


def _seen(asker: Asker, number: int, address: bytes, *, give_up: float) -> float | None:
    asked = question(f"watched{number}.{NAMESPACE}.svc.{ZONE}")
    while time.monotonic() < give_up:
        answer = asker.ask(asked)
        if answer is not None and address in answer.data:
            return time.monotonic()
    return None


def measure_stream(api_port: int, dns_port: int, *, rate: float, count: int, first: int) -> Delays:
    """Changes at a steady rate, each asked for until it is seen. Raises ServerError."""
    acknowledged: dict[int, float] = {}
    errors: list[Exception] = []

    def write() -> None:
        writer = Writer(api_port)
        began = time.monotonic()
        try:
            for change in range(first, first + count):
                time.sleep(max(0.0, began + (change - first) / rate - time.monotonic()))
                number = change % WATCHED
                path = f"{_SLICES}/watched{number}-1"
                at = writer.write("PUT", path, slice_of(number, address_of(change)))
                acknowledged[change] = at
        except Exception as error:
            errors.append(error)
        writer.close()

    thread = threading.Thread(target=write, name="writer", daemon=True)
    thread.start()
    delays = _follow(dns_port, acknowledged, first=first, count=count)
    thread.join()
    if errors:
        raise ServerError(f"the writer failed: {errors[0]!r}")
    return delays


def _follow(dns_port: int, acknowledged: dict[int, float], *, first: int, count: int) -> Delays:
    """Wait for the changes in their order: they are applied in it, and none overtakes another."""
    times, missed = [], 0
    with Asker(dns_port) as asker:
        for change in range(first, first + count):
            give_up = time.monotonic() + _GIVE_UP_S
            while change not in acknowledged and time.monotonic() < give_up:
                time.sleep(0.0002)
            at = acknowledged.get(change)
            found = None
            if at is not None:
                found = _seen(asker, change % WATCHED, address_of(change), give_up=give_up)
            if at is None or found is None:
                missed += 1
            else:
                times.append(max(0.0, found - at))
    return Delays(tuple(sorted(times)), missed)
