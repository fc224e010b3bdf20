"""The status server: routes, and clients that mean no good."""

from __future__ import annotations

import socket
import threading
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest

from dnscore.httpd import HttpServer, Reply, Route, bind_http, text_reply
from dnscore.lifecycle import StartError
from tests.waiting import eventually

ROUTES: dict[str, Route] = {
    "/ok": lambda _query: text_reply(200, "ok\n"),
    "/no": lambda _query: text_reply(503, "not yet\n"),
    "/echo": lambda query: Reply(200, "application/json", query.encode()),
    "/broken": lambda _query: (_ for _ in ()).throw(RuntimeError("sour")),
}


@contextmanager
def serving(routes: dict[str, Route], **limits: float) -> Iterator[HttpServer]:
    sock = bind_http(0, host="127.0.0.1", flag="--port")
    server = HttpServer(sock, routes, **limits)  # type: ignore[arg-type]
    server.start()
    try:
        yield server
    finally:
        server.close()


@pytest.fixture
def server() -> Iterator[HttpServer]:
    with serving(ROUTES) as running:
        yield running


def get(server: HttpServer, path: str, method: str = "GET") -> tuple[int, bytes]:
    request = urllib.request.Request(f"http://127.0.0.1:{server.port}{path}", method=method)
    try:
        with urllib.request.urlopen(request, timeout=10) as response:
            return response.status, response.read()
    except urllib.error.HTTPError as error:
        return error.code, error.read()


def raw(server: HttpServer, request: bytes) -> bytes:
    with socket.create_connection(("127.0.0.1", server.port), timeout=10) as sock:
        sock.sendall(request)
        received = b""
        try:
            while data := sock.recv(65536):
                received += data
        except ConnectionError:
            pass
        return received


def test_routes(server: HttpServer) -> None:
    assert get(server, "/ok") == (200, b"ok\n")
    assert get(server, "/no") == (503, b"not yet\n")
    assert get(server, "/echo?verbose") == (200, b"verbose")


@pytest.mark.parametrize("path", ["/", "/ok/", "/absent", "/../etc/passwd", "/%2e%2e/"])
def test_other_paths_are_not_found(server: HttpServer, path: str) -> None:
    assert get(server, path)[0] == 404


def test_head_has_no_body(server: HttpServer) -> None:
    assert get(server, "/ok", "HEAD") == (200, b"")


def test_other_methods_are_refused(server: HttpServer) -> None:
    assert get(server, "/ok", "POST")[0] == 501


def test_a_route_that_fails_is_a_500_and_the_server_goes_on(server: HttpServer) -> None:
    assert get(server, "/broken") == (500, b"RuntimeError: sour\n")
    assert get(server, "/ok")[0] == 200


@pytest.mark.parametrize(
    "request_",
    [
        b"\0\1\2\xff\xfe\r\n\r\n",
        b"GET\r\n\r\n",
        b"GET /ok HTTP/9.9\r\n\r\n",
        b"GET /ok HTTP/1.1\r\n" + b"x: y\r\n" * 1000 + b"\r\n",
        b"GET /" + b"a" * 100_000 + b" HTTP/1.1\r\n\r\n",
        b"",
        b"\r\n",
    ],
)
def test_garbage_does_no_harm(request_: bytes) -> None:
    with serving(ROUTES, ask_s=0.5) as server:
        answer = raw(server, request_)
        assert b"200 OK" not in answer
        assert get(server, "/ok") == (200, b"ok\n")


def test_a_long_path_is_414(server: HttpServer) -> None:
    assert b" 414 " in raw(server, b"GET /" + b"a" * 70_000 + b" HTTP/1.1\r\n\r\n")


def _drip(sock: socket.socket, ended: threading.Event) -> None:
    """Send a header that never ends, an octet at a time."""
    try:
        sock.sendall(b"GET /ok HTTP/1.1\r\nx: ")
        while not ended.wait(0.05):
            sock.sendall(b"y")
    except OSError:
        ended.set()


def test_a_client_that_drips_its_request_is_cut_off() -> None:
    with (
        serving(ROUTES, ask_s=0.4) as server,
        socket.create_connection(("127.0.0.1", server.port), timeout=10) as sock,
    ):
        ended = threading.Event()
        thread = threading.Thread(target=_drip, args=(sock, ended))
        thread.start()
        try:
            assert ended.wait(10), "still connected"
        finally:
            ended.set()
            thread.join()


def test_silent_clients_take_no_place_from_others() -> None:
    with serving(ROUTES, connections_max=4) as server:
        silent = [socket.create_connection(("127.0.0.1", server.port)) for _ in range(20)]
        try:
            assert get(server, "/ok") == (200, b"ok\n")
        finally:
            for sock in silent:
                sock.close()


def _is_refused(port: int) -> Callable[[], bool]:
    def attempt() -> bool:
        with socket.socket() as sock:
            return sock.connect_ex(("127.0.0.1", port)) != 0

    return attempt


def test_close_gives_the_port_back() -> None:
    with serving(ROUTES) as server:
        port = server.port
    eventually(_is_refused(port))


def test_a_port_in_use_is_one_line_with_port_and_flag() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(StartError, match=rf"HTTP port {port}: .*in use; .*--healthz-port"):
            bind_http(port, host="127.0.0.1", flag="--healthz-port")
    with bind_http(0, flag="--healthz-port") as everywhere:
        port = everywhere.getsockname()[1]
        with pytest.raises(StartError, match=f"HTTP port {port}"):
            bind_http(port, flag="--healthz-port")
