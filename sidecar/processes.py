"""The three processes of the pod and how each is doing, from probes and their own documents. Pure.

The probe with the conventional label decides, since it asks what clients ask: `kubedns` is asked
by the probe of that name, the front by `dnsmasq`. Without such a probe, a status document that
comes is the only sign of life there is.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Generic

from sidecar.health import Health
from sidecar.peer_documents import D
from sidecar.peer_status import PERIOD_S, PeerReading
from sidecar.schedule import stale_after_s

OK, STALE, FAILING, WAITING = "ok", "stale", "failing", "waiting"

PROBES = {"kubedns": "kubedns", "dnsmasq_front": "dnsmasq"}
"""The label of the probe of each process."""


@dataclass(frozen=True, slots=True)
class Process(Generic[D]):
    """One process at one moment."""

    name: str
    state: str
    """One of the words above."""
    text: str
    """Why, in a few words."""
    health: Health | None
    """Of its probe, if it has one."""
    peer: PeerReading[D] | None
    """Its own word, if there is an address to ask."""
    marks: str
    """Its last hour; see `sidecar.history`."""


def process(
    name: str, health: Health | None, peer: PeerReading[D] | None, marks: str
) -> Process[D]:
    """The verdict on a process."""
    state, text = _of_probe(health) if health is not None else _of_peer(peer)
    return Process(name, state, text, health, peer, marks)


def _of_probe(health: Health) -> tuple[str, str]:
    if health.age_s is None:
        return WAITING, health.error
    if health.stale:
        return STALE, "answers from its cache; its own servers do not"
    if not health.ok:
        return FAILING, health.error
    return OK, f"answers in {health.latency_s * 1000:.1f} ms"


def _of_peer(peer: PeerReading[D] | None) -> tuple[str, str]:
    if peer is None or (peer.age_s is None and not peer.error):
        return WAITING, "nobody has asked it"
    if peer.age_s is None or peer.age_s > stale_after_s(PERIOD_S):
        return FAILING, peer.error
    return OK, "no probe asks it; shows its status"


def worst(states: list[str]) -> str:
    """The state of the whole."""
    return min(states, key=(FAILING, STALE, WAITING, OK).index, default=WAITING)
