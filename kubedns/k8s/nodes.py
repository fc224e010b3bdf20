"""In which zone and region of the world this cluster is, as its nodes' labels say.

Asked for once, when a federated name is first looked up, and kept for the life of the process: a
cluster does not move. The answer comes from a thread of its own, as whoever asks cannot wait.
Labels: Kubernetes documentation, "Well-Known Labels, Annotations and Taints".
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

from dnscore.log import get_logger
from kubedns.k8s import model
from kubedns.k8s.errors import BadObject

if TYPE_CHECKING:
    from kubedns.k8s.client import ApiServer

_ZONE = ("topology.kubernetes.io/zone", "failure-domain.beta.kubernetes.io/zone")
_REGION = ("topology.kubernetes.io/region", "failure-domain.beta.kubernetes.io/region")
_PAGE_SIZE = 50
"""A node names the images it has: 20 kB and more."""
RETRY_S = 30.0
"""After a failure, and while no node has both labels."""

_log = get_logger("kubedns.nodes")


class NodeTopology:
    """Zone and region, from the first node that has both labels."""

    def __init__(
        self,
        server: ApiServer,
        *,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._server = server
        self._clock = clock
        self._lock = threading.Lock()
        self._asking = False
        self._not_before = float("-inf")
        self._answer: tuple[str, str] | None = None

    def zone_and_region(self) -> tuple[str, str] | None:
        """What is known; None makes it be asked for. Returns at once, from any thread."""
        if self._answer is None:
            self._ask()
        return self._answer

    def _ask(self) -> None:
        with self._lock:
            if self._asking or self._clock() < self._not_before:
                return
            self._asking = True
        threading.Thread(target=self._fetch, name="nodes", daemon=True).start()

    def _fetch(self) -> None:
        answer = None
        try:
            answer = first_of_pages(self._server)
            if answer is None:
                _log.warning("no node has both a zone and a region label")
        except Exception as error:  # federated names stay without an answer, nothing else
            _log.warning("nodes not read", error=str(error))
        with self._lock:
            self._answer = answer
            self._asking = False
            self._not_before = self._clock() + RETRY_S
        if answer is not None:
            _log.info("zone and region found", zone=answer[0], region=answer[1])


def first_of_pages(server: ApiServer) -> tuple[str, str] | None:
    """Zone and region of the first node that has both; pages are read up to it. Raises ApiError."""
    continue_ = ""
    while True:
        with server.list_page("nodes", limit=_PAGE_SIZE, continue_=continue_) as response:
            page = model.decode_list(response.read_all())
        for raw in page.items or ():
            try:
                node = model.decode_node(raw)
            except BadObject as error:
                _log.warning("object skipped", resource="nodes", object=str(error))
                continue
            if found := zone_and_region_of((node.metadata and node.metadata.labels) or {}):
                return found
        continue_ = (page.metadata and page.metadata.continue_) or ""
        if not continue_:
            return None


def zone_and_region_of(labels: Mapping[str, str]) -> tuple[str, str] | None:
    """From a node's labels, the stable ones first; None unless both are there."""
    zone = next((labels[name] for name in _ZONE if labels.get(name)), "")
    region = next((labels[name] for name in _REGION if labels.get(name)), "")
    return (zone, region) if zone and region else None
