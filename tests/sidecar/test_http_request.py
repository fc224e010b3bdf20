"""The head of a request: what is understood, and what each fault is answered with."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sidecar.http_request import Refused, Request, parse_head


def head(*lines: str) -> bytes:
    return "\r\n".join(lines).encode("latin-1")


@pytest.mark.parametrize(
    ("lines", "method", "path", "query"),
    [
        (["GET / HTTP/1.1", "Host: x"], "GET", "/", ""),
        (["HEAD /a?b=c&d HTTP/1.1", "host:x"], "HEAD", "/a", "b=c&d"),
        (["GET /healthz HTTP/1.0"], "GET", "/healthz", ""),
        (["GET /a%20b%2Fc HTTP/1.0"], "GET", "/a b/c", ""),
        (["GET /%c3%bc HTTP/1.0"], "GET", "/\u00c3\u00bc", ""),
        (["GET /% HTTP/1.0"], "GET", "/%", ""),
        (["GET http://pod:10054/metrics?x HTTP/1.1", "Host: y"], "GET", "/metrics", "x"),
        (["GET http://pod HTTP/1.1", "Host: y"], "GET", "/", ""),
        (["GET /a#b?c HTTP/1.0"], "GET", "/a", ""),
        (["POST /a HTTP/1.1", "Host: x", "Content-Length: 0"], "POST", "/a", ""),
    ],
)
def test_what_is_asked_for(lines: list[str], method: str, path: str, query: str) -> None:
    request = parse_head(head(*lines))
    assert (request.method, request.path, request.query) == (method, path, query)


@pytest.mark.parametrize(
    ("lines", "status"),
    [
        ([""], 400),
        (["junk"], 400),
        (["GET /"], 400),
        (["get / HTTP/1.1", "Host: x"], 400),
        (["GET  / HTTP/1.1", "Host: x"], 400),
        (["GET / HTTP/1.1"], 400),  # no Host
        (["GET * HTTP/1.1", "Host: x"], 400),
        (["GET a HTTP/1.1", "Host: x"], 400),
        (["GET /\u00fc HTTP/1.1", "Host: x"], 400),
        (["GET / HTTP/2.0", "Host: x"], 505),
        (["GET / FTP/1.1", "Host: x"], 400),
        (["GET / HTTP/1.1", "Host: x", "no colon"], 400),
        (["GET / HTTP/1.1", "Host : x"], 400),
        (["GET / HTTP/1.1", "Host: x", " folded"], 400),
        (["GET / HTTP/1.1", "Host: x", "a: b\0"], 400),
        (["GET / HTTP/1.1", "Host: x", "a: b\nc: d"], 400),
        (["POST / HTTP/1.1", "Host: x", "Content-Length: 1"], 413),
        (["POST / HTTP/1.1", "Host: x", "Content-Length: junk"], 413),
        (["POST / HTTP/1.1", "Host: x", "Transfer-Encoding: chunked"], 413),
        (["GET / HTTP/1.1", *["Host: x"] * 101], 431),
    ],
)
def test_what_is_refused(lines: list[str], status: int) -> None:
    with pytest.raises(Refused) as refused:
        parse_head(head(*lines))
    assert refused.value.status == status


@pytest.mark.parametrize(
    ("version", "field", "stays"),
    [
        ("1.1", "", True),
        ("1.1", "keep-alive", True),
        ("1.1", "Close", False),
        ("1.1", "x, close", False),
        ("1.0", "", False),
        ("1.0", "keep-alive", False),  # need not be honoured
    ],
)
def test_whether_the_connection_stays_open(version: str, field: str, stays: bool) -> None:
    request = parse_head(head(f"GET / HTTP/{version}", "Host: x", f"Connection: {field}"))
    assert request.keep_alive is stays


def test_fields_are_found_by_their_names_in_any_case() -> None:
    request = parse_head(head("GET / HTTP/1.1", "HOST: x", "aCCept: a", "Accept:  b  "))
    assert request.fields == {"host": "x", "accept": "a, b"}


@given(st.binary(max_size=200) | st.text("GET /:\r\nHTTP1.a%", max_size=60).map(str.encode))
def test_any_octets_are_a_request_or_refused(octets: bytes) -> None:
    try:
        request = parse_head(octets)
    except Refused as refused:
        assert refused.status in (400, 413, 431, 505)
    else:
        assert isinstance(request, Request)
        assert request.path.startswith("/")
