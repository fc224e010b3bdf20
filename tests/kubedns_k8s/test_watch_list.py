"""A list as the initial events of a watch, and the list in pages where there is no such thing."""

from __future__ import annotations

import json
from typing import Any

import pytest

from kubedns.k8s.actions import List
from kubedns.k8s.errors import (
    ApiError,
    Gone,
    Malformed,
    Refused,
    ServerBusy,
    TooManyRequests,
    Unreachable,
    Unsupported,
)
from kubedns.k8s.listing import GROUP_BYTES
from kubedns.k8s.ndjson import LineSplitter
from tests.fakes.apiserver import SILENCE, ScriptedServer, json_answer, status_answer, stream
from tests.kubedns_k8s.rim import running
from tests.kubedns_k8s.support import (
    Driven,
    bookmark,
    error_event,
    event,
    initial_end,
    list_body,
    recorded,
    row,
    service,
)
from tests.waiting import eventually

NO_PROGRESS = "the required storage feature RequestWatchProgress is disabled"


def streaming() -> Driven:
    """One that has been told to begin with initial events."""
    driven = Driven(watch_lists=True)
    assert driven.opened().initial_events
    return driven


def streamed(*objects: dict[str, Any], rv: int) -> Driven:
    """One that has its first list."""
    driven = streaming()
    driven.sent(*(event("ADDED", item) for item in objects), initial_end(rv))
    return driven


def goes_on_in_pages(driven: Driven) -> None:
    assert isinstance(driven.reflector.next_action(driven.now), List)


def test_the_recorded_stream_is_the_recorded_list() -> None:
    driven = streaming()
    [batch] = driven.sent(*LineSplitter().feed(recorded("services-watchlist").body))
    assert batch.synced
    listed = Driven()
    listed.asks_list()
    listed.reflector.page(recorded("services-rv0-limit3").body, listed.now)
    listed.take()
    assert driven.rows == listed.rows
    assert driven.bad == []
    follow = driven.asks_watch()
    assert (follow.resource_version, follow.initial_events) == ("282", False)


def test_nothing_is_complete_before_the_bookmark_that_says_so() -> None:
    driven = streaming()
    driven.sent(event("ADDED", service("a", 2)))
    assert not driven.reflector.synced
    assert driven.reflector.watching
    [batch] = driven.sent(initial_end(10))
    assert batch.synced
    assert driven.names() == ["a"]
    assert driven.reflector.resource_version == "10"


def test_what_happens_meanwhile_counts() -> None:
    driven = streaming()
    driven.sent(
        event("ADDED", service("a", 2)),
        event("ADDED", service("b", 3)),
        event("MODIFIED", service("a", 11, ip="10.0.0.9")),
        event("DELETED", service("b", 12)),
        initial_end(12),
    )
    assert driven.rows == {("ns", "a"): row("a", ip="10.0.0.9")}


def test_a_relist_is_a_diff_too() -> None:
    driven = streamed(service("same", 2), service("gone", 3), rv=10)
    driven.asks_watch()
    driven.failed(Gone("410"), after_s=1000)
    assert driven.opened().initial_events
    [batch] = driven.sent(
        event("ADDED", service("same", 2)), event("ADDED", service("new", 15)), initial_end(20)
    )
    assert dict(batch.changes) == {("ns", "new"): row("new"), ("ns", "gone"): None}


def test_a_bad_object_is_reported_and_keeps_its_row() -> None:
    driven = streamed(service("a", 2), rv=10)
    driven.asks_watch()
    driven.failed(Gone("410"), after_s=1000)
    driven.opened()
    driven.sent(event("ADDED", service("a", 12, ip="x")), initial_end(20))
    assert driven.rows == {("ns", "a"): row("a")}
    assert [str(bad) for bad in driven.bad] == ["ns/a: clusterIP 'x'"]


def test_groups_are_bounded() -> None:
    driven = streaming()
    lines = [event("ADDED", service(f"s{n}", n + 2)) for n in range(2000)]
    batches = driven.sent(*lines, initial_end(5000))
    size = len(lines[0])
    assert len(batches) > 2
    assert all(len(batch.changes) * size < GROUP_BYTES + 4 * size for batch in batches)
    assert [batch.synced for batch in batches] == [False] * (len(batches) - 1) + [True]
    assert len(driven.rows) == 2000


@pytest.mark.parametrize(
    "refusal",
    [
        pytest.param(lambda d: d.failed(Unsupported("422")), id="422"),
        pytest.param(lambda d: d.sent(error_event(500, NO_PROGRESS)), id="error event"),
        pytest.param(lambda d: d.sent(bookmark(9)), id="bookmark of another kind"),
        pytest.param(lambda d: d.sent(b"<html>"), id="garbage"),
        pytest.param(lambda d: d.ended(after_s=30), id="end"),
        pytest.param(lambda d: d.failed(Unreachable("silence"), after_s=30), id="silence"),
    ],
)
def test_refused_once_is_not_asked_again(refusal: Any) -> None:
    driven = Driven(watch_lists=True)
    driven.asks_watch()
    driven.reflector.watch_opened(driven.now)
    refusal(driven)
    goes_on_in_pages(driven)
    driven.listed(service("a", 2), rv=10)
    driven.asks_watch()
    driven.failed(Gone("410"), after_s=1000)
    goes_on_in_pages(driven)
    assert driven.names() == ["a"]


def test_a_refusal_before_the_stream_is_no_error() -> None:
    driven = Driven(watch_lists=True)
    driven.asks_watch()
    driven.failed(Unsupported("422"))
    goes_on_in_pages(driven)
    assert (driven.reflector.counters.errors, driven.reflector.last_error) == (0, "")


@pytest.mark.parametrize("error", [Unreachable("refused"), ServerBusy("503"), Malformed("?")])
def test_a_server_that_did_not_answer_is_asked_again_later(error: ApiError) -> None:
    driven = Driven(watch_lists=True)
    driven.asks_watch()
    driven.failed(error)
    driven.asks_sleep()
    goes_on_in_pages(driven)
    driven.listed(rv=10)
    driven.asks_watch()
    driven.failed(Gone("410"), after_s=1000)
    assert driven.asks_watch().initial_events


def test_retry_after_is_waited_for() -> None:
    driven = Driven(watch_lists=True)
    driven.asks_watch()
    driven.failed(TooManyRequests("429", retry_after_s=17))
    assert driven.asks_sleep() == pytest.approx(17)


@pytest.mark.parametrize("status", [403, 404])
def test_whether_we_may_read_it_the_list_decides(status: int) -> None:
    driven = Driven(watch_lists=True, optional=True)
    driven.asks_watch()
    driven.failed(Refused(str(status), status=status))
    goes_on_in_pages(driven)
    assert not driven.reflector.refused
    driven.failed(Refused(str(status), status=status))
    assert driven.reflector.refused


def test_cut_anywhere_nothing_is_lost() -> None:
    body = recorded("services-watchlist").body
    items = json.loads(recorded("services-rv0-limit3").body)["items"]
    whole = Driven()
    whole.listed(*items, rv=282)
    for cut in range(0, body.index(b'{"type":"BOOKMARK"'), 97):
        driven = streaming()
        driven.sent(*LineSplitter().feed(body[:cut]))
        driven.failed(Unreachable("reset"))
        driven.listed(*items, rv=282)
        assert driven.rows == whole.rows, cut


def test_over_the_wire() -> None:
    body = recorded("services-watchlist").body
    with ScriptedServer() as server:
        server.on_watch("services", stream(body[:3000], body[3000:], SILENCE), stream(SILENCE))
        with running(server, watch_lists=True) as (runner, _):
            eventually(lambda: runner.status.synced)
            initial, follow = server.wait_for(2)
            assert initial.query["sendInitialEvents"] == "true"
            assert initial.query["resourceVersionMatch"] == "NotOlderThan"
            assert "resourceVersion" not in initial.query
            assert follow.query["resourceVersion"] == "282"
            assert "sendInitialEvents" not in follow.query


def test_silence_in_the_initial_events_ends_them_as_early_as_a_list() -> None:
    with ScriptedServer() as server:
        server.on_watch("services", stream(event("ADDED", service("a", 2)) + b"\n", SILENCE))
        server.on_watch("services", stream(SILENCE))
        server.on_list("services", json_answer(list_body(service("a", 2), rv=10)))
        with running(server, watch_lists=True, list_timeout_s=0.2) as (runner, received):
            received.wait_for_names("a")
            eventually(lambda: runner.status.synced)


def test_refusals_over_the_wire() -> None:
    refusals = (
        status_answer(422, "Invalid"),
        stream(error_event(500, NO_PROGRESS) + b"\n", SILENCE),
    )
    for refusal in refusals:
        with ScriptedServer() as server:
            server.on_watch("services", refusal, stream(SILENCE))
            server.on_list("services", json_answer(list_body(service("a", 2), rv=10)))
            with running(server, watch_lists=True) as (_, received):
                received.wait_for_names("a")
                third = server.wait_for(3)[2]
                assert third.query["resourceVersion"] == "10"
