"""The cluster that is fuzzed: some of everything that has records, as the API writes it."""

from __future__ import annotations

import json
from typing import Any

from kubedns.rows import CONFIG_MAPS, ENDPOINT_SLICES, NAMESPACES, PODS, SERVICES

Json = dict[str, Any]
NAMESPACE = "shop"
ZONE = "cluster.local"
CANARY = f"web.{NAMESPACE}.svc.{ZONE}"
CANARY_ADDRESS = "10.96.0.20"
CONFIG_MAP = "kube-dns"
MANY = 150
"""Endpoints of the service whose answers fit no datagram."""


def objects() -> dict[str, list[Json]]:
    """The objects of each resource."""
    ports = [
        {"name": "http", "port": 80, "protocol": "TCP"},
        {"name": "dns", "port": 53, "protocol": "UDP"},
    ]
    found = [
        _service("web", clusterIPs=[CANARY_ADDRESS, "fd00::20"], ports=ports),
        _service("bare", clusterIP="10.96.0.21", ports=[{"port": 7, "protocol": "SCTP"}]),
        _service("db", clusterIP="None", ports=[{"name": "pg", "port": 5432}]),
        _service("many", clusterIP="None", ports=[{"name": "pg", "port": 5432}]),
        _service("early", clusterIP="None", publishNotReadyAddresses=True),
        _service("inside", type="ExternalName", externalName=f"db.{NAMESPACE}.svc.{ZONE}"),
        _service("outside", type="ExternalName", externalName="www.example.com"),
        _service("loop", type="ExternalName", externalName=f"loop2.{NAMESPACE}.svc.{ZONE}"),
        _service("loop2", type="ExternalName", externalName=f"loop.{NAMESPACE}.svc.{ZONE}"),
    ]
    slices = [
        _slice("db-1", "db", ["10.244.1.9", "10.244.2.9"], hostnames=["db-0", "db-1"]),
        _slice("db-2", "db", ["fd00:10:244::9"], family="IPv6"),
        _slice("many-1", "many", [f"10.244.{100 + n // 250}.{n % 250}" for n in range(MANY)]),
        _slice("early-1", "early", ["10.244.3.9"], ready=False),
        _slice("web-1", "web", ["10.244.4.9"]),
    ]
    return {
        SERVICES: found,
        ENDPOINT_SLICES: slices,
        "endpoints": [_endpoints("db", ["10.244.1.9", "10.244.7.9"])],
        NAMESPACES: [{"metadata": {"name": name}} for name in (NAMESPACE, "empty")],
        PODS: [_pod("db-0", ["10.244.1.9"]), _pod("db-2", ["10.244.7.9", "fd00:10:244::7"])],
        CONFIG_MAPS: [_config_map()],
    }


def initial_events(items: list[Json], *, version: int) -> list[bytes]:
    """The lines of a watch that begins with the whole list."""
    end = {
        "resourceVersion": str(version),
        "annotations": {"k8s.io/initial-events-end": "true"},
    }
    lines = [event_line("ADDED", item) for item in items]
    return [*lines, event_line("BOOKMARK", {"metadata": end})]


def list_body(items: list[Json], *, version: int = 1, continue_: str = "") -> bytes:
    """A page of a list as the API server sends it."""
    meta = {"resourceVersion": str(version), **({"continue": continue_} if continue_ else {})}
    return json.dumps({"kind": "List", "metadata": meta, "items": items}).encode()


def event_line(event_type: str, item: Json) -> bytes:
    """A line of a watch, with its line end."""
    return json.dumps({"type": event_type, "object": item}).encode() + b"\n"


def _service(name: str, **spec: Any) -> Json:
    return {
        "apiVersion": "v1",
        "kind": "Service",
        "metadata": {"name": name, "namespace": NAMESPACE, "uid": name, "resourceVersion": "1"},
        "spec": {"type": "ClusterIP", **spec},
    }


def _endpoints(name: str, addresses: list[str]) -> Json:
    return {
        "metadata": {"name": name, "namespace": NAMESPACE},
        "subsets": [
            {
                "addresses": [
                    {"ip": text, "hostname": f"h{n}"} for n, text in enumerate(addresses)
                ],
                "notReadyAddresses": [{"ip": "10.244.8.9"}],
                "ports": [{"name": "pg", "port": 5432, "protocol": "TCP"}],
            }
        ],
    }


def _pod(name: str, addresses: list[str]) -> Json:
    ips = [{"ip": text} for text in addresses]
    return {
        "metadata": {"name": name, "namespace": NAMESPACE},
        "status": {"phase": "Running", "podIP": addresses[0], "podIPs": ips},
    }


def _config_map() -> Json:
    data = {
        "stubDomains": '{"acme.local": ["10.1.0.1:54", "dns.infra.svc.cluster.local"]}',
        "upstreamNameservers": '["10.0.0.1"]',
        "federations": "east=example.com",
    }
    return {"metadata": {"name": CONFIG_MAP, "namespace": NAMESPACE}, "data": data}


def _slice(
    name: str,
    service: str,
    addresses: list[str],
    *,
    family: str = "IPv4",
    hostnames: list[str] | None = None,
    ready: bool = True,
) -> Json:
    endpoints: list[Json] = [
        {"addresses": [text], "conditions": {"ready": ready}} for text in addresses
    ]
    for endpoint, hostname in zip(endpoints, hostnames or (), strict=False):
        endpoint["hostname"] = hostname
    return {
        "apiVersion": "discovery.k8s.io/v1",
        "kind": "EndpointSlice",
        "metadata": {
            "name": name,
            "namespace": NAMESPACE,
            "resourceVersion": "1",
            "labels": {"kubernetes.io/service-name": service},
        },
        "addressType": family,
        "ports": [{"name": "pg", "port": 5432, "protocol": "TCP"}],
        "endpoints": endpoints,
    }
