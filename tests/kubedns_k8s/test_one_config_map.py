"""--config-map: one object is asked for by name, and what it says is a snapshot."""

from __future__ import annotations

from typing import Any

import pytest

from dnscore.configdir import Snapshot
from kubedns.config_map import ConfigMapSource
from kubedns.k8s.config_maps import config_map
from kubedns.rows import CONFIG_MAPS, Batch, ConfigMapRow
from tests.fakes.apiserver import SILENCE, ScriptedServer, json_answer, stream
from tests.kubedns_k8s.rim import running
from tests.kubedns_k8s.support import Driven, event, list_body
from tests.waiting import eventually

NAME = "kube-dns"
KEY = ("kube-system", NAME)
EMPTY = Snapshot("", {})


def an_object(rv: int, data: Any, *, name: str = NAME) -> dict[str, Any]:
    meta = {"name": name, "namespace": "kube-system", "resourceVersion": str(rv)}
    return {"metadata": meta, "data": data, "binaryData": {"x": "AA=="}}


class Followed:
    """A source behind a reflector."""

    def __init__(self) -> None:
        self.driven = Driven(config_map(*KEY))
        self.source = ConfigMapSource(*KEY)
        self._taken = 0

    def poll(self) -> Snapshot | None:
        for batch in self.driven.batches[self._taken :]:
            self.source.deliver(batch)
        self._taken = len(self.driven.batches)
        return self.source.poll(0.0)

    def sent(self, event_type: str, item: dict[str, Any]) -> Snapshot | None:
        self.driven.sent(event(event_type, item))
        return self.poll()


def test_nothing_is_said_before_the_first_list() -> None:
    assert ConfigMapSource(*KEY).poll(0.0) is None


def test_its_life() -> None:
    followed = Followed()
    followed.driven.listed(rv=5)
    assert followed.poll() == EMPTY
    assert followed.poll() is None
    followed.driven.opened()
    assert followed.sent("ADDED", an_object(6, {"a": "1"})) == Snapshot("6", {"a": "1"})
    assert followed.sent("MODIFIED", an_object(7, {"a": "2"})) == Snapshot("7", {"a": "2"})
    assert followed.sent("MODIFIED", an_object(8, {"a": "2"})) is None  # labels changed
    assert followed.sent("MODIFIED", an_object(9, None)) == Snapshot("9", {})
    assert followed.sent("MODIFIED", an_object(10, {"a": "3"})) == Snapshot("10", {"a": "3"})
    assert followed.sent("DELETED", an_object(11, {"a": "3"})) == EMPTY


def test_one_that_is_there_from_the_start() -> None:
    followed = Followed()
    followed.driven.listed(an_object(3, {"a": "1"}), rv=5)
    assert followed.poll() == Snapshot("3", {"a": "1"})


@pytest.mark.parametrize("kind", ["ADDED", "MODIFIED", "DELETED"])
def test_another_one_never_matters(kind: str) -> None:
    # A server, or something before it, that does not look at the selector.
    followed = Followed()
    other = an_object(4, {"a": "2"}, name="other")
    followed.driven.listed(an_object(3, {"a": "1"}), other, rv=5)
    assert followed.poll() == Snapshot("3", {"a": "1"})
    followed.driven.opened()
    assert followed.sent(kind, other) is None


def test_one_that_cannot_be_read_is_reported_and_the_last_one_stays() -> None:
    followed = Followed()
    followed.driven.listed(an_object(3, {"a": "1"}), rv=5)
    followed.poll()
    followed.driven.opened()
    assert followed.sent("MODIFIED", an_object(6, {"a": 1})) is None
    [bad] = followed.driven.bad
    assert str(bad).startswith("kube-system/kube-dns: ")


def test_several_changes_between_two_polls_are_one() -> None:
    source = ConfigMapSource(*KEY)
    rows = [ConfigMapRow(str(n), {"a": str(n)}) for n in range(3)]
    source.deliver(Batch(CONFIG_MAPS, tuple((KEY, row) for row in rows), synced=True))
    assert source.poll(0.0) == Snapshot("2", {"a": "2"})


def test_only_this_object_is_asked_for() -> None:
    with ScriptedServer() as server:
        server.on_list("configmaps", json_answer(list_body(an_object(3, {}), rv=10)))
        server.on_watch("configmaps", stream(SILENCE))
        with running(server, config_map(*KEY)) as (runner, _):
            eventually(lambda: runner.status.synced)
            for request in server.wait_for(2):
                assert request.path == "/api/v1/namespaces/kube-system/configmaps"
                assert request.query["fieldSelector"] == "metadata.name=kube-dns"
