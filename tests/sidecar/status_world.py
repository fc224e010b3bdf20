"""A sidecar's knowledge for tests of its page: real parts, documents as text, time by hand."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

from flask.testing import FlaskClient

from sidecar.collector import build_registry
from sidecar.health import ProbeResult
from sidecar.history import SAMPLE_S, History
from sidecar.options import Options
from sidecar.overview import Sources, overview, take_sample
from sidecar.page import add_status_page
from sidecar.page_fetch import FetchError
from sidecar.page_url import PageUrl, parse_url
from sidecar.peer_documents import FrontDocument, KubednsDocument
from sidecar.peer_status import PeerStatus
from sidecar.probe_spec import ProbeSpec, parse_probe
from sidecar.state import State
from sidecar.stats import CacheSample
from sidecar.web import create_app

Json = dict[str, Any]

PROBES = tuple(
    parse_probe(f"{label},127.0.0.1:{port},kubernetes.default.svc.cluster.local,5,SRV")
    for label, port in (("kubedns", 10053), ("dnsmasq", 53))
)
SETTINGS = [
    {"name": "domain", "value": "cluster.local.", "default": True},
    {"name": "verbosity", "value": "2", "default": False},
]
KUBEDNS: Json = {
    "program": "kubedns",
    "version": "1.2.3",
    "uptime_s": 4000.0,
    "ready": True,
    "api_server_up": True,
    "requests": 12345,
    "serial": 77,
    "changes": 26,
    "watches": [
        {"resource": "services", "state": "watching", "synced": True, "objects": 11, "age_s": 7.0},
        {"resource": "endpointslices", "state": "waiting", "last_error": "refused", "age_s": None},
    ],
    "upstream": {"tries": 8, "failures": 3},
    "notify": [{"address": "127.0.0.1:53", "state": "told", "sent": 4, "acknowledged": 4}],
    "options": SETTINGS,
    "errors": [{"at": 1000.5, "level": "warning", "logger": "k8s", "text": "watch lost"}],
}
FRONT: Json = {
    "program": "dnsmasq_front",
    "version": "1.2.3",
    "uptime_s": 4000.0,
    "cache": {"hits": 900, "misses": 100, "records_here": 40, "records_max_here": 1000},
    "upstreams": [
        {
            "domain": ".",
            "servers": [{"address": "192.0.2.53:53", "state": "silent", "sent": 9, "failed": 5}],
        }
    ],
    "notify": {"taken": 3, "tellers": [{"address": "127.0.0.1:10053", "holds_s": 4.0}]},
    "popular": {
        "sampled": 200,
        "sampled_in_namespaces": 100,
        "names": [{"item": "web.shop.svc.cluster.local.", "count": 50.0, "error": 2.0}],
        "namespaces": [{"item": "shop", "count": 80.0, "error": 0.0}],
    },
    "options": SETTINGS,
    "errors": [{"at": 1000.75, "level": "error", "logger": "front", "text": "no room", "times": 2}],
}


@dataclass(slots=True)
class Peer:
    """What a status port says: a document, any text, or nothing."""

    said: Json | str | None

    def fetch(self, url: PageUrl) -> str:
        """As `sidecar.page_fetch.fetch`."""
        if self.said is None:
            raise FetchError(f"{url}: Connection refused")
        return self.said if isinstance(self.said, str) else json.dumps(self.said)


class StatusWorld:
    """The sidecar's knowledge, and its pages."""

    def __init__(self, probes: tuple[ProbeSpec, ...] = PROBES) -> None:
        self.now = 1000.0
        self.kubedns, self.front = Peer(KUBEDNS), Peer(FRONT)
        self.state = State(probes, clock=self._clock)
        self.sources = Sources(
            Options(probes=probes),
            self.state,
            History(),
            kubedns=self._peer(8081, KubednsDocument, self.kubedns),
            front=self._peer(10056, FrontDocument, self.front),
            started=self.now,
            clock=self._clock,
            wall_clock=self._clock,
        )

    def _clock(self) -> float:
        return self.now

    def _peer(self, port: int, kind: type[Any], peer: Peer) -> PeerStatus[Any]:
        url = parse_url(f"http://127.0.0.1:{port}/status.json")
        return PeerStatus(url, kind, clock=self._clock, fetch=peer.fetch)

    def ask_peers(self) -> None:
        """What the threads of both do once in a while."""
        for peer in (self.sources.kubedns, self.sources.front):
            assert peer is not None
            peer.ask()

    def probe(self, label: str, error: str | None = None, *, stale: bool = False) -> None:
        """A round of a probe."""
        self.state.record_probe(label, ProbeResult(self.now, 0.002, error, stale=stale))

    def pass_time(self, samples: int = 1, *, hits: int = 0, misses: int = 0) -> None:
        """So many samples are taken, each with so many more queries; no probe runs meanwhile."""
        for _ in range(samples):
            self.now += SAMPLE_S
            before = self.state.read().cache.totals
            self.state.record_cache(
                CacheSample(before.hits + hits, before.misses + misses, 0, 0, 1000)
            )
            take_sample(self.sources)

    def document(self) -> Json:
        """/status.json, without HTTP."""
        return overview(self.sources)

    def process(self, name: str) -> Json:
        """One of the three."""
        (found,) = [one for one in self.document()["processes"] if one["name"] == name]
        assert isinstance(found, dict)
        return found

    def client(self, *, explain_types: tuple[str, ...] = ()) -> FlaskClient:
        """For its pages."""
        app = create_app(self.state, build_registry(self.state, namespace="kubedns"))
        add_status_page(app, self.document, explain_types=explain_types)
        return app.test_client()
