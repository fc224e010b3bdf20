"""On stage: the API server, a kubedns, and a cache before it that is told of changes, or is not."""

from __future__ import annotations

import re
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import dns.message
import dns.query

from bench.api_writer import Writer
from bench.process import Process, ServerError, free_port
from bench.workloads import ZONE
from devcluster.kubeconfig import kubeconfig_text
from gates.tools import find_command

Json = dict[str, Any]
HOST = "127.0.0.1"
NAMESPACE = "coherence"
CACHE = 10_000
_START_S = 10.0
_DOMAINS = (ZONE, "in-addr.arpa", "ip6.arpa")

FRONT, UNTOLD, DNSMASQ = "front", "front that is not told", "dnsmasq"
"""The caches."""


@dataclass(frozen=True, slots=True)
class Stage:
    """Where everything is."""

    api: int
    """Port of the API server."""
    cache: int
    """Port of the cache."""
    kubedns: int
    metrics: int
    """Port of kubedns's metrics."""

    def counter(self, name: str) -> int:
        """One of the `*.bind` counters of the cache. Raises ServerError."""
        query = dns.message.make_query(f"{name}.bind.", "TXT", "CH")
        response = dns.query.udp(query, HOST, timeout=5, port=self.cache)
        if not response.answer:
            raise ServerError(f"the cache does not tell {name}.bind")
        return int(response.answer[0][0].strings[0])

    def kubedns_metrics(self) -> dict[str, float]:
        """Every sample of kubedns's metrics page by its name with its labels."""
        url = f"http://{HOST}:{self.metrics}/metrics"
        with urllib.request.urlopen(url, timeout=10) as answer:
            text = answer.read().decode()
        return {m[1]: float(m[2]) for m in re.finditer(r"^([^#\s]\S*) (\S+)$", text, re.M)}


@contextmanager
def stage(scratch: Path, objects: list[Json], *, cache: str, cpus: str) -> Iterator[Stage]:
    """All processes, with the objects in the API, and names answered. Raises ServerError."""
    api, dns_port, front, metrics = (free_port() for _ in range(4))
    running: list[Process] = []

    def run(name: str, *argv: str) -> Process:
        running.append(Process(argv, cpu=cpus, log=scratch / f"{name}.log"))
        return running[-1]

    try:
        run("devcluster", sys.executable, "-m", "devcluster", f"--listen={HOST}:{api}")
        _fill(api, objects)
        kubeconfig = scratch / "kubeconfig"
        kubeconfig.write_text(kubeconfig_text(f"http://{HOST}:{api}", None))
        kubedns = run(
            "kubedns",
            *("env", f"PROMETHEUS_PORT={metrics}", sys.executable, "-m", "kubedns"),
            *(f"--domain={ZONE}.", f"--dns-bind-address={HOST}", f"--dns-port={dns_port}"),
            *(f"--healthz-port={free_port()}", f"--kubecfg-file={kubeconfig}"),
            f"--notify={HOST}:{front}" if cache == FRONT else "--notify=",
        )
        kubedns.wait_synced(HOST, dns_port, name=f"kubernetes.default.svc.{ZONE}")
        server = run("cache", *_cache_argv(cache, front, dns_port))
        server.wait_synced(HOST, front, name=f"kubernetes.default.svc.{ZONE}")
        if cache == FRONT:
            server.wait_told(HOST, front)
        yield Stage(api, front, dns_port, metrics)
    finally:
        for process in running:
            process.stop()


def _cache_argv(cache: str, port: int, upstream: int) -> list[str]:
    words = [find_command(DNSMASQ) or DNSMASQ, "-C", "/dev/null", "--user=root", "--pid-file="]
    words += ["--bind-interfaces"]
    if cache != DNSMASQ:
        words = [sys.executable, "-m", "dnsmasq_front"]
    words += ["-k", f"--port={port}", f"--listen-address={HOST}", "--no-resolv", "--no-hosts"]
    words += [f"--cache-size={CACHE}", "--log-facility=-"]
    return words + [f"--server=/{domain}/{HOST}#{upstream}" for domain in _DOMAINS]


def _fill(port: int, objects: list[Json]) -> None:
    deadline = time.monotonic() + _START_S
    writer = Writer(port)
    while True:
        try:
            writer.write("POST", "/api/v1/namespaces", namespace())
            break
        except OSError:
            writer.close()
            if time.monotonic() > deadline:
                raise ServerError("devcluster did not start") from None
            time.sleep(0.05)
    for obj in objects:
        writer.write("POST", collection(obj["kind"]), obj)
    writer.close()


def collection(kind: str) -> str:
    """Path of the Services, or of the EndpointSlices."""
    if kind == "Service":
        return f"/api/v1/namespaces/{NAMESPACE}/services"
    return f"/apis/discovery.k8s.io/v1/namespaces/{NAMESPACE}/endpointslices"


def namespace() -> Json:
    """The one where everything happens."""
    return {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": NAMESPACE}}


def service(name: str, **spec: Any) -> Json:
    """A Service; without `clusterIP` or `externalName` it is headless."""
    if "externalName" in spec:
        spec["type"] = "ExternalName"
    else:
        spec = {"clusterIP": "None", "ports": [{"name": "pg", "port": 5432}], **spec}
    metadata = {"name": name, "namespace": NAMESPACE}
    return {"apiVersion": "v1", "kind": "Service", "metadata": metadata, "spec": spec}


def endpoint(
    service_name: str, name: str, address: str, *, hostname: str = "", ready: bool = True
) -> Json:
    """An EndpointSlice of a Service with one endpoint."""
    one: Json = {"addresses": [address], "conditions": {"ready": ready}}
    if hostname:
        one["hostname"] = hostname
    return {
        "apiVersion": "discovery.k8s.io/v1",
        "kind": "EndpointSlice",
        "metadata": {
            "name": name,
            "namespace": NAMESPACE,
            "labels": {"kubernetes.io/service-name": service_name},
        },
        "addressType": "IPv4",
        "ports": [{"name": "pg", "port": 5432}],
        "endpoints": [one],
    }


def dns_name(label: str) -> str:
    """The DNS name of a Service, or below one."""
    return f"{label}.{NAMESPACE}.svc.{ZONE}"
