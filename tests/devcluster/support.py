"""A plain HTTP client, watch streams, recordings and small objects for the devcluster tests."""

from __future__ import annotations

import http.client
import json
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from devcluster.cluster import DevCluster

RECORDINGS = Path(__file__).resolve().parent.parent / "data" / "recordings"
SERVICES = "/api/v1/services"
SLICES = "/apis/discovery.k8s.io/v1/endpointslices"

Json = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Answer:
    code: int
    headers: dict[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.body)


def recorded(name: str) -> Answer:
    """A recorded answer of a real API server."""
    head, _, body = (RECORDINGS / f"{name}.http").read_bytes().partition(b"\r\n\r\n")
    lines = head.decode().splitlines()
    headers = dict(line.lower().split(": ", 1) for line in lines[1:] if line)
    return Answer(int(lines[0].split()[1]), headers, body)


def recorded_events(name: str) -> list[Json]:
    return [json.loads(line) for line in recorded(name).body.splitlines() if line.strip()]


def call(
    cluster: DevCluster,
    method: str,
    path: str,
    body: Any = None,
    *,
    content_type: str = "application/json",
    headers: dict[str, str] | None = None,
) -> Answer:
    """One request over HTTP; `body` is JSON unless it is bytes."""
    connection = http.client.HTTPConnection("127.0.0.1", cluster.port, timeout=10)
    data = body if isinstance(body, bytes) else None if body is None else json.dumps(body).encode()
    sent = {"Content-Type": content_type, **(headers or {})} if data is not None else headers or {}
    try:
        connection.request(method, path, data, sent)
        response = connection.getresponse()
        names = {name.lower(): value for name, value in response.getheaders()}
        return Answer(response.status, names, response.read())
    finally:
        connection.close()


class Watching:
    """An open watch; `next()` gives its events one by one."""

    def __init__(self, cluster: DevCluster, path: str, query: str = "") -> None:
        self._connection = http.client.HTTPConnection("127.0.0.1", cluster.port, timeout=10)
        self._connection.request("GET", f"{path}?watch=true&{query}")
        self.response = self._connection.getresponse()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        at: TracebackType | None,
    ) -> None:
        self._connection.close()

    def next(self) -> Json:
        """The next event; AssertionError when the stream ended instead."""
        line = self.response.readline()
        assert line, "the watch ended"
        event: Json = json.loads(line)
        return event

    def take(self, count: int) -> list[Json]:
        return [self.next() for _ in range(count)]

    def ends(self) -> bool:
        """Whether the stream ends in order; IncompleteRead is raised when it breaks off."""
        return self.response.readline() == b""

    def is_quiet(self, for_s: float) -> bool:
        """Whether nothing comes for that time; the watch cannot be used afterwards."""
        assert self._connection.sock is not None
        self._connection.sock.settimeout(for_s)
        try:
            self.response.readline()
        except TimeoutError:
            return True
        return False


def brief(event: Json) -> tuple[str, str]:
    """(type, name) of an event."""
    return event["type"], event["object"]["metadata"].get("name", "")


def versions(events: list[Json]) -> list[int]:
    return [int(event["object"]["metadata"]["resourceVersion"]) for event in events]


def service(name: str, namespace: str = "default", **spec: Any) -> Json:
    spec.setdefault("ports", [{"port": 80}])
    return {
        "apiVersion": "v1",
        "kind": "Service",
        "metadata": {"name": name, "namespace": namespace},
        "spec": spec,
    }


def config_map(name: str, namespace: str = "default", **data: str) -> Json:
    return {
        "apiVersion": "v1",
        "kind": "ConfigMap",
        "metadata": {"name": name, "namespace": namespace},
        "data": data,
    }


def pod(
    name: str,
    *addresses: str,
    namespace: str = "default",
    labels: dict[str, str] | None = None,
    ready: bool = True,
    **spec: Any,
) -> Json:
    return {
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": {"name": name, "namespace": namespace, "labels": labels or {"app": "web"}},
        "spec": {"containers": [{"name": "c"}], **spec},
        "status": {
            "podIPs": [{"ip": address} for address in addresses],
            "conditions": [{"type": "Ready", "status": "True" if ready else "False"}],
        },
    }


def namespace(name: str) -> Json:
    return {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": name}}
