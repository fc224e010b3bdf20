"""The watch threads, and the loading of the API client beside a DNS server that already answers.

The official client takes half a second to import; queries are not to wait for that.
"""

from __future__ import annotations

import gc
import threading
from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING

from dnscore.log import get_logger
from kubedns.k8s.options import ClientOptions, WatchOptions
from kubedns.rows import PODS, Batch, Key

if TYPE_CHECKING:
    from kubedns.k8s.client import ApiServer
    from kubedns.k8s.endpoints_source import EndpointsSource
    from kubedns.k8s.nodes import NodeTopology
    from kubedns.k8s.runner import Runner, WatchStatus

_log = get_logger("kubedns.watch")


class Watches:
    """One watch per resource, from `start` to `stop`."""

    def __init__(
        self,
        client: ClientOptions,
        options: WatchOptions,
        *,
        deliver: Callable[[Batch], None],
        broken: Callable[[str], None],
    ) -> None:
        """`deliver` gets batches and `broken` the one reason why there is no watching at all,
        both in a thread of ours."""
        self._client = client
        self._options = options
        self._deliver = deliver
        self._broken = broken
        self._lock = threading.Lock()
        self._runners: tuple[Runner, ...] = ()
        self._endpoints: EndpointsSource | None = None
        self._topology: NodeTopology | None = None
        self._server: ApiServer | None = None
        self._stopping = False
        self._thread = threading.Thread(target=self._load, name="watch-start", daemon=True)

    def start(self) -> None:
        """Load the client and begin to watch; returns at once."""
        self._thread.start()

    def statuses(self) -> tuple[WatchStatus, ...]:
        """Of each watch; empty until the client has been loaded. From any thread."""
        endpoints = self._endpoints.runners if self._endpoints is not None else ()
        return tuple(runner.status for runner in self._runners[:1] + endpoints + self._runners[1:])

    def zone_and_region(self) -> tuple[str, str] | None:
        """Where in the world the nodes are, None while it is not known; see `NodeTopology`.

        Returns at once. The first call makes the nodes be read. From any thread.
        """
        return self._topology.zone_and_region() if self._topology is not None else None

    def version_of(self, resource: str, key: Key) -> str:
        """The resourceVersion of an object, "" where it is not known. From any thread.

        `resource` is that of its batches.
        """
        endpoints = self._endpoints.runners if self._endpoints is not None else ()
        for runner in (*self._runners, *endpoints):
            status = runner.status
            if resource in (status.resource, status.feeds) and (version := runner.version_of(key)):
                return version
        return ""

    def not_ready(self, namespace: str, service: str) -> tuple[str, ...]:
        """The endpoints of a Service that are not ready, as texts: asks the API server.

        Takes a few seconds at most. Raises ApiError.
        """
        if self._server is None:
            return ()
        from kubedns.k8s.not_ready import not_ready

        return not_ready(self._server, namespace, service)

    def stop(self) -> None:
        """End the watches; nothing is delivered afterwards unless a thread hangs."""
        with self._lock:
            self._stopping = True
        stopped = [runner.stop(join_s=1.0) for runner in self._runners]
        if self._endpoints is not None:
            stopped.append(self._endpoints.stop(join_s=1.0))
        if not all(stopped):
            _log.warning("a watch thread is still busy")

    def _load(self) -> None:
        try:
            server, runners, endpoints = self._make()
        except Exception as error:
            self._broken(str(error))
            return
        # The modules stay for ever; without them a full collection takes a tenth of the time,
        # and it holds up the DNS loop as well.
        gc.freeze()
        _log.info("watching", api_server=server.url)
        with self._lock:
            if self._stopping:
                return
            self._runners, self._endpoints, self._server = runners, endpoints, server
            endpoints.start()
            for runner in runners:
                runner.start()

    def _make(self) -> tuple[ApiServer, tuple[Runner, ...], EndpointsSource]:
        from kubedns.k8s.client import ApiServer
        from kubedns.k8s.config_maps import config_map
        from kubedns.k8s.endpoints_source import EndpointsSource
        from kubedns.k8s.namespaces import namespaces
        from kubedns.k8s.nodes import NodeTopology
        from kubedns.k8s.pods import pods
        from kubedns.k8s.project import services
        from kubedns.k8s.runner import Runner

        server = ApiServer(self._client)
        make = partial(Runner, server=server, deliver=self._deliver)
        runners = [make(services()), make(namespaces(), optional=True)]
        if self._options.pods:
            # Without the right to read pods no name of one is verified; nothing waits for it.
            refused = partial(self._deliver, Batch(PODS, (), synced=True))
            runners.append(make(pods(), optional=True, refused=refused))
        if self._options.config_map is not None:
            runners.append(make(config_map(*self._options.config_map), optional=True))
        endpoints = EndpointsSource(
            self._options.endpoints_source,
            make,
            self._deliver,
            want_pods=self._options.pod_names,
        )
        self._topology = NodeTopology(server)
        return server, tuple(runners), endpoints
