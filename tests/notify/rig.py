"""An API, a real kubedns and real fronts that it tells of changes."""

from __future__ import annotations

import contextlib
import signal
from collections.abc import Callable
from functools import partial
from typing import Any, Self

import dns.rdatatype

from devcluster.cluster import DevCluster, Settings
from tests.dnsmasq_front.messages import Reply
from tests.dnsmasq_front.process import FrontProcess
from tests.kubedns_process.daemon import Kubedns
from tests.ports import HOST, free_port
from tests.waiting import eventually

Json = dict[str, Any]
NAMESPACE = "shop"
SEEN_S = 15.0
"""Much longer than being told takes, and much shorter than the life of what is in the cache."""
_ASKS = 24
"""So many in a row, from as many ports, come to each worker of a front."""


class Rig:
    """Ends all that it has started."""

    def __init__(self, *workers: int) -> None:
        """One front for each number, with that many workers; ready when all are told."""
        self._stack = contextlib.ExitStack()
        self.api = DevCluster(Settings())
        self._workers = dict(zip((free_port() for _ in workers), workers, strict=True))
        self.fronts: list[FrontProcess] = []

    def __enter__(self) -> Self:
        self._stack.enter_context(self.api)
        self.api.create({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": NAMESPACE}})
        flags = [f"--notify={HOST}:{port}" for port in self._workers]
        self.kubedns = Kubedns(*flags, api=self.api.url, metrics=True)
        self._stack.enter_context(self.kubedns).wait_ready()
        for port in self._workers:
            self.start_front(port)
        self.wait_told()
        return self

    def __exit__(self, *error: Any) -> None:
        self._stack.__exit__(*error)

    def start_front(self, port: int) -> FrontProcess:
        """A front on a port that kubedns tells."""
        servers = [
            f"--server=/{domain}/{HOST}#{self.kubedns.dns_port}"
            for domain in ("cluster.local", "in-addr.arpa", "ip6.arpa")
        ]
        own = ["--no-resolv", "--cache-size=1000", f"--workers={self._workers[port]}"]
        front = FrontProcess("-k", *own, *servers, port=port)
        self.fronts.append(self._stack.enter_context(front))
        return front

    def kill_front(self, front: FrontProcess) -> None:
        """SIGKILL: nobody answers there any more."""
        front.signal(signal.SIGKILL)
        front.wait()
        self.fronts.remove(front)

    def restart_front(self, front: FrontProcess) -> FrontProcess:
        """Kill it, and start another in its place."""
        self.kill_front(front)
        return self.start_front(front.port)

    def kill_kubedns(self) -> None:
        """SIGKILL: no time to say goodbye."""
        self.kubedns.signal(signal.SIGKILL)
        self.kubedns.process.wait(SEEN_S)

    def start_kubedns(self) -> None:
        """On the port it had."""
        self.kubedns.__enter__().wait_ready()

    def wait_told(self) -> None:
        """Until each worker of each front knows that it is told."""
        self.until_all("told.bind. TXT CH", ['"1"'])

    # -- asking -----------------------------------------------------------------------------

    def until_all(self, question: str, data: list[str]) -> None:
        """Until each worker of each front answers with these data (none: there is no such name).

        That is not until what it has kept ends by itself.
        """
        for front in self.fronts:
            eventually(
                partial(_every, front, question, data),
                SEEN_S,
                partial(_shown, front, question),
            )

    def keep(self, question: str, *fronts: FrontProcess) -> None:
        """Ask until each worker has kept the answer for longer than it would if nobody told it.

        That is less than half a second, and an age in TTLs is up to a second ahead.
        """
        shown = {front: _ttl(front.ask(question)) for front in fronts or self.fronts}
        for front, ttl in shown.items():
            until(partial(_is_kept, front, question, ttl), f"{question} is not kept")

    # -- objects ----------------------------------------------------------------------------

    def service(self, name: str, cluster_ip: str) -> None:
        """Create a Service with an address."""
        self.api.create(
            {
                "apiVersion": "v1",
                "kind": "Service",
                "metadata": {"name": name, "namespace": NAMESPACE},
                "spec": {"clusterIP": cluster_ip, "ports": [{"name": "http", "port": 80}]},
            }
        )

    def no_service(self, name: str) -> None:
        """Delete a Service."""
        self.api.delete("services", name, NAMESPACE)

    def alias(self, name: str, target: str) -> None:
        """A Service that leads to another name (ExternalName), or leads there from now on."""
        self.api.apply(
            {
                "apiVersion": "v1",
                "kind": "Service",
                "metadata": {"name": name, "namespace": NAMESPACE},
                "spec": {"type": "ExternalName", "externalName": target},
            }
        )

    def pods(self, service: str, addresses: dict[str, str], *, ready: bool = True) -> None:
        """The endpoints of a headless Service: an address by host name."""
        self.api.apply(
            {
                "apiVersion": "discovery.k8s.io/v1",
                "kind": "EndpointSlice",
                "metadata": {
                    "name": f"{service}-1",
                    "namespace": NAMESPACE,
                    "labels": {"kubernetes.io/service-name": service},
                },
                "addressType": "IPv4",
                "ports": [{"name": "http", "port": 80}],
                "endpoints": [
                    {"addresses": [at], "hostname": name, "conditions": {"ready": ready}}
                    for name, at in addresses.items()
                ],
            }
        )


def name_of(service: str, *, pod: str = "") -> str:
    """The A question of a Service, or of one of its pods."""
    return f"{pod}{'.' if pod else ''}{service}.{NAMESPACE}.svc.cluster.local. A"


def until(predicate: Callable[[], bool], message: str) -> None:
    """Wait, but not until what is in a cache ends by itself."""
    eventually(predicate, SEEN_S, message)


def _every(front: FrontProcess, question: str, data: list[str]) -> bool:
    return all(front.ask(question).data == data for _ in range(_ASKS))


def _shown(front: FrontProcess, question: str) -> str:
    return f"port {front.port} answers {front.ask(question).message}"


def _is_kept(front: FrontProcess, question: str, ttl: int) -> bool:
    return all(_ttl(front.ask(question)) <= ttl - 2 for _ in range(_ASKS))


def _ttl(reply: Reply) -> int:
    """Of the answer, or of the SOA record beside a negative one (RFC 2308 5)."""
    for rrset in (*reply.message.answer, *reply.message.authority):
        if rrset.rdtype in (dns.rdatatype.A, dns.rdatatype.PTR, dns.rdatatype.SOA):
            return int(rrset.ttl)
    raise AssertionError(f"no TTL in {reply.message}")
