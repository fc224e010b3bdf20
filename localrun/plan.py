"""What a local run consists of, as data: each process, its ports, and how to see that it is ready.

Pure: nothing is started here. The order of the plan is the order of starting; each process needs
only those before it, so the reverse is the order of stopping.
The ports differ from a pod's only for the front: 53 needs root.
"""

from __future__ import annotations

import sys
from dataclasses import dataclass

from localrun.options import Options

HOST = "127.0.0.1"
EVERYWHERE = "0.0.0.0"
PROBE_NAME = "kubernetes.default.svc.cluster.local"
FORWARDED_DOMAINS = ("cluster.local", "in-addr.arpa", "ip6.arpa")


@dataclass(frozen=True, slots=True)
class Port:
    """One listening port of a process."""

    number: int
    variable: str
    """The make variable that moves it."""
    use: str
    """What it serves, for people."""
    protocols: tuple[str, ...] = ("tcp",)
    """`tcp`, `udp` or both."""
    address: str = HOST


@dataclass(frozen=True, slots=True)
class HttpReady:
    """Ready when a GET answers 200."""

    port: int
    path: str


@dataclass(frozen=True, slots=True)
class DnsReady:
    """Ready when a CHAOS TXT query for version.bind is answered over UDP, with any rcode."""

    port: int


@dataclass(frozen=True, slots=True)
class ProcessSpec:
    """One process of the run."""

    name: str
    argv: tuple[str, ...]
    ports: tuple[Port, ...]
    ready: HttpReady | DnsReady
    env: tuple[tuple[str, str], ...] = ()
    """Added to the inherited environment."""
    ready_timeout_s: float = 30.0
    """How long it may take from its start until it is ready."""


def kubeconfig_path(options: Options) -> str:
    """The kubeconfig that kubedns and kubectl use in this run."""
    return options.kubeconfig or f"{options.run_dir}/kubeconfig"


def build_plan(options: Options) -> tuple[ProcessSpec, ...]:
    """The processes of a run, in the order of starting; no devcluster with a kubeconfig."""
    daemons = (_kubedns(options), _front(options), _sidecar(options))
    return daemons if options.kubeconfig else (_devcluster(options), *daemons)


def doubled_ports(specs: tuple[ProcessSpec, ...]) -> list[str]:
    """One line for each port number that two variables share."""
    seen: dict[int, str] = {}
    lines = []
    for port in (port for spec in specs for port in spec.ports):
        if port.number in seen:
            first = seen[port.number]
            lines.append(f"{first} and {port.variable} are both {port.number}: change one of them")
        seen.setdefault(port.number, port.variable)
    return lines


def _program(module: str, *flags: str) -> tuple[str, ...]:
    return (sys.executable, "-m", module, *flags)


def _devcluster(options: Options) -> ProcessSpec:
    port = Port(options.devcluster_port, "DEVCLUSTER_PORT", "Kubernetes API (HTTP)")
    return ProcessSpec(
        name="devcluster",
        argv=_program(
            "devcluster",
            f"--listen={HOST}:{port.number}",
            "--sample",
            f"--state={options.run_dir}/devcluster-state.json",
            f"--kubeconfig-out={kubeconfig_path(options)}",
        ),
        ports=(port,),
        ready=HttpReady(port.number, "/readyz"),
    )


def _kubedns(options: Options) -> ProcessSpec:
    dns = Port(options.kubedns_port, "KUBEDNS_PORT", "DNS of the cluster", ("udp", "tcp"))
    health = Port(
        options.kubedns_health_port,
        "KUBEDNS_HEALTH_PORT",
        "/readiness, /cache, /explain (HTTP)",
        address=EVERYWHERE,
    )
    metrics = Port(
        options.kubedns_metrics_port,
        "KUBEDNS_METRICS_PORT",
        "/metrics of kubedns (HTTP)",
        address=EVERYWHERE,
    )
    return ProcessSpec(
        name="kubedns",
        argv=_program(
            "kubedns",
            "--domain=cluster.local.",
            f"--dns-bind-address={HOST}",
            f"--dns-port={dns.number}",
            f"--healthz-port={health.number}",
            f"--kubecfg-file={kubeconfig_path(options)}",
            f"--notify={HOST}:{options.front_port}",
            "--v=2",
        ),
        env=(("PROMETHEUS_PORT", str(metrics.number)),),
        ports=(dns, health, metrics),
        ready=HttpReady(health.number, "/readiness"),
        # Longer than --initial-sync-timeout (60 s): kubedns itself then says what is wrong.
        ready_timeout_s=75.0,
    )


def _front(options: Options) -> ProcessSpec:
    port = Port(options.front_port, "FRONT_PORT", "DNS, cached: ask this one", ("udp", "tcp"))
    status = Port(options.front_status_port, "FRONT_STATUS_PORT", "/status.json, /explain (HTTP)")
    servers = [f"--server=/{d}/{HOST}#{options.kubedns_port}" for d in FORWARDED_DOMAINS]
    return ProcessSpec(
        name="dnsmasq_front",
        argv=_program(
            "dnsmasq_front",
            "-v=2",
            "-logtostderr",
            f"-statusAddress={HOST}:{options.front_status_port}",
            "--",
            "-k",
            f"--port={port.number}",
            f"--listen-address={HOST}",
            "--cache-size=1000",
            "--dns-loop-detect",
            "--log-facility=-",
            *servers,
        ),
        ports=(port, status),
        ready=DnsReady(port.number),
    )


def _sidecar(options: Options) -> ProcessSpec:
    port = Port(
        options.sidecar_port, "SIDECAR_PORT", "status page, /healthcheck/*, /metrics (HTTP)"
    )
    return ProcessSpec(
        name="sidecar",
        argv=_program(
            "sidecar",
            "--v=2",
            "--logtostderr",
            f"--dnsmasq-port={options.front_port}",
            f"--prometheus-addr={HOST}",
            f"--prometheus-port={port.number}",
            f"--kubedns-metrics-url=http://{HOST}:{options.kubedns_metrics_port}/metrics",
            f"--kubedns-status-url=http://{HOST}:{options.kubedns_health_port}/status.json",
            f"--dnsmasq-status-url=http://{HOST}:{options.front_status_port}/status.json",
            f"--probe=kubedns,{HOST}:{options.kubedns_port},{PROBE_NAME},5,SRV",
            f"--probe=dnsmasq,{HOST}:{options.front_port},{PROBE_NAME},5,SRV",
        ),
        ports=(port,),
        ready=HttpReady(port.number, "/healthz"),
    )
