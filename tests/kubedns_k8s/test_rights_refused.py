"""403 and 404: what we can do without is asked for ever more rarely, and said once."""

from __future__ import annotations

import pytest

from kubedns.k8s.backoff import CAP_S, REFUSED_CAP_S
from kubedns.k8s.errors import Gone, Refused, ServerBusy
from kubedns.k8s.namespaces import namespaces
from kubedns.k8s.reflector import Phase
from tests.kubedns_k8s.support import Driven, service

FORBIDDEN = Refused("403: forbidden", status=403)


def refused_often(driven: Driven, *, times: int = 40) -> list[float]:
    """The waits after so many refusals."""
    waits = []
    for _ in range(times):
        driven.asks_list()
        driven.failed(FORBIDDEN)
        waits.append(driven.asks_sleep())
    return waits


def test_what_must_be_read_is_asked_for_at_the_usual_pace() -> None:
    driven = Driven()
    assert max(refused_often(driven)) <= CAP_S
    driven.failed(FORBIDDEN)
    driven.reflector.next_action(driven.now)
    assert driven.reflector.phase is Phase.WAITING


def test_what_is_optional_soon_at_first_then_ever_more_rarely() -> None:
    waits = refused_often(Driven(optional=True))
    assert waits[0] < 5  # rights may be on their way when an API server starts
    assert CAP_S < max(waits) <= REFUSED_CAP_S


@pytest.mark.parametrize("status", [403, 404])
def test_the_phase_says_so(status: int) -> None:
    driven = Driven(optional=True)
    driven.asks_list()
    driven.failed(Refused(f"{status}: no", status=status))
    driven.reflector.next_action(driven.now)
    assert driven.reflector.phase is Phase.REFUSED
    assert driven.reflector.refused
    assert not driven.reflector.synced


@pytest.mark.parametrize("error", [ServerBusy("500"), Refused("401: who?", status=401)])
def test_other_failures_are_no_refusal(error: ServerBusy | Refused) -> None:
    driven = Driven(optional=True)
    driven.asks_list()
    driven.failed(error)
    driven.reflector.next_action(driven.now)
    assert driven.reflector.phase is Phase.WAITING
    assert not driven.reflector.refused


def test_rights_that_come_later_are_used() -> None:
    driven = Driven(optional=True)
    refused_often(driven, times=5)
    driven.listed(service("a", 2), rv=10)
    assert driven.names() == ["a"]
    assert not driven.reflector.refused


def test_rights_that_are_lost_leave_what_is_known() -> None:
    driven = Driven(optional=True)
    driven.listed(service("a", 2), rv=10)
    driven.asks_watch()
    driven.failed(Gone("410"), after_s=1000)
    assert max(refused_often(driven)) <= CAP_S
    assert driven.names() == ["a"]
    assert not driven.reflector.refused


def test_namespaces_have_no_namespace() -> None:
    driven = Driven(namespaces())
    driven.listed({"metadata": {"name": "prod", "resourceVersion": "3"}}, rv=10)
    assert list(driven.rows) == [("", "prod")]
    driven.asks_watch()
    driven.failed(Gone("410"), after_s=1000)
    driven.listed(rv=20)
    assert driven.rows == {}
