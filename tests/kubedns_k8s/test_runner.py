"""The thread does what the reflector asks, over real sockets."""

from __future__ import annotations

import threading
import time

import pytest

from kubedns.k8s.options import RunnerOptions
from kubedns.k8s.project import endpoint_slices, services
from kubedns.k8s.reflector import Phase
from kubedns.k8s.runner import Runner
from kubedns.rows import SliceRow
from tests.fakes.apiserver import (
    CUT,
    SILENCE,
    Pause,
    ScriptedServer,
    Step,
    Until,
    json_answer,
    status_answer,
    stream,
)
from tests.kubedns_k8s.rim import Quick, Received, api_server, running
from tests.kubedns_k8s.support import error_event, event, list_body, recorded, service
from tests.waiting import eventually


def test_list_and_watch() -> None:
    with ScriptedServer() as server:
        server.on_list("services", json_answer(list_body(service("a", 2), rv=10)))
        server.on_watch(
            "services",
            stream(
                event("ADDED", service("b", 11)) + b"\n" + event("DELETED", service("a", 12))[:40],
                Pause(0.01),
                event("DELETED", service("a", 12))[40:] + b"\n",
                SILENCE,
            ),
        )
        with running(server) as (runner, received):
            received.wait_for_names("b")
            status = runner.status
            assert (status.synced, status.phase, status.objects) == (True, Phase.WATCHING, 1)
            assert status.resource_version == "12"
            assert status.last_event_at is not None
            assert status.counters.events == 2
        assert [batch.synced for batch in received.batches] == [True, False, False]


def test_a_busy_watch_loses_nothing() -> None:
    names = [f"s{number:03}" for number in range(120)]
    lines = [event("ADDED", service(name, 20 + at)) + b"\n" for at, name in enumerate(names)]
    # Some at once, some one by one, some cut in two: all within the time that makes it busy.
    steps: list[Step] = [b"".join(lines[:40])]
    steps += lines[40:80]
    for line in lines[80:]:
        steps += [line[:25], Pause(0.001), line[25:]]
    with ScriptedServer() as server:
        server.on_list("services", json_answer(list_body(rv=10)))
        server.on_watch("services", stream(*steps, SILENCE))
        with running(server) as (runner, received):
            received.wait_for_names(*names)
            eventually(lambda: runner.status.resource_version == "139")
        told = [key[1] for batch in received.batches for key, _ in batch.changes]
        assert told == names


def test_a_response_knows_whether_more_is_waiting() -> None:
    go_on = threading.Event()
    with ScriptedServer() as server:
        server.on_watch("services", stream(b"one\n", Until(go_on), b"two\n", SILENCE))
        client = api_server(server.url)
        with client.watch("services", resource_version="1", timeout_s=5) as response:
            assert response.read() == b"one\n"
            assert not response.has_more()
            go_on.set()
            eventually(response.has_more)
            assert response.read() == b"two\n"
            response.close()
            assert response.has_more()  # `read` says at once that it is closed


def test_pages_are_delivered_as_they_come() -> None:
    go_on = threading.Event()
    with ScriptedServer() as server:
        server.on_list("services", json_answer(list_body(service("a", 2), rv=10, continue_="t")))
        server.on_list("services", stream(Until(go_on), list_body(service("b", 3), rv=10)))
        server.on_watch("services", stream(SILENCE))
        with running(server) as (runner, received):
            received.wait_for_names("a")
            server.wait_for(2)
            assert not runner.status.synced
            go_on.set()
            received.wait_for_names("a", "b")
            eventually(lambda: runner.status.synced)


def test_the_recorded_slices() -> None:
    with ScriptedServer() as server:
        server.on_list("endpointslices", json_answer(recorded("endpointslices").body))
        server.on_watch("endpointslices", stream(recorded("endpointslices-watch").body, SILENCE))
        with running(server, endpoint_slices()) as (runner, received):
            eventually(lambda: runner.status.counters.events > 0)
            eventually(lambda: received.rows)
            assert all(isinstance(row, SliceRow) for row in received.rows.values())


def test_410_keeps_serving_and_relists() -> None:
    go_on = threading.Event()
    with ScriptedServer() as server:
        server.on_list(
            "services",
            json_answer(list_body(service("a", 2), rv=10)),
            stream(Until(go_on), list_body(service("b", 3), rv=20)),
        )
        server.on_watch("services", stream(error_event(410) + b"\n", SILENCE), stream(SILENCE))
        with running(server) as (_, received):
            server.wait_for(3)
            assert received.names() == ["a"]
            go_on.set()
            received.wait_for_names("b")
            assert server.wait_for(4)[3].query["resourceVersion"] == "20"


def test_a_reset_in_the_middle_of_a_line() -> None:
    line = event("ADDED", service("b", 11)) + b"\n"
    with ScriptedServer() as server:
        server.on_list("services", json_answer(list_body(service("a", 2), rv=10)))
        server.on_watch("services", stream(line[:50], CUT), stream(line, SILENCE))
        with running(server) as (_, received):
            received.wait_for_names("a", "b")


def test_retry_after_of_a_list_is_waited_for() -> None:
    with ScriptedServer() as server:
        server.on_list("services", status_answer(429, "TooManyRequests", retry_after=60))
        with running(server) as (runner, _):
            eventually(lambda: runner.status.phase is Phase.WAITING)
            assert runner.status.last_error.startswith("429")
        assert len(server.requests) == 1


@pytest.mark.parametrize("stage", ["list body", "watch", "sleep"])
def test_stop_wakes_the_thread(stage: str) -> None:
    with ScriptedServer() as server:
        if stage == "list body":
            server.on_list("services", stream(b'{"items":', SILENCE))
        elif stage == "sleep":
            server.on_list("services", status_answer(503, "Busy", retry_after=100))
        else:
            server.on_list("services", json_answer(list_body(rv=10)))
            server.on_watch("services", stream(b"\n", SILENCE))
        with running(server) as (runner, _):
            server.wait_for(2 if stage == "watch" else 1)
            if stage != "sleep":
                eventually(lambda: runner._open is not None)
            else:
                eventually(lambda: runner.status.phase is Phase.WAITING)
            start = time.monotonic()
            assert runner.stop()
            assert time.monotonic() - start < 2
            assert runner.stop()  # once more does no harm


def test_nothing_is_delivered_after_stop() -> None:
    go_on = threading.Event()
    with ScriptedServer() as server:
        server.on_list("services", json_answer(list_body(rv=10)))
        server.on_watch("services", stream(Until(go_on), event("ADDED", service("a", 11)) + b"\n"))
        with running(server) as (runner, received):
            server.wait_for(2)
            assert runner.stop()
            go_on.set()
        assert received.names() == []


def test_a_receiver_that_refuses_gets_the_rows_again() -> None:
    body = json_answer(list_body(service("a", 2), rv=10))
    with ScriptedServer() as server:
        server.on_list("services", body, body)
        server.on_watch("services", stream(SILENCE))
        received = Received()
        received.refusals = 1
        options = RunnerOptions(watch_lists=False)
        runner = Runner(services(), api_server(server.url), received, options=options, rng=Quick(1))
        runner.start()
        received.wait_for_names("a")
        assert runner.stop()


def test_an_endless_line_is_given_up() -> None:
    with ScriptedServer() as server:
        listed = json_answer(list_body(service("a", 2), rv=10))
        server.on_list("services", listed, listed)
        server.on_watch("services", stream(*[b"x" * 1_000_000] * 9, SILENCE), stream(SILENCE))
        with running(server) as (runner, received):
            server.wait_for(4)
            assert received.names() == ["a"]
            assert "longer than" in runner.status.last_error
