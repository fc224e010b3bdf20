"""A small HTTP server for status pages, beside a daemon's own work.

One thread accepts, each request has a thread, a few at most; a client that is slow to ask or to
read is cut off, and when all places are taken the oldest goes. GET and HEAD only; one request
per connection (HTTP/1.0), which is all that probes and scrapes need.
"""

from __future__ import annotations

import json
import socket
import socketserver
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from http.server import BaseHTTPRequestHandler
from typing import Any, NamedTuple

from dnscore.lifecycle import StartError
from dnscore.log import get_logger

ASK_S = 5.0
"""In which a client must have sent its whole request."""
ANSWER_S = 60.0
"""In which a client must have read its answer."""
CONNECTIONS_MAX = 16
_POLL_S = 0.25
_BACKLOG = 64
TEXT = "text/plain; charset=utf-8"
JSON = "application/json"

_log = get_logger("httpd")


class Reply(NamedTuple):
    """What a route answers."""

    status: int
    content_type: str
    body: bytes | Iterator[bytes]
    """Pieces of a long one are sent as they are made."""


Route = Callable[[str], Reply]
"""Called with the query string, in a thread of the server's."""


def text_reply(status: int, text: str) -> Reply:
    """A plain text answer."""
    return Reply(status, TEXT, text.encode())


def json_reply(document: object, *, indent: int | None = None) -> Reply:
    """A JSON answer (RFC 8259), a line of its own at the end."""
    return Reply(200, JSON, json.dumps(document, indent=indent).encode() + b"\n")


class HttpServer:
    """Routes by exact path, served from `start` to `close`; other paths are 404."""

    def __init__(
        self,
        sock: socket.socket,
        routes: Mapping[str, Route],
        *,
        ask_s: float = ASK_S,
        connections_max: int = CONNECTIONS_MAX,
    ) -> None:
        """`sock` listens; it is closed by `close`."""
        self.port: int = sock.getsockname()[1]
        self._server = _Server(sock, routes, ask_s=ask_s, connections_max=connections_max)
        self._thread = threading.Thread(
            target=self._server.serve_forever,
            kwargs={"poll_interval": min(_POLL_S, ask_s / 4)},
            name=f"http-{self.port}",
            daemon=True,
        )

    def start(self) -> None:
        """Begin to accept; returns at once."""
        self._thread.start()

    def close(self) -> None:
        """Stop accepting and end what is under way."""
        if self._thread.is_alive():
            # Wakes the thread, which otherwise looks up once in a poll interval only.
            with suppress(OSError):
                self._server.socket.shutdown(socket.SHUT_RDWR)
            self._server.shutdown()
        self._server.server_close()
        self._server.end_older_than(float("inf"))


def bind_http(port: int, *, host: str = "", flag: str) -> socket.socket:
    """A listening socket, on all addresses of both families unless `host` is given.

    Raises StartError naming the port and the flag.
    """
    try:
        if host:
            family = socket.AF_INET6 if ":" in host else socket.AF_INET
            return socket.create_server((host, port), family=family, backlog=_BACKLOG)
        if socket.has_dualstack_ipv6():
            with suppress(OSError):
                return socket.create_server(
                    ("::", port), family=socket.AF_INET6, dualstack_ipv6=True, backlog=_BACKLOG
                )
        return socket.create_server(("0.0.0.0", port), backlog=_BACKLOG)
    except OSError as error:
        # create_server adds the address to the text; the caller's port and flag say it better.
        reason = (error.strerror or str(error)).partition(" (while")[0]
        raise StartError(
            f"cannot listen on HTTP port {port}: {reason}; choose another with {flag}"
        ) from None


class _Server(socketserver.ThreadingMixIn, socketserver.TCPServer):
    daemon_threads = True
    block_on_close = False

    def __init__(
        self,
        sock: socket.socket,
        routes: Mapping[str, Route],
        *,
        ask_s: float,
        connections_max: int,
    ) -> None:
        socketserver.BaseServer.__init__(self, sock.getsockname(), _RequestHandler)
        self.socket = sock
        self.routes = routes
        self._ask_s = ask_s
        self._connections_max = connections_max
        self._lock = threading.Lock()
        self._open: dict[socket.socket, float] = {}
        """When each connection will be cut, the oldest connection first."""

    def process_request(self, request: Any, client_address: Any) -> None:
        """Give a new connection a thread, and a place."""
        with self._lock:
            if len(self._open) >= self._connections_max:
                _cut(next(iter(self._open)))
                del self._open[next(iter(self._open))]
            self._open[request] = time.monotonic() + self._ask_s
        super().process_request(request, client_address)

    def shutdown_request(self, request: Any) -> None:
        """A connection is over."""
        with self._lock:
            self._open.pop(request, None)
        super().shutdown_request(request)

    def request_read(self, request: socket.socket) -> None:
        """The request has come in time; the answer has its own."""
        with self._lock:
            if request in self._open:
                self._open[request] = time.monotonic() + ANSWER_S

    def service_actions(self) -> None:
        """Between requests: cut off who is too slow."""
        self.end_older_than(time.monotonic())

    def end_older_than(self, now: float) -> None:
        """Cut the connections whose time ended before `now`; their threads then end."""
        with self._lock:
            for request in [r for r, until in self._open.items() if until <= now]:
                del self._open[request]
                _cut(request)

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that went away, or was cut off: nothing to tell."""


def _cut(request: socket.socket) -> None:
    with suppress(OSError):
        request.shutdown(socket.SHUT_RDWR)


class _RequestHandler(BaseHTTPRequestHandler):
    server: _Server
    server_version = "kube-dns"
    sys_version = ""
    error_message_format = "%(code)d %(message)s\n"
    error_content_type = TEXT
    timeout = ANSWER_S

    def do_GET(self) -> None:
        """Answer with the route's reply."""
        self.server.request_read(self.connection)
        path, _, query = self.path.partition("?")
        route = self.server.routes.get(path)
        try:
            reply = route(query) if route else text_reply(404, "404 page not found\n")
        except Exception as error:
            _log.error("status page failed", path=path, error=repr(error))
            reply = text_reply(500, f"{type(error).__name__}: {error}\n")
        self.send_response(reply.status)
        self.send_header("Content-Type", reply.content_type)
        if isinstance(reply.body, bytes):
            self.send_header("Content-Length", str(len(reply.body)))
        self.send_header("X-Content-Type-Options", "nosniff")
        self.end_headers()
        if self.command != "HEAD":
            for piece in (reply.body,) if isinstance(reply.body, bytes) else reply.body:
                self.wfile.write(piece)

    do_HEAD = do_GET

    def log_message(self, format: str, *args: object) -> None:
        """No line per request: probes come every few seconds."""
