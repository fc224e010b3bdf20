"""The cluster that is asked about: an in-memory API, and a kubedns behind the forwarders."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bench.load import LOAD_CPU
from bench.process import Process, free_port
from bench.workloads import ENDPOINTS, HEADLESS, NAMESPACES, SERVICES, ZONE, service_name
from devcluster.cluster import DevCluster, Settings

Json = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Backends:
    """What stands behind the servers under test."""

    kubeconfig: Path
    kubedns: int
    """Port of a kubedns on the load's processor."""
    outside: int
    """Port of the C responder that answers every name."""
    outside_host: str = "127.0.0.1"


def objects() -> Iterator[Json]:
    """The namespaces, services and slices of the bench."""
    for number in range(NAMESPACES):
        yield {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": f"ns{number}"}}
    for number in range(SERVICES):
        yield _service(
            f"svc{number}",
            number,
            {"clusterIP": f"10.96.{16 + number // 250}.{number % 250 + 1}"},
            "http",
        )
    for number in range(HEADLESS):
        yield _service(f"db{number}", number, {"clusterIP": "None"}, "pg")
        yield _slice(number)


def _service(name: str, number: int, spec: Json, port: str) -> Json:
    return {
        "apiVersion": "v1",
        "kind": "Service",
        "metadata": {"name": name, "namespace": f"ns{number % NAMESPACES}"},
        "spec": {**spec, "ports": [{"name": port, "port": 80, "protocol": "TCP"}]},
    }


def _slice(number: int) -> Json:
    return {
        "apiVersion": "discovery.k8s.io/v1",
        "kind": "EndpointSlice",
        "metadata": {
            "name": f"db{number}-1",
            "namespace": f"ns{number % NAMESPACES}",
            "labels": {"kubernetes.io/service-name": f"db{number}"},
        },
        "addressType": "IPv4",
        "ports": [{"name": "pg", "port": 5432, "protocol": "TCP"}],
        "endpoints": [
            {"addresses": [f"10.244.{number}.{n + 1}"], "conditions": {"ready": True}}
            for n in range(ENDPOINTS)
        ],
    }


def kubedns_argv(port: int, *, kubeconfig: Path) -> list[str]:
    """The command line of a kubedns that reads the bench's cluster."""
    return [
        *(sys.executable, "-m", "kubedns", f"--domain={ZONE}.", "--dns-bind-address=127.0.0.1"),
        *(f"--dns-port={port}", f"--healthz-port={free_port()}", f"--kubecfg-file={kubeconfig}"),
    ]


@contextmanager
def backends(scratch: Path, responder: Path, *, outside_host: str) -> Iterator[Backends]:
    """Start the API, a kubedns and the responder; end them."""
    with DevCluster(Settings()) as api:
        for item in objects():
            api.create(item)
        kubeconfig = scratch / "kubeconfig"
        kubeconfig.write_text(api.kubeconfig())
        port, outside = free_port(), free_port()
        running = [
            Process(
                kubedns_argv(port, kubeconfig=kubeconfig), cpu=LOAD_CPU, log=scratch / "kubedns.log"
            ),
            Process(
                [str(responder), "answer", str(outside), "0.0.0.0"],
                cpu=LOAD_CPU,
                log=scratch / "outside.log",
            ),
        ]
        try:
            running[0].wait_synced("127.0.0.1", port, name=service_name(1))
            running[1].wait_ready("127.0.0.1", outside)
            yield Backends(kubeconfig, port, outside, outside_host)
        finally:
            for process in running:
                process.stop()
