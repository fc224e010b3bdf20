"""A real client on a real socket, and a receiver of batches."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from random import Random
from typing import Any

from kubedns.k8s.client import ApiServer
from kubedns.k8s.kind import Kind
from kubedns.k8s.options import ClientOptions, RunnerOptions
from kubedns.k8s.project import services
from kubedns.k8s.runner import Runner
from kubedns.rows import Batch, Key, Row
from tests.fakes.apiserver import ScriptedServer
from tests.waiting import eventually


class Received:
    """What a runner has delivered, added up."""

    def __init__(self) -> None:
        self.batches: list[Batch] = []
        self.rows: dict[Key, Row] = {}
        self.refusals = 0
        """How many of the next batches to refuse."""
        self.after: Callable[[], object] = lambda: None
        """Called in the runner's thread when a batch has been taken."""
        self._lock = threading.Lock()

    def __call__(self, batch: Batch) -> None:
        with self._lock:
            if self.refusals:
                self.refusals -= 1
                raise RuntimeError("no room")
            self.batches.append(batch)
            for key, row in batch.changes:
                if row is None:
                    self.rows.pop(key, None)
                else:
                    self.rows[key] = row
        self.after()

    def names(self) -> list[str]:
        with self._lock:
            return sorted(name for _, name in self.rows)

    def wait_for_names(self, *names: str, timeout_s: float = 10.0) -> None:
        eventually(lambda: self.names() == sorted(names), timeout_s, lambda: f"{self.names()}")


class Quick(Random):
    """The shortest wait that the back-off can draw, so that tests need not wait longer."""

    def uniform(self, a: float, b: float) -> float:
        return a


def api_server(url: str, **options: Any) -> ApiServer:
    return ApiServer(ClientOptions(master_url=url, **options))


@contextmanager
def running(
    server: ScriptedServer | str,
    kind: Kind[Any] | None = None,
    *,
    page_size: int | None = None,
    watch_lists: bool = False,
    optional: bool = False,
    **options: Any,
) -> Iterator[tuple[Runner, Received]]:
    """A started runner; stopped, and known to have stopped, at the end."""
    received = Received()
    url = server if isinstance(server, str) else server.url
    client = api_server(url, **options)
    runner = Runner(
        kind or services(),
        client,
        received,
        options=RunnerOptions(page_size=page_size, watch_lists=watch_lists),
        optional=optional,
        rng=Quick(1),
    )
    runner.start()
    try:
        yield runner, received
    finally:
        assert runner.stop()
        client.close()
