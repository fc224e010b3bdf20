"""API objects, recorded answers, and a reflector driven by hand."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from random import Random
from typing import Any

from kubedns.k8s.actions import List, Sleep, Watch
from kubedns.k8s.errors import ApiError, BadObject
from kubedns.k8s.kind import Kind
from kubedns.k8s.project import services
from kubedns.k8s.reflector import Reflector
from kubedns.rows import Batch, Key, Row, ServiceRow

_RECORDINGS = Path(__file__).parent.parent / "data" / "recordings"


@dataclass(frozen=True, slots=True)
class Recorded:
    """A response of a real API server."""

    status: int
    headers: dict[str, str]
    body: bytes


def recorded(name: str) -> Recorded:
    head, body = (
        (_RECORDINGS / f"{name}.http").read_bytes().replace(b"\r\n", b"\n").split(b"\n\n", 1)
    )
    first, *lines = head.decode().splitlines()
    headers = dict(line.split(": ", 1) for line in lines)
    return Recorded(int(first.split()[1]), headers, body)


def service(name: str, rv: int | str, *, ip: str = "10.0.0.1", **spec: Any) -> dict[str, Any]:
    """A Service in namespace `ns`."""
    return {
        "metadata": {"name": name, "namespace": "ns", "resourceVersion": str(rv)},
        "spec": {"clusterIP": ip, "clusterIPs": [ip], "type": "ClusterIP", **spec},
    }


def row(name: str, *, ip: str = "10.0.0.1") -> ServiceRow:
    """The row of `service(name, ...)`."""
    packed = bytes(int(part) for part in ip.split("."))
    return ServiceRow("ns", name, (packed,), False, "", (), False)


def list_body(*objects: Any, rv: int | str, continue_: str = "") -> bytes:
    meta = {"resourceVersion": str(rv)}
    if continue_:
        meta["continue"] = continue_
    return json.dumps({"kind": "ServiceList", "metadata": meta, "items": objects}).encode()


def event(event_type: str, item: dict[str, Any]) -> bytes:
    return json.dumps({"type": event_type, "object": item}).encode()


def bookmark(rv: int | str) -> bytes:
    return event("BOOKMARK", {"kind": "Service", "metadata": {"resourceVersion": str(rv)}})


def initial_end(rv: int | str) -> bytes:
    """The bookmark that ends initial events."""
    annotations = {"k8s.io/initial-events-end": "true"}
    metadata = {"resourceVersion": str(rv), "annotations": annotations}
    return event("BOOKMARK", {"kind": "Service", "metadata": metadata})


def error_event(code: int, reason: str = "", *, retry_after_s: int | None = None) -> bytes:
    details = {} if retry_after_s is None else {"retryAfterSeconds": retry_after_s}
    return event(
        "ERROR",
        {"kind": "Status", "code": code, "reason": reason, "message": reason, "details": details},
    )


class Driven:
    """A reflector, a clock moved by hand, and the state that its batches add up to."""

    def __init__(
        self,
        kind: Kind[Any] | None = None,
        *,
        seed: int = 1,
        optional: bool = False,
        watch_lists: bool = False,
    ) -> None:
        self.reflector = Reflector(
            kind or services(), rng=Random(seed), optional=optional, watch_lists=watch_lists
        )
        self.now = 1000.0
        self.rows: dict[Key, Row] = {}
        self.batches: list[Batch] = []
        self.bad: list[BadObject] = []

    def take(self) -> list[Batch]:
        """The batches of what was fed, applied to `rows`."""
        taken = []
        while (batch := self.reflector.next_batch()) is not None:
            taken.append(batch)
            for key, changed in batch.changes:
                if changed is None:
                    self.rows.pop(key, None)
                else:
                    self.rows[key] = changed
        self.batches += taken
        self.bad += self.reflector.take_bad_objects()
        return taken

    def names(self) -> list[str]:
        return sorted(name for _, name in self.rows)

    def asks_list(self) -> List:
        action = self.reflector.next_action(self.now)
        assert isinstance(action, List), action
        return action

    def asks_watch(self) -> Watch:
        action = self.reflector.next_action(self.now)
        assert isinstance(action, Watch), action
        return action

    def asks_sleep(self) -> float:
        """The wait asked for, and have it pass."""
        action = self.reflector.next_action(self.now)
        assert isinstance(action, Sleep), action
        self.now += action.seconds
        return action.seconds

    def listed(self, *objects: Any, rv: int | str, continue_: str = "") -> list[Batch]:
        """Answer the list that is asked for."""
        self.asks_list()
        self.reflector.page(list_body(*objects, rv=rv, continue_=continue_), self.now)
        return self.take()

    def opened(self) -> Watch:
        """Accept the watch that is asked for."""
        action = self.asks_watch()
        self.reflector.watch_opened(self.now)
        return action

    def sent(self, *lines: bytes) -> list[Batch]:
        """Lines arrive on the open watch."""
        self.reflector.lines(lines, self.now)
        return self.take()

    def failed(self, error: ApiError, *, after_s: float = 0.0) -> None:
        self.now += after_s
        self.reflector.failed(error, self.now)

    def ended(self, *, after_s: float = 0.0) -> None:
        self.now += after_s
        self.reflector.watch_ended(self.now)
