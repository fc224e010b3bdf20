"""Calls a WSGI application with a request and collects its answer. PEP 3333.

Pages are small and whole; an answer is never streamed.
"""

from __future__ import annotations

import io
import sys
from collections.abc import Callable, Iterable
from typing import Any

from dnscore.log import get_logger
from sidecar.http_reply import Reply, error_reply
from sidecar.http_request import Request

Application = Callable[[dict[str, Any], Callable[..., Any]], Iterable[bytes]]

_OWN_FIELDS = ("content-length", "connection", "cache-control", "x-content-type-options")
"""What every answer has anyway."""


def call(application: Application, request: Request, *, server: tuple[str, int]) -> Reply:
    """The application's answer; 500 and a line in the log when it raises."""
    started: list[Any] = []

    def start_response(status: str, fields: list[tuple[str, str]], *_: object) -> None:
        started[:] = [int(status.split(" ", 1)[0]), fields]

    try:
        parts = application(_environ(request, server), start_response)
        try:
            body = b"".join(parts)
        finally:
            close = getattr(parts, "close", None)
            if close is not None:
                close()
        status, fields = started
    except Exception as error:
        get_logger("sidecar.http").error("page failed", path=request.path, error=repr(error))
        return error_reply(500)
    more = [(name, value) for name, value in fields if name.lower() not in _OWN_FIELDS]
    content_type = next((v for n, v in more if n.lower() == "content-type"), "")
    more = [(name, value) for name, value in more if name.lower() != "content-type"]
    return Reply(status, body, content_type, more)


def _environ(request: Request, server: tuple[str, int]) -> dict[str, Any]:
    environ: dict[str, Any] = {
        # The body of HEAD's answer is left out later, when its length is known.
        "REQUEST_METHOD": "GET" if request.method == "HEAD" else request.method,
        "SCRIPT_NAME": "",
        "PATH_INFO": request.path,
        "QUERY_STRING": request.query,
        "SERVER_NAME": server[0],
        "SERVER_PORT": str(server[1]),
        "SERVER_PROTOCOL": "HTTP/1.1",
        "wsgi.version": (1, 0),
        "wsgi.url_scheme": "http",
        "wsgi.input": io.BytesIO(),
        "wsgi.errors": sys.stderr,
        "wsgi.multithread": True,
        "wsgi.multiprocess": False,
        "wsgi.run_once": False,
    }
    for name, value in request.fields.items():
        # An underscore in a name would pass for a dash in another's.
        if name not in ("content-length", "content-type") and "_" not in name:
            environ["HTTP_" + name.upper().replace("-", "_")] = value
    return environ
