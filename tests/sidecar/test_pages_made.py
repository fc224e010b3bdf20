"""From a request to a page of the application and back: PEP 3333, bounded to what pages need."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import Any

import pytest
from flask import Flask, request

from sidecar.http_request import Request
from sidecar.wsgi import call

SERVER = ("127.0.0.1", 10054)


def asked(method: str = "GET", path: str = "/p", query: str = "", **fields: str) -> Request:
    named = {name.replace("_", "-"): value for name, value in fields.items()}
    return Request(method, path, query, named, keep_alive=True)


@pytest.fixture
def application() -> Flask:
    app = Flask("test", static_folder=None)

    @app.get("/p")
    def page() -> tuple[str, int, dict[str, str]]:
        told = [request.method, request.query_string.decode(), request.headers.get("Accept", "-")]
        return " ".join(told), 203, {"X-More": "1", "Connection": "close"}

    @app.get("/broken")
    def broken() -> str:
        raise LookupError

    return app


def test_the_page_gets_what_was_asked(application: Flask) -> None:
    reply = call(application, asked(query="a=%20b", accept="text/x"), server=SERVER)
    assert (reply.status, reply.body) == (203, b"GET a=%20b text/x")
    assert reply.content_type == "text/html; charset=utf-8"


def test_fields_that_every_answer_has_are_not_given_twice(application: Flask) -> None:
    names = [name.lower() for name, _ in call(application, asked(), server=SERVER).more]
    assert names == ["x-more"]


def test_head_makes_the_page_of_get(application: Flask) -> None:
    assert call(application, asked("HEAD"), server=SERVER).body == b"GET  -"


def test_an_underscore_does_not_pass_for_a_dash(application: Flask) -> None:
    one = Request("GET", "/p", "", {"accept_": "x", "acc_ept": "y"}, keep_alive=True)
    assert call(application, one, server=SERVER).body == b"GET  -"


def test_a_page_that_breaks_is_500(application: Flask) -> None:
    assert call(application, asked(path="/broken"), server=SERVER).status == 500


class Body:
    """An iterable that must be closed."""

    def __init__(self, pieces: Iterable[bytes]) -> None:
        self.pieces = pieces
        self.is_closed = False

    def __iter__(self) -> Iterator[bytes]:
        for piece in self.pieces:
            yield piece or b"".join([None])  # type: ignore[list-item]

    def close(self) -> None:
        self.is_closed = True


@pytest.mark.parametrize(("pieces", "status"), [([b"a", b"b"], 200), ([b"a", b""], 500)])
def test_what_was_opened_is_closed_whether_it_breaks_or_not(
    pieces: list[bytes], status: int
) -> None:
    body = Body(pieces)

    def bare(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        start_response("200 OK", [])
        return body

    assert call(bare, asked(), server=SERVER).status == status
    assert body.is_closed


def test_an_application_that_never_begins_its_answer_is_500() -> None:
    assert call(lambda environ, start_response: [b"x"], asked(), server=SERVER).status == 500
