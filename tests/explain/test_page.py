"""/explain of kubedns: what the tree's thread finds, and what the API server adds to it."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

import pytest

from dnscore.loop import Loop
from dnscore.wire import names
from kubedns.explain.pace import Pace
from kubedns.explain.page import ExplainSources, explain_route
from kubedns.k8s.errors import ApiError, Unreachable
from kubedns.k8s.reflector import Phase
from kubedns.last_changes import LastChanges
from kubedns.status import Facts
from tests.explain.world import ZONES, servers_for
from tests.kubedns_process.test_status import GOOD
from tests.kubedns_zone.served import ServedZone

Json = dict[str, Any]
Ask = Callable[[str], Json]
QUEUE = "name=queue.prod.svc.cluster.local"
FACTS = Facts(synced=True, draining=False, beat_age_s=0.0, watches=(GOOD,), now=0.0)


def version_of(resource: str, key: tuple[str, str]) -> str:
    return f"{resource} {'/'.join(key)}"


@contextmanager
def page(
    zone: ServedZone,
    *,
    facts: Facts = FACTS,
    changed: str = "",
    not_ready: Callable[[str, str], tuple[str, ...]] = lambda namespace, service: (),
    pace: Pace | None = None,
) -> Iterator[Ask]:
    """The page of a running loop; `changed` is a name whose answers have changed just now."""
    loop = Loop()
    changes = LastChanges(zone.tree.zone.domain)
    if changed:
        changes.note([names.from_text(changed)], loop.now())
    route = explain_route(
        ExplainSources(
            loop=loop,
            tree=zone.tree,
            changes=changes,
            servers_for=servers_for,
            facts=lambda: facts,
            version_of=version_of,
            not_ready=not_ready,
            pace=pace or Pace(),
        )
    )

    def ask(query: str) -> Json:
        body = route(query).body
        assert isinstance(body, bytes)
        said: Json = json.loads(body)
        return said

    thread = threading.Thread(target=loop.run)
    thread.start()
    try:
        yield ask
    finally:
        loop.call_from_thread(loop.stop)
        thread.join()
        loop.close()


def test_what_decided_with_its_version_and_its_last_change() -> None:
    with page(ZONES["zone"](), changed="web.shop.svc.cluster.local") as ask:
        said = ask("name=Web.shop.svc.cluster.local&type=a")
    assert (said["outcome"], said["cause"], said["type"]) == ("ANSWER", "cluster-ip", "A")
    assert said["zone"] == "cluster.local."
    assert said["object"] == {
        "kind": "Service",
        "namespace": "shop",
        "name": "web",
        "resource_version": "services shop/web",
    }
    assert said["changed"]["exact"]
    assert not said["api_server_away"]
    assert "not_ready" not in said


def test_nothing_is_said_of_changes_before_the_start() -> None:
    with page(ZONES["zone"]()) as ask:
        assert ask("name=web.shop.svc.cluster.local")["changed"] is None


def test_endpoints_that_are_not_ready_are_asked_for() -> None:
    asked: list[tuple[str, str]] = []

    def not_ready(namespace: str, service: str) -> tuple[str, ...]:
        asked.append((namespace, service))
        return ("10.244.1.8: not ready",)

    with page(ZONES["zone"](), not_ready=not_ready) as ask:
        assert ask(QUEUE)["not_ready"] == ["10.244.1.8: not ready"]
        ask("name=web.shop.svc.cluster.local")
    assert asked == [("prod", "queue")]


def test_who_comes_in_a_crowd_does_not_reach_the_api_server() -> None:
    asked: list[str] = []

    def not_ready(namespace: str, service: str) -> tuple[str, ...]:
        asked.append(service)
        return ()

    pace = Pace()
    pace.wait_s(float("inf"))  # From now on no turn is free.
    with page(ZONES["zone"](), not_ready=not_ready, pace=pace) as ask:
        said = ask(QUEUE)
    assert said["cause"] == "no-ready-endpoints"
    assert said["not_ready_error"] == "too many ask at once"
    assert asked == []


@pytest.mark.parametrize("error", [Unreachable("refused"), TimeoutError(), ApiError("403")])
def test_an_api_server_that_is_away_hides_nothing_else(error: Exception) -> None:
    def not_ready(namespace: str, service: str) -> tuple[str, ...]:
        raise error

    away = replace(FACTS, watches=(replace(GOOD, phase=Phase.WAITING),))
    with page(ZONES["zone"](), facts=away, not_ready=not_ready) as ask:
        said = ask(QUEUE)
    assert said["cause"] == "no-ready-endpoints"
    assert said["not_ready"] == []
    assert said["not_ready_error"] == (str(error) or "TimeoutError")
    assert said["api_server_away"]


def test_what_is_waited_for_is_named() -> None:
    with page(ZONES["zone without lists"](), facts=replace(FACTS, synced=False)) as ask:
        said = ask("name=web.shop.svc.cluster.local")
    assert said["cause"] == "not-synced"
    assert said["details"]["missing"] == ["endpointslices"]
