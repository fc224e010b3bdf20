"""A page is fetched whole, in time and of bounded size, or not at all."""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress

import pytest

from sidecar.page_fetch import PAGE_MAX, FetchError, fetch
from sidecar.page_url import PageUrl, parse_url
from tests.ports import free_port

OK = b"HTTP/1.0 200 OK\r\n"


@contextmanager
def server(answer: Callable[[socket.socket], object], host: str = "127.0.0.1") -> Iterator[PageUrl]:
    """Takes one connection, reads a request and lets `answer` do the rest."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.create_server((host, 0), family=family) as listening:

        def serve() -> None:
            caller, _address = listening.accept()
            with caller, suppress(OSError):
                seen.append(caller.recv(65_536))
                answer(caller)

        seen: list[bytes] = []
        thread = threading.Thread(target=serve, daemon=True)
        thread.start()
        at = f"[{host}]" if ":" in host else host
        yield parse_url(f"http://{at}:{listening.getsockname()[1]}/a?b=c")
        thread.join(30)
        assert seen[0].startswith(b"GET /a?b=c HTTP/1.0\r\n")


def saying(*pieces: bytes) -> Callable[[socket.socket], object]:
    def answer(caller: socket.socket) -> None:
        for piece in pieces:
            caller.sendall(piece)

    return answer


@pytest.mark.parametrize(
    "pieces",
    [
        (OK + b"\r\npage",),
        (OK, b"\r\n", b"pa", b"ge"),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\npage",),
        (OK + b"Content-Length: 4\r\n\r\npage and more",),
    ],
)
def test_a_page(pieces: tuple[bytes, ...]) -> None:
    with server(saying(*pieces)) as url:
        assert fetch(url) == "page"


def test_octets_that_are_no_text_are_replaced() -> None:
    with server(saying(OK + b"\r\na\xffb")) as url:
        assert fetch(url) == "a\N{REPLACEMENT CHARACTER}b"


def test_ipv6() -> None:
    with server(saying(OK + b"\r\npage"), host="::1") as url:
        assert fetch(url) == "page"


@pytest.mark.parametrize(
    ("said", "reason"),
    [
        (b"HTTP/1.0 404 Not Found\r\n\r\n", "status 404"),
        (b"HTTP/1.0 302 Found\r\nLocation: http://127.0.0.1:1/\r\n\r\n", "status 302"),
        (b"", "closed connection without response"),
        (b"\xff\xff\xff\n", ""),
        (b"HTTP/1.0 200 OK\r\n" + b"a: b\r\n" * 1000 + b"\r\npage", "got more than"),
        (OK + b"Content-Length: 99\r\n\r\npage", "IncompleteRead"),
        (OK + b"\r\n" + b"x" * (PAGE_MAX + 1), f"more than {PAGE_MAX} octets"),
    ],
)
def test_what_is_no_page_is_told(said: bytes, reason: str) -> None:
    with server(saying(said)) as url:
        with pytest.raises(FetchError) as failed:
            fetch(url, timeout_s=20)
        assert str(failed.value).startswith(f"{url}: ")
        assert reason in str(failed.value)


def test_nobody_there() -> None:
    with pytest.raises(FetchError, match="Connection refused"):
        fetch(parse_url(f"http://127.0.0.1:{free_port()}/"))


@pytest.mark.parametrize("octet", [b"", b"x"], ids=["silence", "an octet now and then"])
def test_the_time_is_that_of_the_whole(octet: bytes) -> None:
    over = threading.Event()

    def drip(caller: socket.socket) -> None:
        while not over.wait(0.02):
            caller.sendall(octet)

    with server(drip) as url:
        with pytest.raises(FetchError, match="timed out"):
            fetch(url, timeout_s=0.3)
        over.set()
