"""The HTTP rim: it listens or says why not, it stops, it tells when it ends by itself."""

from __future__ import annotations

import socket
import urllib.request
from collections.abc import Iterator
from contextlib import closing

import pytest
from flask import Flask

from dnscore.lifecycle import StartError
from sidecar.http_server import HttpServer, listen
from sidecar.signals import Ending, EndingWatch
from tests.waiting import eventually


@pytest.fixture
def application() -> Flask:
    app = Flask("test", static_folder=None)
    app.add_url_rule("/healthz", view_func=lambda: "ok")
    return app


@pytest.fixture
def failures() -> list[str]:
    return []


@pytest.fixture
def port(application: Flask, failures: list[str]) -> Iterator[int]:
    sock = listen("127.0.0.1", 0)
    server = HttpServer(application, sock, failed=failures.append)
    server.start()
    yield sock.getsockname()[1]
    server.stop()


def ask(port: int) -> str:
    with urllib.request.urlopen(f"http://127.0.0.1:{port}/healthz", timeout=10) as answer:
        body: bytes = answer.read()
        return body.decode()


@pytest.mark.parametrize("address", ["127.0.0.1", "0.0.0.0", "", "::1", "localhost"])
def test_any_address_of_this_machine_can_be_listened_on(address: str) -> None:
    with listen(address, 0) as sock:
        assert sock.getsockname()[1] > 0


def test_a_port_in_use_names_port_and_flag() -> None:
    with listen("127.0.0.1", 0) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(StartError, match=rf"port {port}: .* --prometheus-port"):
            listen("127.0.0.1", port)


@pytest.mark.parametrize("address", ["192.0.2.1", "no-such-host.invalid"])
def test_an_address_of_elsewhere_cannot_be_listened_on(address: str) -> None:
    with pytest.raises(StartError, match=r"--prometheus-addr"):
        listen(address, 0)


def test_no_header_tells_what_serves(port: int) -> None:
    with urllib.request.urlopen(f"http://127.0.0.1:{port}/healthz", timeout=10) as answer:
        assert "Server" not in answer.headers


def test_stop_closes_idle_connections_and_frees_the_port(
    application: Flask, failures: list[str]
) -> None:
    sock = listen("127.0.0.1", 0)
    port = sock.getsockname()[1]
    server = HttpServer(application, sock, failed=failures.append)
    server.start()
    assert ask(port) == "ok"
    with socket.create_connection(("127.0.0.1", port), timeout=10) as idle:
        idle.sendall(b"GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n")
        received = b""
        while not received.endswith(b"\r\n\r\nok"):
            received += idle.recv(4096)
        server.stop()
        assert idle.recv(1) == b""
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection(("127.0.0.1", port), timeout=10)
    listen("127.0.0.1", port).close()
    assert failures == []


def test_a_server_that_ends_by_itself_is_told_of(
    monkeypatch: pytest.MonkeyPatch, application: Flask, failures: list[str]
) -> None:
    def out_of_memory() -> None:
        raise MemoryError("no more")

    with listen("127.0.0.1", 0) as sock:
        server = HttpServer(application, sock, failed=failures.append)
        monkeypatch.setattr(server, "_accept", out_of_memory)
        server.start()
        with socket.create_connection(sock.getsockname()):
            eventually(lambda: failures)
        assert failures == ["HTTP server failed: MemoryError('no more')"]
        server.stop()


def test_a_failure_ends_the_wait_with_its_cause() -> None:
    with closing(EndingWatch()) as watch:
        watch.fail("HTTP server failed")
        assert watch.wait() == Ending("HTTP server failed", failed=True)
