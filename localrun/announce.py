"""What a run tells the person once everything is up: listeners, then commands to paste.

Pure text; which tools are installed is passed in, so that missing ones are said.
"""

from __future__ import annotations

import sys
from collections.abc import Collection

from localrun.options import Options
from localrun.plan import HOST, ProcessSpec, kubeconfig_path

TOOLS = {"dig": "bind9-dnsutils", "kubectl": "kubernetes-client", "curl": "curl"}
"""Commands that are shown, each with the Debian package that has it."""

# `kubectl create service` sends protobuf, which devcluster does not read; --validate=false is for
# kubectl before 1.27, which asks for a schema document that only old servers have.
NEW_SERVICE = (
    '{"apiVersion":"v1","kind":"Service","metadata":{"name":"hello","namespace":"shop"},'
    '"spec":{"ports":[{"port":80}]}}'
)


def announcement(
    options: Options, specs: tuple[ProcessSpec, ...], *, installed: Collection[str]
) -> str:
    """The whole text, ending in a newline."""
    lines = ["", "Cluster DNS is up. What listens where:"]
    for spec in specs:
        for port in spec.ports:
            where = f"{port.address}:{port.number} {'+'.join(port.protocols)}"
            lines.append(f"  {spec.name:<14} {where:<24} {port.use}")
    lines += ["", "To try it, in another terminal:"]
    lines += [f"  {command}" for command in commands(options)]
    for tool, package in TOOLS.items():
        if tool not in installed:
            lines.append(f"  (no {tool} on this machine; Debian has it in the package {package})")
    page = f"http://{HOST}:{options.sidecar_port}/"
    lines += ["", f"To see what it is doing, and why a name answers as it does: {page}"]
    lines += ["", f"Logs are in {options.run_dir}/*.log. Ctrl-C stops everything.", ""]
    return "\n".join(lines)


def commands(options: Options) -> list[str]:
    """Command lines that work as they stand while the run is up."""
    dig = f"dig @{HOST} -p {options.front_port}"
    kubectl = f"kubectl --kubeconfig={kubeconfig_path(options)}"
    sidecar = f"http://{HOST}:{options.sidecar_port}"
    lines = [
        f"{dig} kubernetes.default.svc.cluster.local",
        f"{dig} SRV _https._tcp.kubernetes.default.svc.cluster.local +short",
        _explain(options),
        f"{kubectl} get services --all-namespaces",
    ]
    if not options.kubeconfig:
        lines += [
            f"{dig} SRV _pg._tcp.db.prod.svc.cluster.local",
            f"echo '{NEW_SERVICE}' | {kubectl} create --validate=false -f -",
            f"{dig} hello.shop.svc.cluster.local +short",
            f"{kubectl} delete service hello --namespace=shop",
        ]
    return [
        *lines,
        f"curl {sidecar}/healthcheck/kubedns",
        f"curl {sidecar}/metrics",
        f"curl http://{HOST}:{options.kubedns_health_port}/cache",
    ]


def _explain(options: Options) -> str:
    """Why a name resolves as it does; the flags are for ports that are not the command's own."""
    words = [f"{sys.executable} -m sidecar.explain kubernetes.default"]
    words.append(f"--front={HOST}:{options.front_port}")
    default = Options()
    if options.front_status_port != default.front_status_port:
        words.append(f"--front-page=http://{HOST}:{options.front_status_port}/explain")
    if options.kubedns_health_port != default.kubedns_health_port:
        words.append(f"--kubedns-page=http://{HOST}:{options.kubedns_health_port}/explain")
    return " ".join(words)
