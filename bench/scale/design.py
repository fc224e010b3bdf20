"""The objects of a large cluster, and what DNS has to say of them.

Headless services have one or two slices of equal size (every fifth has two); all others have a
cluster IP. Objects have the metadata, managed fields and pod references of a real cluster, so
that 10,000 services and 150,000 endpoints are lists of some 20 and 38 MB. Pure.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from ipaddress import IPv4Address
from typing import Any

from bench.workloads import PORT_NAME, ZONE

Json = dict[str, Any]
Key = tuple[str, str]

NAMESPACES = 200
_BLOCK = 6
"""Slices that feed one service less: the last two of a block are of the same one."""
_CLUSTER_IPS = int(IPv4Address("10.96.1.0"))
_PODS = int(IPv4Address("10.128.0.0"))
_NEW_PODS = int(IPv4Address("100.64.0.0"))
_MADE = "2026-01-01T00:00:00Z"


@dataclass(frozen=True, slots=True)
class Design:
    """A cluster's size, and everything that follows from it."""

    services: int = 10_000
    endpoints: int = 150_000
    per_slice: int = 100

    @property
    def slices(self) -> int:
        """EndpointSlices, all full."""
        return self.endpoints // self.per_slice

    @property
    def headless(self) -> int:
        """Services that have slices."""
        return self.owner(self.slices - 1) + 1

    def owner(self, number: int) -> int:
        """The service of a slice."""
        block, place = divmod(number, _BLOCK)
        return block * (_BLOCK - 1) + min(place, _BLOCK - 2)

    def service_key(self, number: int) -> Key:
        """Namespace and name of a service."""
        name = f"db-{number:05}" if number < self.headless else f"svc-{number:05}"
        return f"team-{number % NAMESPACES:03}", name

    def service_name(self, number: int) -> str:
        """The name one asks for, without the final dot."""
        namespace, name = self.service_key(number)
        return f"{name}.{namespace}.svc.{ZONE}"

    def slice_key(self, number: int) -> Key:
        """Namespace and name of a slice."""
        namespace, service = self.service_key(self.owner(number))
        return namespace, f"{service}-{number:05}"

    def address(self, number: int, place: int, *, updates: int = 0) -> bytes:
        """Address `place` of a slice after so many updates of the whole set.

        Update `n` gives one endpoint of slice `n % slices` a new address.
        """
        done = (updates - 1 - number) // self.slices + 1 if updates > number else 0
        turns = (done - 1 - place) // self.per_slice + 1 if done > place else 0
        if not turns:
            return (_PODS + number * self.per_slice + place).to_bytes(4)
        nth = place + (turns - 1) * self.per_slice
        return (_NEW_PODS + number + nth * self.slices).to_bytes(4)

    def addresses(self, *, updates: int = 0) -> dict[int, frozenset[bytes]]:
        """What A of each service has to answer, by the service's number."""
        found: dict[int, set[bytes]] = {}
        for number in range(self.slices):
            held = found.setdefault(self.owner(number), set())
            held.update(self.address(number, p, updates=updates) for p in range(self.per_slice))
        for number in range(self.headless, self.services):
            found[number] = {(_CLUSTER_IPS + number).to_bytes(4)}
        return {number: frozenset(held) for number, held in found.items()}

    def updated_place(self, update: int) -> tuple[int, int]:
        """The slice and the endpoint that an update changes."""
        nth, number = divmod(update, self.slices)
        return number, nth % self.per_slice

    def namespace_items(self) -> Iterator[tuple[Key, bytes]]:
        """Namespaces as items of a list."""
        for number in range(min(NAMESPACES, self.services)):
            name = f"team-{number:03}"
            yield ("", name), _dump({"metadata": _meta(("", name), number, 1, {})})

    def service_items(self) -> Iterator[tuple[Key, bytes]]:
        """Services as items of a list."""
        for number in range(self.services):
            key = self.service_key(number)
            yield key, _dump(_service(key, number, headless=number < self.headless))

    def slice_shells(self) -> Iterator[tuple[Key, bytes, bytes]]:
        """Of each slice what comes before its resourceVersion, and from there to the endpoints."""
        for number in range(self.slices):
            key = self.slice_key(number)
            shell = _dump(_slice_shell(key, self.service_key(self.owner(number))[1], number))
            before, after = shell.split(b'"resourceVersion":"1"', 1)
            yield key, before + b'"resourceVersion":"', b'"' + after[:-1] + b',"endpoints":['

    def endpoint(self, number: int, place: int, *, updates: int = 0) -> bytes:
        """One endpoint of a slice."""
        address = IPv4Address(self.address(number, place, updates=updates))
        namespace, owner = self.service_key(self.owner(number))
        uid = _uid(3, number * self.per_slice + place)
        return (
            f'{{"addresses":["{address}"],"conditions":{{"ready":true,"serving":true,'
            f'"terminating":false}},"nodeName":"node-{place % 50:04}.example.test",'
            f'"targetRef":{{"kind":"Pod","name":"{owner}-{place}","namespace":"{namespace}",'
            f'"uid":"{uid}"}},"zone":"zone-{place % 3}"}}'
        ).encode()


def _dump(value: Json) -> bytes:
    return json.dumps(value, separators=(",", ":")).encode()


def _uid(kind: int, number: int) -> str:
    return f"{kind:08x}-0000-4000-8000-{number:012x}"


def _meta(key: Key, number: int, kind: int, labels: dict[str, str]) -> Json:
    namespace = {"namespace": key[0]} if key[0] else {}
    return {
        "name": key[1],
        **namespace,
        "uid": _uid(kind, number),
        "resourceVersion": "1",
        "creationTimestamp": _MADE,
        "labels": labels,
    }


def _managed(fields: Json) -> list[Json]:
    return [
        {
            "manager": "kube-controller-manager",
            "operation": "Update",
            "apiVersion": "v1",
            "time": _MADE,
            "fieldsType": "FieldsV1",
            "fieldsV1": fields,
        }
    ]


def _service(key: Key, number: int, *, headless: bool) -> Json:
    cluster_ip = "None" if headless else str(IPv4Address(_CLUSTER_IPS + number))
    labels = {"app.kubernetes.io/name": key[1], "app.kubernetes.io/managed-by": "bench"}
    ports = [
        {"name": name, "protocol": "TCP", "port": port, "targetPort": port}
        for name, port in ((PORT_NAME, 5432), ("metrics", 9187))
    ]
    spec: Json = {
        "ports": ports,
        "selector": {"app.kubernetes.io/name": key[1]},
        "clusterIP": cluster_ip,
        "clusterIPs": [cluster_ip],
        "type": "ClusterIP",
        "sessionAffinity": "None",
        "ipFamilies": ["IPv4"],
        "ipFamilyPolicy": "SingleStack",
        "internalTrafficPolicy": "Cluster",
    }
    meta = _meta(key, number, 1, labels)
    applied = json.dumps({"metadata": {"name": key[1], "labels": labels}, "spec": spec})
    meta["annotations"] = {"kubectl.kubernetes.io/last-applied-configuration": applied}
    port_fields: Json = {
        f'k:{{"port":{port["port"]}}}': {f"f:{name}": {} for name in port} for port in ports
    }
    meta["managedFields"] = _managed(
        {"f:spec": {**{f"f:{name}": {} for name in spec}, "f:ports": port_fields}}
    )
    return {"metadata": meta, "spec": spec, "status": {"loadBalancer": {}}}


def _slice_shell(key: Key, service: str, number: int) -> Json:
    labels = {
        "app.kubernetes.io/name": service,
        "endpointslice.kubernetes.io/managed-by": "endpointslice-controller.k8s.io",
        "kubernetes.io/service-name": service,
    }
    meta = _meta(key, number, 2, labels)
    meta["generateName"] = f"{service}-"
    meta["managedFields"] = _managed({"f:addressType": {}, "f:endpoints": {}, "f:ports": {}})
    return {
        "metadata": meta,
        "addressType": "IPv4",
        "ports": [
            {"name": name, "protocol": "TCP", "port": port}
            for name, port in ((PORT_NAME, 5432), ("metrics", 9187))
        ],
    }
