"""The watch threads, and the loading of the API client beside a DNS server that already answers.

The official client takes half a second to import; queries are not to wait for that.
"""

from __future__ import annotations

import gc
import threading
from collections.abc import Callable
from typing import TYPE_CHECKING

from dnscore.log import get_logger
from kubedns.rows import Batch

if TYPE_CHECKING:
    from kubedns.k8s.runner import Runner, WatchStatus

_log = get_logger("kubedns.watch")


class Watches:
    """One watch per resource, from `start` to `stop`."""

    def __init__(
        self,
        *,
        kubeconfig: str,
        master_url: str,
        deliver: Callable[[Batch], None],
        broken: Callable[[str], None],
    ) -> None:
        """`deliver` gets batches and `broken` the one reason why there is no watching at all,
        both in a thread of ours."""
        self._kubeconfig = kubeconfig
        self._master_url = master_url
        self._deliver = deliver
        self._broken = broken
        self._lock = threading.Lock()
        self._runners: tuple[Runner, ...] = ()
        self._stopping = False
        self._thread = threading.Thread(target=self._load, name="watch-start", daemon=True)

    def start(self) -> None:
        """Load the client and begin to watch; returns at once."""
        self._thread.start()

    def statuses(self) -> tuple[WatchStatus, ...]:
        """Of each watch; empty until the client has been loaded. From any thread."""
        return tuple(runner.status for runner in self._runners)

    def stop(self) -> None:
        """End the watches; nothing is delivered afterwards unless a thread hangs."""
        with self._lock:
            self._stopping = True
        for runner in self._runners:
            if not runner.stop(join_s=1.0):
                _log.warning("watch thread still busy", resource=runner.status.resource)

    def _load(self) -> None:
        try:
            runners = self._make_runners()
        except Exception as error:
            self._broken(str(error))
            return
        # The modules stay for ever; without them a full collection takes a tenth of the time,
        # and it holds up the DNS loop as well.
        gc.freeze()
        with self._lock:
            if self._stopping:
                return
            self._runners = runners
            for runner in runners:
                runner.start()

    def _make_runners(self) -> tuple[Runner, ...]:
        from kubedns.k8s.client import ApiServer
        from kubedns.k8s.options import ClientOptions
        from kubedns.k8s.project import endpoint_slices, services
        from kubedns.k8s.runner import Runner

        server = ApiServer(
            ClientOptions(kubeconfig=self._kubeconfig, master_url=self._master_url)
        )
        _log.info("watching", api_server=server.url)
        return tuple(
            Runner(kind, server, self._deliver) for kind in (services(), endpoint_slices())
        )
