"""The four real processes of a local run, on free ports, with an upstream that a test scripts."""

from __future__ import annotations

import dataclasses
import json
import subprocess
import urllib.error
import urllib.request
from pathlib import Path
from typing import Any, Self

import dns.flags
import dns.message
import dns.name
import dns.query
import dns.rcode
import dns.rdatatype

from localrun.child import Child
from localrun.options import Options
from localrun.plan import HOST, ProcessSpec, build_plan, kubeconfig_path
from localrun.readiness import why_not_ready
from tests.fakes.dns_server import DnsServer
from tests.ports import free_port
from tests.waiting import eventually

Json = dict[str, Any]


class Pod:
    """devcluster, kubedns, dnsmasq_front and sidecar, started in order and stopped in reverse."""

    def __init__(self, run_dir: Path, upstream: DnsServer) -> None:
        names = [field.name for field in dataclasses.fields(Options) if field.name.endswith("port")]
        ports = {name: free_port() for name in names}
        self.options = Options(**ports, run_dir=str(run_dir))  # type: ignore[arg-type]
        self.run_dir = run_dir
        self._specs = {spec.name: spec for spec in build_plan(self.options)}
        front = self._specs["dnsmasq_front"]
        # Nothing of a test may go to the name servers of the machine that it runs on.
        others = ("--no-resolv", f"--server={HOST}#{upstream.port}")
        self._specs["dnsmasq_front"] = dataclasses.replace(front, argv=(*front.argv, *others))
        kubedns = self._specs["kubedns"]
        nameservers = f"--nameservers={HOST}:{upstream.port}"
        self._specs["kubedns"] = dataclasses.replace(kubedns, argv=(*kubedns.argv, nameservers))
        self._children: dict[str, Child] = {}

    def __enter__(self) -> Self:
        for name in self._specs:
            self.start(name)
        return self

    def __exit__(self, *_: object) -> None:
        for name in reversed(self._specs):
            if name in self._children:
                self.stop(name)

    def start(self, name: str) -> None:
        """Start a process and wait until it is ready."""
        spec = self._specs[name]
        child = self._children[name] = Child(spec, self.run_dir / f"{name}.log")
        eventually(
            lambda: _is_ready(spec, child),
            spec.ready_timeout_s,
            lambda: f"{name}: {why_not_ready(spec.ready)}\n" + "\n".join(child.last_lines(20)),
        )

    def stop(self, name: str) -> str:
        """SIGTERM, and how it ended."""
        child = self._children.pop(name)
        child.ask_to_stop()
        eventually(child.has_ended, 15.0, f"{name} does not end")
        return child.clear_away()

    def kill(self, name: str) -> None:
        """SIGKILL: no time to say goodbye."""
        self._children.pop(name).clear_away()

    def is_running(self, name: str) -> bool:
        """Whether a process that was started has not ended."""
        return not self._children[name].has_ended()

    def log(self, name: str) -> str:
        """What a process has logged."""
        return (self.run_dir / f"{name}.log").read_text()

    # -- asking -----------------------------------------------------------------------------

    def ask(
        self, question: str, *, tcp: bool = False, port: int | None = None
    ) -> dns.message.Message:
        """The front's response to `name TYPE`."""
        name, rdtype = question.split()
        query = dns.message.make_query(name, rdtype, use_edns=0, payload=1232)
        exchange = dns.query.tcp if tcp else dns.query.udp
        return exchange(query, HOST, timeout=5, port=port or self.options.front_port)

    def answer(self, question: str, *, tcp: bool = False) -> list[str]:
        """The front's answer section as sorted lines `name ttl? type data` without the TTL."""
        response = self.ask(question, tcp=tcp)
        return sorted(
            f"{rrset.name} {dns.rdatatype.to_text(rrset.rdtype)} {rdata}"
            for rrset in response.answer
            for rdata in rrset
        )

    def rcode(self, question: str) -> str:
        """The front's rcode as text."""
        return dns.rcode.to_text(self.ask(question).rcode())

    def get(self, port: int, path: str) -> tuple[int, str]:
        """Status and body of an HTTP GET."""
        try:
            with urllib.request.urlopen(f"http://{HOST}:{port}{path}", timeout=5) as response:
                return response.status, response.read().decode()
        except urllib.error.HTTPError as error:
            return error.code, error.read().decode()

    # -- changing ---------------------------------------------------------------------------

    def api(self, method: str, path: str, body: Json | None = None) -> Json:
        """A request to the Kubernetes API over plain HTTP."""
        kind = "application/merge-patch+json" if method == "PATCH" else "application/json"
        request = urllib.request.Request(
            f"http://{HOST}:{self.options.devcluster_port}{path}",
            method=method,
            data=json.dumps(body).encode() if body is not None else None,
            headers={"Content-Type": kind},
        )
        with urllib.request.urlopen(request, timeout=5) as response:
            found: Json = json.loads(response.read())
            return found

    def kubectl(self, *words: str, stdin: str | None = None) -> str:
        """Run kubectl with this run's kubeconfig; its output."""
        done = subprocess.run(
            ["kubectl", f"--kubeconfig={kubeconfig_path(self.options)}", *words],
            input=stdin,
            capture_output=True,
            text=True,
            timeout=60,
            env={"HOME": str(self.run_dir), "PATH": "/usr/local/bin:/usr/bin:/bin"},
            check=False,
        )
        assert done.returncode == 0, done.stderr
        return done.stdout


def _is_ready(spec: ProcessSpec, child: Child) -> bool:
    assert not child.has_ended(), f"{spec.name} died:\n" + "\n".join(child.last_lines(20))
    return not why_not_ready(spec.ready)


def service(name: str, namespace: str, cluster_ip: str) -> Json:
    """A ClusterIP Service with one named port."""
    return {
        "apiVersion": "v1",
        "kind": "Service",
        "metadata": {"name": name, "namespace": namespace},
        "spec": {"clusterIP": cluster_ip, "ports": [{"name": "http", "port": 80}]},
    }
