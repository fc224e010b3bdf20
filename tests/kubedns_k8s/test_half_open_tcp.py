"""A server that falls silent without closing: the read times out and the watch goes on."""

from __future__ import annotations

from kubedns.k8s.reflector import Phase
from tests.fakes.apiserver import SILENCE, Answer, ScriptedServer, json_answer, stream
from tests.kubedns_k8s.rim import running
from tests.kubedns_k8s.support import event, list_body, service
from tests.waiting import eventually


def test_silence_in_a_watch_resumes_from_the_last_version() -> None:
    with ScriptedServer() as server:
        server.on_list("services", json_answer(list_body(service("a", 2), rv=10)))
        server.on_watch(
            "services",
            stream(event("ADDED", service("b", 11)) + b"\n", SILENCE),
            stream(event("ADDED", service("c", 12)) + b"\n", SILENCE),
        )
        server.on_watch("services", *[stream(SILENCE)] * 50)
        with running(server, silence_s=0.3) as (_, received):
            received.wait_for_names("a", "b", "c")
        versions = [request.query.get("resourceVersion") for request in server.requests[:3]]
    assert versions == [None, "10", "11"]


def test_silence_before_the_headers_of_a_list() -> None:
    with ScriptedServer() as server:
        server.on_list("services", Answer(before_headers=(SILENCE,)))
        server.on_list("services", json_answer(list_body(service("a", 2), rv=10)))
        server.on_watch("services", stream(SILENCE))
        with running(server, list_timeout_s=0.05) as (runner, received):
            received.wait_for_names("a")
            eventually(lambda: runner.status.phase is Phase.WATCHING)
            assert "timed out" in runner.status.last_error.lower()
