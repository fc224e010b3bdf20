"""The cluster that is asked about: an in-memory API, and a kubedns behind the forwarders."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bench.process import Process, free_port
from bench.processors import Processors
from bench.workloads import (
    CHURN_NAMESPACE,
    ENDPOINTS,
    HEADLESS,
    NAMESPACES,
    PORT_NAME,
    SERVICES,
    ZONE,
    service_name,
)
from devcluster.cluster import DevCluster, Settings

Json = dict[str, Any]
CHURN = 20
"""Services that nobody asks for and that `bench.changes` changes."""


@dataclass(frozen=True, slots=True)
class Backends:
    """What stands behind the servers under test."""

    api: DevCluster
    kubeconfig: Path
    kubedns: int
    """Port of a kubedns on the load's processor."""
    outside: int
    """Port of the C responder that answers every name."""
    outside_host: str = "127.0.0.1"
    under_test: int = 0
    """Port of the server that is measured, which that kubedns tells of changes."""


def objects() -> Iterator[Json]:
    """The namespaces, services and slices of the bench."""
    for number in range(NAMESPACES):
        yield _namespace(f"ns{number}")
    for number in range(SERVICES):
        cluster_ip = f"10.96.{16 + number // 250}.{number % 250 + 1}"
        yield _service(f"svc{number}", f"ns{number % NAMESPACES}", cluster_ip, port=80)
    for number in range(HEADLESS):
        name, namespace = f"db{number}", f"ns{number % NAMESPACES}"
        yield _service(name, namespace, "None", port=5432)
        yield _slice(name, namespace, [f"10.244.{number}.{n + 1}" for n in range(ENDPOINTS)])
    yield _namespace(CHURN_NAMESPACE)
    for number in range(CHURN):
        yield churn_service(number, port=80)
        yield churn_slice(number, address="10.250.0.1")


def churn_service(number: int, *, port: int) -> Json:
    """A headless service that nobody asks for."""
    return _service(f"churn{number}", CHURN_NAMESPACE, "None", port=port)


def churn_slice(number: int, *, address: str) -> Json:
    """Its one endpoint."""
    return _slice(f"churn{number}", CHURN_NAMESPACE, [address])


def _namespace(name: str) -> Json:
    return {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": name}}


def _service(name: str, namespace: str, cluster_ip: str, *, port: int) -> Json:
    return {
        "apiVersion": "v1",
        "kind": "Service",
        "metadata": {"name": name, "namespace": namespace},
        "spec": {
            "clusterIP": cluster_ip,
            "ports": [{"name": PORT_NAME, "port": port, "protocol": "TCP"}],
        },
    }


def _slice(service: str, namespace: str, addresses: list[str]) -> Json:
    return {
        "apiVersion": "discovery.k8s.io/v1",
        "kind": "EndpointSlice",
        "metadata": {
            "name": f"{service}-1",
            "namespace": namespace,
            "labels": {"kubernetes.io/service-name": service},
        },
        "addressType": "IPv4",
        "ports": [{"name": PORT_NAME, "port": 5432, "protocol": "TCP"}],
        "endpoints": [
            {"addresses": [address], "conditions": {"ready": True}} for address in addresses
        ],
    }


def kubedns_argv(port: int, *, kubeconfig: Path, notify: str = "") -> list[str]:
    """The command line of a kubedns that reads the bench's cluster and tells one cache of it."""
    return [
        *(sys.executable, "-m", "kubedns", f"--domain={ZONE}.", "--dns-bind-address=127.0.0.1"),
        *(f"--dns-port={port}", f"--healthz-port={free_port()}", f"--kubecfg-file={kubeconfig}"),
        f"--notify={notify}",
    ]


@contextmanager
def backends(
    scratch: Path, responder: Path, *, outside_host: str, processors: Processors
) -> Iterator[Backends]:
    """Start the API, a kubedns and the responder on the load's processor; end them.

    Raises ServerError when one of them does not answer.
    """
    running: list[Process] = []

    def run(argv: list[str], name: str) -> Process:
        running.append(Process(argv, cpu=processors.load, log=scratch / f"{name}.log"))
        return running[-1]

    with DevCluster(Settings()) as api:
        for item in objects():
            api.create(item)
        kubeconfig = scratch / "kubeconfig"
        kubeconfig.write_text(api.kubeconfig())
        port, outside, measured = free_port(), free_port(), free_port()
        try:
            argv = kubedns_argv(port, kubeconfig=kubeconfig, notify=f"127.0.0.1:{measured}")
            zone = run(argv, "behind-kubedns")
            other = run([str(responder), "answer", str(outside), "0.0.0.0"], "behind-responder")
            zone.wait_synced("127.0.0.1", port, name=service_name(1))
            other.wait_ready("127.0.0.1", outside)
            yield Backends(api, kubeconfig, port, outside, outside_host, measured)
        finally:
            for process in running:
                process.stop()
