"""The scripted API server does what its script says, byte by byte."""

from __future__ import annotations

import socket
import threading
from urllib.parse import urlsplit

import pytest

from tests.fakes.apiserver import (
    CUT,
    SILENCE,
    Answer,
    Pause,
    ScriptedServer,
    Until,
    json_answer,
    status_answer,
    stream,
)


def ask(server: ScriptedServer, target: str) -> socket.socket:
    parts = urlsplit(server.url)
    connection = socket.create_connection((parts.hostname or "", parts.port or 0), timeout=5)
    connection.sendall(f"GET {target} HTTP/1.1\r\nHost: x\r\nUser-Agent: test\r\n\r\n".encode())
    return connection


def read_until(connection: socket.socket, end: bytes) -> bytes:
    data = b""
    while not data.endswith(end):
        more = connection.recv(65536)
        if not more:
            break
        data += more
    return data


def test_a_scripted_list_is_answered_and_the_request_is_kept() -> None:
    with ScriptedServer() as server:
        server.on_list("services", json_answer({"items": []}))
        with ask(server, "/api/v1/services?limit=5&continue=a%20b") as connection:
            answer = read_until(connection, b"0\r\n\r\n")
        assert answer.startswith(b"HTTP/1.1 200 ")
        assert b'\r\n\r\nd\r\n{"items": []}\r\n0\r\n\r\n' in answer
        [request] = server.requests
        assert request.path == "/api/v1/services"
        assert request.query == {"limit": "5", "continue": "a b"}
        assert request.headers["user-agent"] == "test"
        assert not request.is_watch


def test_lists_and_watches_have_scripts_of_their_own_used_in_order() -> None:
    with ScriptedServer() as server:
        server.on_watch("services", stream(b"W"))
        server.on_list("services", json_answer(b"first"), json_answer(b"second"))
        for target, body in (("", b"first"), ("?watch=true", b"W"), ("", b"second")):
            with ask(server, "/api/v1/services" + target) as connection:
                assert b"\r\n" + body + b"\r\n0\r\n" in read_until(connection, b"0\r\n\r\n")


def test_a_status_carries_its_code_and_retry_after() -> None:
    with ScriptedServer() as server:
        server.on_list("services", status_answer(429, "TooManyRequests", retry_after=7))
        with ask(server, "/api/v1/services") as connection:
            answer = read_until(connection, b"0\r\n\r\n")
        assert answer.startswith(b"HTTP/1.1 429 ")
        assert b"Retry-After: 7\r\n" in answer
        assert b'"code": 429' in answer


def test_a_cut_is_a_reset_without_the_end_of_the_body() -> None:
    with ScriptedServer() as server:
        server.on_watch("services", stream(b"half", CUT))
        connection = ask(server, "/api/v1/services?watch=true")
        with connection, pytest.raises(ConnectionResetError):
            while connection.recv(65536):
                pass
            raise AssertionError("the body ended in the regular way")


def test_silence_lasts_until_the_server_stops() -> None:
    with ScriptedServer() as server:
        server.on_watch("services", stream(b"one", SILENCE))
        connection = ask(server, "/api/v1/services?watch=true")
        assert read_until(connection, b"one\r\n").endswith(b"3\r\none\r\n")
        connection.settimeout(0.05)
        with pytest.raises(TimeoutError):
            connection.recv(1)
        connection.close()


def test_the_test_decides_when_the_stream_goes_on() -> None:
    go_on = threading.Event()
    with ScriptedServer() as server:
        server.on_watch("services", stream(b"one", Until(go_on), Pause(0.001), b"two"))
        with ask(server, "/api/v1/services?watch=true") as connection:
            read_until(connection, b"one\r\n")
            go_on.set()
            assert read_until(connection, b"0\r\n\r\n") == b"3\r\ntwo\r\n0\r\n\r\n"


def test_an_unchunked_body_ends_with_the_connection() -> None:
    with ScriptedServer() as server:
        server.on_list("services", stream(b"all", chunked=False))
        with ask(server, "/api/v1/services") as connection:
            assert read_until(connection, b"never").endswith(b"\r\n\r\nall")


def test_a_server_may_never_answer() -> None:
    with ScriptedServer() as server:
        server.on_list("services", Answer(before_headers=(SILENCE,)))
        connection = ask(server, "/api/v1/services")
        server.wait_for(1)
        connection.settimeout(0.05)
        with pytest.raises(TimeoutError):
            connection.recv(1)
        connection.close()


def test_a_request_without_an_answer_fails_the_test() -> None:
    with pytest.raises(AssertionError, match="without an answer"), ScriptedServer() as server:
        connection = ask(server, "/api/v1/pods")
        assert read_until(connection, b"0\r\n\r\n").startswith(b"HTTP/1.1 500 ")
        connection.close()
