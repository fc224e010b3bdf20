"""Readiness is asked of the process itself: HTTP 200, or an answer to a DNS query."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer

import dns.message
import pytest

from localrun.plan import DnsReady, HttpReady
from localrun.readiness import VERSION_BIND, why_not_ready
from tests.ports import free_port


@contextmanager
def http_server(status: int) -> Iterator[int]:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(status if self.path == "/readiness" else 404)
            self.end_headers()

        def log_message(self, format: str, *args: object) -> None:
            pass

    with HTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        try:
            yield server.server_port
        finally:
            server.shutdown()
            thread.join()


@contextmanager
def udp_echo(reply: bytes | None) -> Iterator[int]:
    """Answers one datagram, with itself marked as a response if `reply` is None."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as server:
        server.bind(("127.0.0.1", 0))

        def serve() -> None:
            query, client = server.recvfrom(512)
            answer = query[:2] + bytes([query[2] | 0x80]) + query[3:]
            server.sendto(answer if reply is None else reply, client)

        thread = threading.Thread(target=serve)
        thread.start()
        yield server.getsockname()[1]
        thread.join()


def test_200_is_ready() -> None:
    with http_server(200) as port:
        assert why_not_ready(HttpReady(port, "/readiness")) == ""


def test_503_is_not_ready_and_says_so() -> None:
    with http_server(503) as port:
        assert why_not_ready(HttpReady(port, "/readiness")) == "/readiness answers 503"


@pytest.mark.parametrize("ready", [HttpReady, DnsReady])
def test_nobody_listening_is_not_ready(ready: type) -> None:
    port = free_port()
    asked = HttpReady(port, "/") if ready is HttpReady else DnsReady(port)
    assert "refused" in why_not_ready(asked)


def test_a_proxy_of_the_environment_is_not_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("http_proxy", f"http://127.0.0.1:{free_port()}")
    with http_server(200) as port:
        assert why_not_ready(HttpReady(port, "/readiness")) == ""


def test_an_answer_to_the_chaos_query_is_ready() -> None:
    with udp_echo(None) as port:
        assert why_not_ready(DnsReady(port)) == ""


def test_garbage_is_not_ready() -> None:
    with udp_echo(b"hello") as port:
        assert why_not_ready(DnsReady(port)) == "answers something that is not DNS"


def test_the_query_is_version_bind() -> None:
    assert dns.message.from_wire(VERSION_BIND).question[0].to_text() == "version.bind. CH TXT"
