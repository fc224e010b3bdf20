"""Which names and namespaces are asked for most, from a sample of the queries.

The sample is what lies in the memory of the UDP listeners at each tick: of every tenth of a second
the last batch that was read, SAMPLE_MAX messages of it. So nothing is done per query, and an idle
front does nothing. The bias: a name that comes in bursts, and the clients that the front reads
last, weigh more or less than their share; queries over TCP are not in it. While fewer than some
ten queries come a second, the sample is nearly all of them.
What was seen FADE_S ago weighs half, so the lists are those of the last quarter of an hour or so.
Pure.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Protocol

from dnscore.wire import names
from dnscore.wire.const import HEADER_SIZE, IN, LABEL_MAX, NAME_MAX, OPCODE_MASK
from dnsmasq_front.routes import Routes
from dnsmasq_front.space_saving import Frequent, SpaceSaving

SAMPLE_MAX = 8
"""Messages of one batch. One whose name is new costs 14 us, so that a flood costs 1 ms a second."""
FADE_S = 600.0
_SHARE = 0.5
_OPCODE = OPCODE_MASK >> 8
_IN = IN.to_bytes(2, "big")
_OBJECTS = (b"svc", b"pod")


class Listener(Protocol):
    """What a sample is taken of."""

    received: int

    def last_batch(self, most: int) -> Sequence[bytes]:
        """Messages of the last batch, answered or not: the question is where it was."""


class Popular:
    """The sketches of one worker. Times are monotonic seconds."""

    def __init__(self, *, now: float) -> None:
        self._names = SpaceSaving()
        self._namespaces = SpaceSaving()
        self._received: dict[int, int] = {}
        self._fade_at = now + FADE_S

    def sample(self, listeners: Iterable[Listener], routes: Routes, *, now: float) -> None:
        """Look at what has come since the last time."""
        if now >= self._fade_at:
            self._fade_at = now + FADE_S
            self._names.fade(_SHARE)
            self._namespaces.fade(_SHARE)
        for number, listener in enumerate(listeners):
            if listener.received == self._received.get(number, 0):
                continue
            self._received[number] = listener.received
            for message in listener.last_batch(SAMPLE_MAX):
                name = asked_name(message)
                if name is not None:
                    self._names.add(name)
                    namespace = namespace_of(name, routes)
                    if namespace is not None:
                        self._namespaces.add(namespace)

    @property
    def sampled(self) -> float:
        """Queries in the sample, older ones with less weight."""
        return self._names.seen

    @property
    def sampled_in_namespaces(self) -> float:
        """Those of them that are for a name in a namespace."""
        return self._namespaces.seen

    def names(self, number: int) -> list[Frequent]:
        """Folded wire names."""
        return self._names.top(number)

    def namespaces(self, number: int) -> list[Frequent]:
        """Labels."""
        return self._namespaces.top(number)


def asked_name(message: bytes) -> bytes | None:
    """The folded name of a question of class IN or its answer; None for other messages."""
    if len(message) <= HEADER_SIZE or message[2] & _OPCODE or message[4:6] != b"\x00\x01":
        return None
    end = _name_end(message)
    if end is None or message[end + 2 : end + 4] != _IN:
        return None
    return message[HEADER_SIZE:end].lower()


def _name_end(message: bytes) -> int | None:
    """Behind the first name. None: it is none, or is compressed with nothing to point back at."""
    at, size = HEADER_SIZE, len(message)
    while at < size and at - HEADER_SIZE < NAME_MAX:
        octet = message[at]
        if octet == 0:
            return at + 1
        if octet > LABEL_MAX:
            return None
        at += octet + 1
    return None


def namespace_of(name: bytes, routes: Routes) -> bytes | None:
    """The namespace in a name such as `x.NAMESPACE.svc.cluster.local.`, of a cluster's domain."""
    route = routes.find(name)
    if route is None or not route.is_cluster or not names.is_below(name, route.domain):
        return None
    labels = names.labels(name[: len(name) - len(route.domain)] + b"\x00")
    return labels[-2] if len(labels) > 1 and labels[-1] in _OBJECTS else None
