"""Whatever the server or the network does, the client raises the error that says who acts."""

from __future__ import annotations

import socket
import threading

import pytest

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
from tests.fakes.apiserver import (
    CUT,
    SILENCE,
    Answer,
    ScriptedServer,
    json_answer,
    status_answer,
    stream,
)
from tests.kubedns_k8s.rim import api_server
from tests.kubedns_k8s.support import recorded

RECORDED: list[tuple[str, type[ApiError], float | None, str]] = [
    ("services-rv-too-large", ServerBusy, 1, "Too large resource version"),
    ("kube-dns-account-endpointslices-forbidden", Refused, None, "cannot list resource"),
    ("service-notfound", Refused, None, "not found"),
    ("unauthorized", Refused, None, "Unauthorized"),
]
STATUSES: list[tuple[int, type[ApiError]]] = [
    (400, Unsupported),
    (403, Refused),
    (409, Refused),
    (410, Gone),
    (422, Unsupported),
    (429, TooManyRequests),
    (500, ServerBusy),
    (503, ServerBusy),
]


@pytest.mark.parametrize(("name", "kind", "retry_after_s", "text"), RECORDED)
def test_recorded_refusals(
    name: str, kind: type[ApiError], retry_after_s: float | None, text: str
) -> None:
    answer = recorded(name)
    with ScriptedServer() as server:
        again = [json_answer(answer.body, status=answer.status)] * (
            2 if answer.status == 401 else 1
        )
        server.on_list("services", *again)
        with pytest.raises(kind, match=text) as caught:
            api_server(server.url).list_page("services", limit=5)
        assert caught.value.retry_after_s == retry_after_s
        if isinstance(caught.value, Refused):
            assert caught.value.status == answer.status


@pytest.mark.parametrize(("status", "kind"), STATUSES)
@pytest.mark.parametrize("watch", [False, True])
def test_statuses(status: int, kind: type[ApiError], watch: bool) -> None:
    with ScriptedServer() as server:
        answer = status_answer(status, "Reason", message="some text", retry_after=7)
        (server.on_watch if watch else server.on_list)("endpointslices", answer)
        client = api_server(server.url)
        with pytest.raises(kind, match=f"{status}: some text") as caught:
            if watch:
                client.watch("endpointslices", resource_version="1", timeout_s=5)
            else:
                client.list_page("endpointslices", limit=5)
        assert type(caught.value) is kind
        assert caught.value.retry_after_s == 7


@pytest.mark.parametrize("body", [b"<html>bad gateway</html>", b"", b"\xff\xfe", b"x" * 100_000])
def test_a_body_that_is_no_status(body: bytes) -> None:
    with ScriptedServer() as server:
        server.on_list("services", json_answer(body, status=502))
        with pytest.raises(ServerBusy, match="502") as caught:
            api_server(server.url).list_page("services", limit=5)
        assert len(str(caught.value)) <= 300


def test_a_redirect_is_not_followed() -> None:
    with ScriptedServer() as server:
        server.on_list("services", Answer(302, {"Location": "http://127.0.0.1:1/"}))
        with pytest.raises(Malformed, match="302"):
            api_server(server.url).list_page("services", limit=5)


def test_nobody_listens() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    with pytest.raises(Unreachable, match="refused"):
        api_server(f"http://127.0.0.1:{port}").list_page("services", limit=5)


@pytest.mark.parametrize("said", [b"", b"SSH-2.0-OpenSSH_9.2\r\n", b"\x15\x03\x01\x00\x02\x02\x46"])
def test_what_answers_is_no_http_server(said: bytes) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def serve() -> None:
            connection, _ = listener.accept()
            with connection:
                connection.recv(65536)
                connection.sendall(said)

        thread = threading.Thread(target=serve)
        thread.start()
        url = f"http://127.0.0.1:{listener.getsockname()[1]}"
        with pytest.raises(Unreachable):
            api_server(url).list_page("services", limit=5)
        thread.join()


def test_the_server_never_answers() -> None:
    with ScriptedServer() as server:
        server.on_list("services", Answer(before_headers=(SILENCE,)))
        with pytest.raises(Unreachable):
            api_server(server.url, list_timeout_s=0.05).list_page("services", limit=5)


@pytest.mark.parametrize("chunked", [True, False])
def test_the_body_is_cut(chunked: bool) -> None:
    with ScriptedServer() as server:
        server.on_list("services", stream(b"half", CUT, chunked=chunked))
        response = api_server(server.url).list_page("services", limit=5)
        with response, pytest.raises(Unreachable):
            response.read_all()


def test_the_body_has_no_end() -> None:
    with ScriptedServer() as server:
        server.on_list("services", stream(*[b"x" * 1000] * 50))
        response = api_server(server.url).list_page("services", limit=5)
        with response, pytest.raises(Malformed):
            response.read_all(limit=10_000)


@pytest.mark.parametrize("chunked", [True, False])
def test_chunks_are_given_as_they_come(chunked: bool) -> None:
    with ScriptedServer() as server:
        server.on_watch("services", stream(b"one\n", SILENCE, chunked=chunked))
        client = api_server(server.url, silence_s=0.2)
        with client.watch("services", resource_version="1", timeout_s=5) as response:
            assert response.read() == b"one\n"
            with pytest.raises(Unreachable):
                response.read()
