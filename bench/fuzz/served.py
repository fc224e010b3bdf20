"""The fuzzed cluster behind a handler, filled the way a daemon is: lists, reflectors, batches."""

from __future__ import annotations

from contextlib import suppress
from random import Random
from typing import Any

from bench.fuzz.others import Others
from bench.fuzz.zone import (
    CONFIG_MAP,
    NAMESPACE,
    ZONE,
    Json,
    event_line,
    list_body,
    objects,
)
from dnscore.dnsconfig import ConfigError, parse_config
from dnscore.wire import names
from kubedns.config_map import ConfigMapSource
from kubedns.handler import Identity, KubednsHandler
from kubedns.k8s.config_maps import config_map
from kubedns.k8s.endpoints import endpoints
from kubedns.k8s.kind import Kind
from kubedns.k8s.namespaces import namespaces
from kubedns.k8s.pods import pods
from kubedns.k8s.project import endpoint_slices, services
from kubedns.k8s.reflector import Reflector
from kubedns.pod_names import INSECURE
from kubedns.rows import CONFIG_MAPS, Batch
from kubedns.treecache import TreeCache
from kubedns.zone import ZoneOptions


def kinds() -> dict[str, Kind[Any]]:
    """The resources that are listed and watched."""
    found = (
        services(),
        endpoint_slices(),
        endpoints(),
        namespaces(),
        pods(),
        config_map(NAMESPACE, CONFIG_MAP),
    )
    return {kind.resource: kind for kind in found}


class Served:
    """A tree, a handler, and what went wrong in it."""

    def __init__(self, random: Random, *, pod_names: str = INSECURE) -> None:
        """`random` decides what other servers say; `pod_names` is what --pods says."""
        self.tree = TreeCache(ZoneOptions(domain=names.from_text(ZONE + "."), pods=pod_names))
        self.config = ConfigMapSource(NAMESPACE, CONFIG_MAP)
        self.configs = 0
        """Good configurations that were taken up."""
        self.others = Others(random)
        self.failures: list[Exception] = []
        self.applied = 0
        """Batches."""
        self._clock = 0.0
        self.handler = KubednsHandler(
            self.tree,
            upstream=self.others,
            now=self._now,
            identity=Identity(version="fuzz", hostname="fuzz"),
            on_failure=self.failures.append,
        )

    def _now(self) -> float:
        self._clock += 1e-5
        return self._clock

    def apply(self, batch: Batch) -> None:
        """As the daemon's inbox does."""
        self.applied += 1
        if batch.resource != CONFIG_MAPS:
            self.handler.changed(self.tree.apply(batch, now_s=self.applied))
            return
        self.config.deliver(batch)
        snapshot = self.config.poll(self._clock)
        if snapshot is not None:
            with suppress(ConfigError):
                federations = parse_config(snapshot.data).federations
                self.handler.changed(self.tree.set_federations(federations))
                self.configs += 1

    def fill(self) -> dict[str, Reflector]:
        """List everything; the reflectors go on from there."""
        found = objects()
        reflectors = {}
        for resource, kind in kinds().items():
            reflector = reflectors[resource] = Reflector(kind, rng=Random(1))
            reflector.next_action(0.0)
            reflector.page(list_body(found[resource]), 0.0)
            self.take(reflector)
        return reflectors

    def take(self, reflector: Reflector) -> int:
        """Apply what a reflector has to hand out; returns how many batches."""
        count = 0
        while (batch := reflector.next_batch()) is not None:
            self.apply(batch)
            count += 1
        reflector.take_bad_objects()
        return count

    def event(self, reflector: Reflector, event_type: str, item: Json, *, version: int) -> None:
        """A good event on a watch that may not be open yet."""
        if not reflector.watching:
            reflector.next_action(0.0)
            reflector.watch_opened(0.0)
        meta = {**item["metadata"], "resourceVersion": str(version)}
        reflector.lines([event_line(event_type, {**item, "metadata": meta})], 0.0)
        self.take(reflector)
