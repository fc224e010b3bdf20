"""Changes of every kind, each with an address that no other one has.

A name is in one state after the other; each shows in its answer: an address, or none.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from socket import inet_aton

from bench.api_writer import Writer
from bench.coherence.stage import Json, Stage, collection, dns_name, endpoint, service
from bench.process import ServerError
from bench.scale.ask import Asker, question

MOVED, RECREATED = "endpoint moved", "service re-created"
RETARGETED, FLIPPED = "ExternalName retargeted", "readiness flipped"
KINDS = (MOVED, RECREATED, RETARGETED, FLIPPED)
EACH = 5
"""Names of each kind."""
TARGETS = 500
"""Services that aliases are turned to, and that are asked for as names that do not change."""
CHANGES_MAX = 5000
"""Of a name; there are no more addresses of their own."""
_SEEN_S = 10.0
KEPT_UP = 0.9
"""Share of the wanted changes that must have been made for the figures to count."""


@dataclass(frozen=True, slots=True)
class Write:
    """A request to the API, and the address that answers have afterwards."""

    method: str
    path: str
    obj: Json | None
    address: bytes


@dataclass(slots=True)
class State:
    """What a name is answered with from a moment on."""

    name: int
    address: bytes
    begun: float
    """When its write was sent: from then on the answer may have it."""
    acknowledged: float
    kind: str


@dataclass(frozen=True, slots=True)
class Name:
    """A name that changes; the first of its writes makes it."""

    kind: str
    name: str
    writes: Iterator[Write]


def target_name(number: int) -> str:
    """A Service that aliases lead to."""
    return dns_name(f"target{number}")


def _target_address(number: int) -> str:
    return f"10.96.{16 + number // 250}.{number % 250 + 1}"


def _unique(number: int, change: int) -> str:
    """An address that only this change of this name has."""
    return f"11.{number}.{change // 250}.{change % 250 + 1}"


def _cluster_ip(number: int, change: int) -> str:
    """The same among the addresses that Services may have."""
    return f"10.96.{100 + 20 * number + change // 250}.{change % 250 + 1}"


def _put(obj: Json, address: str, *, is_first: bool) -> Write:
    path = collection(obj["kind"])
    if not is_first:
        path += f"/{obj['metadata']['name']}"
    return Write("POST" if is_first else "PUT", path, obj, inet_aton(address) if address else b"")


def _moved(number: int) -> Iterator[Write]:
    """The one endpoint of a headless Service is another each time."""
    name = f"moved{number}"
    for change in range(CHANGES_MAX):
        address = _unique(number, change)
        yield _put(endpoint(name, f"{name}-1", address), address, is_first=not change)


def _recreated(number: int) -> Iterator[Write]:
    """A Service is deleted, and comes again with another address."""
    name = f"recreated{number}"
    for change in range(CHANGES_MAX):
        if change:
            yield Write("DELETE", f"{collection('Service')}/{name}", None, b"")
        address = _cluster_ip(number, change)
        yield _put(service(name, clusterIP=address), address, is_first=True)


def _retargeted(number: int) -> Iterator[Write]:
    """An ExternalName leads to another Service each time."""
    name = f"retargeted{number}"
    for change in range(CHANGES_MAX):
        target = (number + change) % TARGETS
        obj = service(name, externalName=target_name(target))
        yield _put(obj, _target_address(target), is_first=not change)


def _flipped(number: int) -> Iterator[Write]:
    """A pod of a headless Service is ready, is not, and is ready again elsewhere."""
    name = f"flipped{number}"
    for change in range(CHANGES_MAX):
        address = _unique(EACH + number, change)
        for ready in (True, False):
            obj = endpoint(name, f"{name}-1", address, hostname="pod-0", ready=ready)
            yield _put(obj, address if ready else "", is_first=ready and not change)


def changing_names() -> list[Name]:
    """All of them, the kinds in turn."""
    found = []
    for number in range(EACH):
        found += [
            Name(MOVED, dns_name(f"moved{number}"), _moved(number)),
            Name(RECREATED, dns_name(f"recreated{number}"), _recreated(number)),
            Name(RETARGETED, dns_name(f"retargeted{number}"), _retargeted(number)),
            Name(FLIPPED, dns_name(f"pod-0.flipped{number}"), _flipped(number)),
        ]
    return found


def objects() -> list[Json]:
    """What must be there before: where aliases lead, and the Services of the endpoints."""
    targets = [
        service(f"target{number}", clusterIP=_target_address(number)) for number in range(TARGETS)
    ]
    headless = [service(f"{kind}{n}") for kind in ("moved", "flipped") for n in range(EACH)]
    return targets + headless


@dataclass(slots=True)
class Changer:
    """Makes changes at a fixed rate, all names in turn, from a thread of its own."""

    stage: Stage
    names: list[Name]
    rate: float
    kept_up: float = KEPT_UP
    states: list[State] = field(default_factory=list)
    _ended: threading.Event = field(default_factory=threading.Event)
    _thread: threading.Thread | None = None
    _began: float = 0.0
    _error: Exception | None = None

    def prepare(self) -> None:
        """Make the names, and wait until kubedns has them all. Raises ServerError, OSError."""
        writer = Writer(self.stage.api)
        for number in range(len(self.names)):
            self._write(writer, number)
        writer.close()
        deadline = time.monotonic() + _SEEN_S
        with Asker(self.stage.kubedns) as asker:
            for name, state in zip(self.names, self.states, strict=True):
                while True:
                    answer = asker.ask(question(name.name))
                    if answer is not None and state.address in answer.data:
                        break
                    if time.monotonic() > deadline:
                        raise ServerError(f"kubedns does not know {name.name}")

    def start(self) -> None:
        """Begin."""
        self._began = time.monotonic()
        self._thread = threading.Thread(target=self._run, name="changer", daemon=True)
        self._thread.start()

    def end(self) -> list[State]:
        """Stop; all states in order. Raises ServerError when there were too few changes."""
        assert self._thread is not None
        self._ended.set()
        self._thread.join()
        made = len(self.states) - len(self.names)
        wanted = (time.monotonic() - self._began) * self.rate
        if self._error is not None or made < wanted * self.kept_up:
            raise ServerError(f"{made} changes instead of {wanted:.0f}: {self._error!r}")
        return self.states

    def _write(self, writer: Writer, number: int) -> None:
        write = next(self.names[number].writes)
        begun = time.monotonic()
        at = writer.write(write.method, write.path, write.obj)
        self.states.append(State(number, write.address, begun, at, self.names[number].kind))

    def _run(self) -> None:
        writer, made = Writer(self.stage.api), 0
        try:
            while not self._ended.is_set():
                self._write(writer, made % len(self.names))
                made += 1
                self._ended.wait(max(0.0, self._began + made / self.rate - time.monotonic()))
        except Exception as error:  # Kept for `end`, on the thread that can say so.
            self._error = error
        writer.close()
