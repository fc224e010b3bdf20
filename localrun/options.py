"""The command line of `python -m localrun`: a port for each listener, and which cluster to read."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from dnscore.flags import FlagSet


@dataclass(frozen=True, slots=True)
class Options:
    """Everything that a run can be told."""

    devcluster_port: int = 8001
    """HTTP, the in-memory Kubernetes API; unused with a kubeconfig."""
    kubedns_port: int = 10053
    """DNS, UDP and TCP."""
    kubedns_health_port: int = 8081
    """HTTP, /readiness and /cache."""
    kubedns_metrics_port: int = 10055
    """HTTP, /metrics of kubedns."""
    front_port: int = 1053
    """DNS, UDP and TCP; the one that clients ask. 53 needs root, so it is not the default."""
    front_status_port: int = 10056
    """HTTP, /status.json of the front."""
    sidecar_port: int = 10054
    """HTTP, /healthcheck/<label> and /metrics."""
    kubeconfig: str = ""
    """A kubeconfig file of a real cluster; empty starts devcluster instead."""
    run_dir: str = ".run"
    """Where logs, the kubeconfig and devcluster's state go."""
    help_text: str = ""
    """Not empty: print it and end."""


PORT_HELP = {
    "devcluster_port": "HTTP port of the in-memory Kubernetes API",
    "kubedns_port": "DNS port of kubedns",
    "kubedns_health_port": "HTTP port of kubedns for /readiness and /cache",
    "kubedns_metrics_port": "HTTP port of kubedns for /metrics",
    "front_port": "DNS port of the caching front, the one to ask",
    "front_status_port": "HTTP port of the front for /status.json",
    "sidecar_port": "HTTP port of the sidecar for /healthcheck and /metrics",
}


def parse_options(argv: Sequence[str]) -> Options:
    """The options in argv. Raises UsageError."""
    defaults = Options()
    flags = FlagSet("python -m localrun")
    for name, text in PORT_HELP.items():
        flags.integer(_flag(name), getattr(defaults, name), help=text, minimum=1, maximum=65535)
    flags.string("kubeconfig", "", help="read this cluster instead of starting devcluster")
    flags.string("run-dir", defaults.run_dir, help="directory of logs, kubeconfig and state")
    found = flags.parse(argv)
    values: dict[str, Any] = {name: found[_flag(name)] for name in PORT_HELP}
    return Options(
        **values,
        kubeconfig=found["kubeconfig"],
        run_dir=found["run-dir"],
        help_text=flags.usage() if found.help_wanted else "",
    )


def _flag(name: str) -> str:
    return name.replace("_", "-")
