"""Hostile HTTP clients: whatever they do, the kubelet's health check is answered."""

from __future__ import annotations

import socket
import threading
import urllib.request
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager

import pytest
from flask import Flask

from sidecar.http_reply import Reply, text_reply
from sidecar.http_request import HEAD_MAX, Request
from sidecar.http_server import PAGES_MAX, WORKERS, HttpServer, listen
from tests.waiting import eventually

HALF = b"GET /healthz HTTP/1.1\r\nHost: "
PAGE = b"GET /page HTTP/1.1\r\nHost: x\r\n\r\n"
LIMIT = 50


class Pages:
    """A page that takes until it is let go."""

    def __init__(self) -> None:
        self.begun = threading.Semaphore(0)
        self.let_go = threading.Event()
        self.application = Flask("test", static_folder=None)
        self.application.add_url_rule("/page", view_func=self._page)

    def _page(self) -> str:
        self.begun.release()
        assert self.let_go.wait(60)
        return "page"


@pytest.fixture
def pages() -> Pages:
    return Pages()


@pytest.fixture
def port(pages: Pages) -> Iterator[int]:
    def quick(request: Request) -> Reply | None:
        return text_reply(200, "ok") if request.path == "/healthz" else None

    failures: list[str] = []
    sock = listen("127.0.0.1", 0)
    server = HttpServer(
        pages.application, sock, failed=failures.append, quick=quick, connections_max=LIMIT
    )
    server.start()
    yield sock.getsockname()[1]
    pages.let_go.set()
    server.stop()
    assert failures == []


def health(port: int) -> str:
    with urllib.request.urlopen(f"http://127.0.0.1:{port}/healthz", timeout=20) as answer:
        body: bytes = answer.read()
        return body.decode()


@contextmanager
def connections(port: int, count: int, said: bytes) -> Iterator[list[socket.socket]]:
    with ExitStack() as stack:
        opened = []
        for _ in range(count):
            sock = stack.enter_context(socket.create_connection(("127.0.0.1", port), timeout=20))
            sock.sendall(said)
            opened.append(sock)
        yield opened


def is_closed(sock: socket.socket) -> bool:
    sock.setblocking(False)
    try:
        return sock.recv(1) == b""
    except BlockingIOError:
        return False
    except ConnectionResetError:
        return True


@pytest.mark.parametrize("said", [b"", HALF, b"x" * 1000, b"\r\n" * 100])
def test_many_more_connections_than_there_is_room_for(port: int, said: bytes) -> None:
    with connections(port, 4 * LIMIT, said) as opened:
        assert health(port) == "ok"
        # Who has been quiet for longest has made room, and nobody else.
        eventually(lambda: sum(map(is_closed, opened)) == 3 * LIMIT + 1)
        assert not any(map(is_closed, opened[-LIMIT + 1 :]))


def test_clients_that_send_a_byte_at_a_time(port: int) -> None:
    with connections(port, LIMIT - 1, b"") as opened:
        for octet in HALF:
            for sock in opened:
                sock.sendall(bytes([octet]))
            if octet == HALF[-1]:
                assert health(port) == "ok"
        for sock in opened:  # None of them has lost its place.
            sock.sendall(b"x\r\n\r\n")
            assert sock.recv(4096).startswith(b"HTTP/1.1 200 ")


def test_pages_that_take_for_ever_hold_up_no_health_check(port: int, pages: Pages) -> None:
    with connections(port, PAGES_MAX, PAGE) as waiting:
        for _ in range(WORKERS):
            assert pages.begun.acquire(timeout=20)
        assert health(port) == "ok"
        with connections(port, 1, PAGE) as [one_more]:
            assert one_more.recv(4096).startswith(b"HTTP/1.1 503 ")
        pages.let_go.set()
        for sock in waiting:
            assert sock.recv(4096).startswith(b"HTTP/1.1 200 ")


def test_who_waits_for_a_page_keeps_its_place(port: int, pages: Pages) -> None:
    with connections(port, 1, PAGE) as [waiting]:
        assert pages.begun.acquire(timeout=20)
        with connections(port, 2 * LIMIT, HALF):
            assert health(port) == "ok"
            pages.let_go.set()
            assert waiting.recv(4096).endswith(b"page")


def test_who_goes_away_before_the_page_is_made_harms_nobody(port: int, pages: Pages) -> None:
    with connections(port, 1, PAGE):
        assert pages.begun.acquire(timeout=20)
    pages.let_go.set()
    assert health(port) == "ok"


@pytest.mark.parametrize(
    ("said", "status"),
    [
        (b"GET /" + b"x" * HEAD_MAX + b" HTTP/1.1\r\n\r\n", b"414"),
        (b"GET /healthz HTTP/1.1\r\nHost: " + b"x" * 60_000 + b"\r\n\r\n", b"431"),
        (
            b"POST /page HTTP/1.1\r\nHost: x\r\nContent-Length: 90000\r\n\r\n" + b"x" * 90_000,
            b"413",
        ),
        (b"junk\r\n\r\n", b"400"),
    ],
)
def test_who_is_refused_gets_to_read_why(port: int, said: bytes, status: bytes) -> None:
    with connections(port, 1, said) as [sock]:
        assert read_all(sock).split()[1] == status
    assert health(port) == "ok"


def test_a_thousand_requests_in_one_go_are_answered_in_order(port: int) -> None:
    count = 1000
    last = b"GET /x HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"
    with connections(port, 1, b"GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n" * count + last) as [sock]:
        received = read_all(sock)
    assert received.count(b"HTTP/1.1 200 OK\r\n") == count
    assert received.rindex(b"HTTP/1.1 404 ") > received.rindex(b"HTTP/1.1 200 ")


def read_all(sock: socket.socket) -> bytes:
    received = b""
    while piece := sock.recv(65_536):
        received += piece
    return received


def test_a_client_that_only_listens_on_gets_its_page(port: int, pages: Pages) -> None:
    with connections(port, 1, PAGE) as [sock]:
        sock.shutdown(socket.SHUT_WR)
        pages.let_go.set()
        assert read_all(sock).endswith(b"page")
