"""Everything on the status page as one document: what /status.json shows and the page renders.

A snapshot of what is known; nobody is asked for it.
"""

from __future__ import annotations

import socket
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import msgspec

from dnscore import VERSION
from dnscore.log import recent
from dnscore.settings import settings_json
from sidecar import processes
from sidecar.health import Health
from sidecar.history import HOUR, SAMPLE_S, WAITING, History, Sample, Traffic, mark, share_well
from sidecar.options import Options
from sidecar.peer_documents import D, Daemon, FrontDocument, KubednsDocument
from sidecar.peer_status import PeerReading, PeerStatus
from sidecar.processes import PROBES, Process, process
from sidecar.state import State

SCHEMA = 1
"""Of /status.json: another number when what is there changes its meaning."""

Json = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Sources:
    """Where all of it comes from."""

    options: Options
    state: State
    history: History
    kubedns: PeerStatus[KubednsDocument] | None
    front: PeerStatus[FrontDocument] | None
    started: float
    """Monotonic seconds."""
    clock: Callable[[], float] = time.monotonic
    wall_clock: Callable[[], float] = time.time


def take_sample(sources: Sources) -> None:
    """Note this moment in the history."""
    reading = sources.state.read()
    marks = "".join(mark(probe.health) for probe in reading.probes)
    totals = reading.cache.totals
    sources.history.add(
        Sample(sources.clock(), marks, totals.hits, totals.misses, reading.cache.up)
    )


def overview(sources: Sources) -> Json:
    """The document."""
    now = sources.wall_clock()
    kubedns = sources.kubedns.read() if sources.kubedns else None
    front = sources.front.read() if sources.front else None
    rows = _processes(sources, kubedns, front)
    return {
        "schema": SCHEMA,
        "at": datetime.fromtimestamp(now, UTC).isoformat(timespec="seconds"),
        "pod": socket.gethostname(),
        "version": VERSION,
        "state": processes.worst([str(row["state"]) for row in rows]),
        "processes": rows,
        "probes": _probes(sources),
        "traffic": _traffic(sources),
        "kubedns": _peer(kubedns),
        "front": _peer(front),
        "options": settings_json(sources.options),
        "errors": _errors(kubedns, front),
    }


def _processes(
    sources: Sources,
    kubedns: PeerReading[KubednsDocument] | None,
    front: PeerReading[FrontDocument] | None,
) -> list[Json]:
    found = [
        _process_json(_asked(sources, "kubedns", kubedns)),
        _process_json(_asked(sources, "dnsmasq_front", front)),
    ]
    seen = sources.history.seen()
    uptime_s = sources.clock() - sources.started
    own: Json = {
        "name": "sidecar",
        "state": processes.OK,
        "text": "serves this page",
        "version": VERSION,
        "uptime_s": round(uptime_s, 1),
        "status_age_s": 0.0,
        "status_error": "",
        "history": seen,
        "well_share": None,
    }
    return [*found, own]


def _asked(sources: Sources, name: str, peer: PeerReading[D] | None) -> Process[D]:
    label = PROBES[name]
    marks = ""
    if label in sources.state.labels:
        marks = sources.history.marks(sources.state.labels.index(label))
    return process(name, sources.state.health(label), peer, marks)


def _process_json(one: Process[D]) -> Json:
    document: Daemon | None = one.peer.document if one.peer else None
    age_s = one.peer.age_s if one.peer else None
    return {
        "name": one.name,
        "state": one.state,
        "text": one.text,
        "version": document.version if document else None,
        "uptime_s": document.uptime_s if document else None,
        "status_age_s": None if age_s is None else round(age_s, 1),
        "status_error": one.peer.error if one.peer else "",
        "history": one.marks,
        "well_share": share_well(one.marks),
    }


def _probes(sources: Sources) -> list[Json]:
    found: list[Json] = []
    for number, spec in enumerate(sources.options.probes):
        health = sources.state.health(spec.label)
        marks = sources.history.marks(number)
        found.append(
            {
                "label": spec.label,
                "server": str(spec.server),
                "name": spec.name,
                "type": spec.rdtype,
                "interval_s": spec.interval_s,
                **_health_json(health),
                "history": marks,
                "well_share": share_well(marks),
            }
        )
    return found


def _health_json(health: Health | None) -> Json:
    if health is None:  # There is a probe for every label.
        return {"ok": False, "state": WAITING}
    return {
        "ok": health.ok,
        "stale": health.stale,
        "latency_ms": round(health.latency_s * 1000, 3),
        "error": health.error,
        "age_s": None if health.age_s is None else round(health.age_s, 1),
    }


def _traffic(sources: Sources) -> Json:
    between = sources.history.traffic()
    return {
        "sample_s": SAMPLE_S,
        "samples_max": HOUR,
        "queries_per_s": [_rounded(one.queries_per_s, 3) for one in between],
        "hit_ratio": [_rounded(one.hit_ratio, 4) for one in between],
        "hour": _whole(between),
    }


def _whole(between: list[Traffic]) -> Json:
    queries = hits = 0.0
    for one in between:
        if one.queries_per_s is not None:
            queries += one.queries_per_s
            hits += one.queries_per_s * (one.hit_ratio or 0.0)
    return {
        "queries": round(queries * SAMPLE_S),
        "hit_ratio": round(hits / queries, 4) if queries else None,
    }


def _rounded(value: float | None, digits: int) -> float | None:
    return None if value is None else round(value, digits)


def _peer(peer: PeerReading[D] | None) -> Json | None:
    """A process's own document, with how old it is; what its lists of errors say is elsewhere."""
    if peer is None:
        return None
    found: Json = {"url": peer.url, "error": peer.error, "document": None}
    found["age_s"] = None if peer.age_s is None else round(peer.age_s, 1)
    if peer.document is not None:
        found["document"] = msgspec.to_builtins(peer.document)
        del found["document"]["errors"]
    return found


def _errors(*peers: PeerReading[Any] | None) -> list[Json]:
    """The last warnings and errors of all three, the latest first."""
    found = [{"process": "sidecar", **line.to_json()} for line in recent.latest_first()]
    for peer in peers:
        if peer is not None and peer.document is not None:
            document: Daemon = peer.document
            found += [
                {"process": document.program, **msgspec.to_builtins(line)}
                for line in document.errors
            ]
    return sorted(found, key=lambda line: -float(str(line["at"])))
