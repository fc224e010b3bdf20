"""The HTTP/1.1 rim: sockets, threads and bytes around `api.Api`. It decides nothing.

One thread per connection, kept alive between requests; answers leave in one write with Nagle's
algorithm off, watch events as chunks (RFC 9112 section 7.1) as soon as they happen.
"""

from __future__ import annotations

import contextlib
import socket
import sys
import threading
import time
import uuid
from collections import deque
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

import msgspec

from devcluster import watch
from devcluster.api import Api
from devcluster.backend import Backend
from devcluster.routing import Request, Response, WatchResponse
from devcluster.status import ApiError, bad_request
from dnscore.log import get_logger

MAX_BODY = 3 * 1024 * 1024
"""Bytes of a request body; the real API server's limit."""

DEFAULT_WATCH_TIMEOUT_S = 1800.0
"""For watches that ask for none; the lower end of the real server's random choice."""

_log = get_logger("devcluster.server")


@dataclass(frozen=True, slots=True)
class Seen:
    """One request that was answered; for tests that look at what a client did."""

    method: str
    path: str
    query: dict[str, str]
    headers: dict[str, str]
    code: int


class ApiServer(ThreadingHTTPServer):
    """A listening API server. Construction binds the socket: raises OSError."""

    daemon_threads = True
    request_queue_size = 256
    allow_reuse_address = True

    def __init__(
        self, listen: tuple[str, int], api: Api, backend: Backend, *, bookmark_every_s: float
    ) -> None:
        self.address_family = socket.AF_INET6 if ":" in listen[0] else socket.AF_INET
        super().__init__(listen, _Handler)
        self.api = api
        self.backend = backend
        self.bookmark_every_s = bookmark_every_s
        self.seen: deque[Seen] = deque(maxlen=10_000)
        self._connections: set[socket.socket] = set()
        self._lock = threading.Lock()
        self._thread: threading.Thread | None = None

    @property
    def port(self) -> int:
        """The port that was bound."""
        port: int = self.server_address[1]
        return port

    def start(self) -> None:
        """Accept connections in a thread."""
        self._thread = threading.Thread(
            target=self.serve_forever, args=(0.05,), name="devcluster", daemon=True
        )
        self._thread.start()

    def stop(self) -> None:
        """Close the listening socket and every connection, at once."""
        self.shutdown()
        self.server_close()
        with self._lock:
            connections = list(self._connections)
        for connection in connections:
            _break_off(connection)
        if self._thread is not None:
            self._thread.join()

    def process_request(self, request: Any, client_address: Any) -> None:
        """Remember the connection, then serve it in its own thread."""
        with self._lock:
            self._connections.add(request)
        super().process_request(request, client_address)

    def shutdown_request(self, request: Any) -> None:
        """Forget the connection and close it."""
        with self._lock:
            self._connections.discard(request)
        super().shutdown_request(request)

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that goes away is nothing to report; anything else is a bug of ours."""
        error = sys.exc_info()[1]
        if not isinstance(error, OSError):
            _log.error("connection failed", error=repr(error))


def _break_off(connection: socket.socket) -> None:
    with contextlib.suppress(OSError):  # It may have gone already.
        connection.shutdown(socket.SHUT_RDWR)


class _Handler(BaseHTTPRequestHandler):
    """One connection."""

    protocol_version = "HTTP/1.1"
    server_version = "devcluster"
    disable_nagle_algorithm = True
    wbufsize = -1
    server: ApiServer

    def _serve(self) -> None:
        try:
            request = self._read()
            answer = self.server.api.handle(request, address=self._address())
        except ApiError as error:
            answer = self._refusal(error)
        except (ConnectionError, TimeoutError):
            self.close_connection = True
            return
        except Exception as error:
            # A bug of ours; the client gets what a crashed handler of the real server gives.
            _log.error("request failed", path=self.path, error=repr(error))
            answer = self._refusal(ApiError(500, "InternalError", f"internal error: {error!r}"))
        if isinstance(answer, WatchResponse):
            self._see(200)
            self._stream(answer)
            return
        self._see(answer.code)
        self._send(answer)

    do_GET = do_HEAD = do_POST = do_PUT = do_PATCH = do_DELETE = do_OPTIONS = _serve

    def log_message(self, format: str, *args: Any) -> None:
        """Requests are logged in one place, `_see`."""

    def _see(self, code: int) -> None:
        url = urlsplit(self.path)
        query = dict(parse_qsl(url.query, keep_blank_values=True))
        headers = {name.lower(): value for name, value in self.headers.items()}
        self.server.seen.append(Seen(self.command, url.path, query, headers, code))
        if _log.v(3):
            _log.info("request", method=self.command, path=self.path, code=code)

    def _address(self) -> str:
        host, port = self.connection.getsockname()[:2]
        return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"

    def _read(self) -> Request:
        url = urlsplit(self.path)
        headers = {name.lower(): value for name, value in self.headers.items()}
        return Request(
            method=self.command,
            path=unquote(url.path),
            query=dict(parse_qsl(url.query, keep_blank_values=True)),
            headers=headers,
            body=self._read_body(headers),
        )

    def _read_body(self, headers: dict[str, str]) -> bytes:
        if "transfer-encoding" in headers:
            return self._read_chunks()
        text = headers.get("content-length", "0")
        if not (text.isascii() and text.isdigit()):
            self.close_connection = True
            raise bad_request(f"Content-Length is not a number: {text!r}")
        return self._read_exactly(int(text))

    def _read_chunks(self) -> bytes:
        """RFC 9112 section 7.1; trailers are read and dropped."""
        body = b""
        while True:
            size_line = self.rfile.readline(1000).partition(b";")[0].strip()
            try:
                size = int(size_line, 16)
            except ValueError:
                self.close_connection = True
                raise bad_request("chunked body without a chunk size") from None
            if size == 0:
                while self.rfile.readline(1000).strip():
                    pass
                return body
            body += self._read_exactly(size, already=len(body))
            self.rfile.readline(3)

    def _read_exactly(self, size: int, *, already: int = 0) -> bytes:
        if not 0 <= size <= MAX_BODY - already:
            self.close_connection = True
            raise ApiError(
                413, "RequestEntityTooLarge", f"Request entity too large: limit is {MAX_BODY}"
            )
        body = self.rfile.read(size)
        if len(body) < size:
            raise ConnectionError("the client left within the body")
        return body

    def _refusal(self, error: ApiError) -> Response:
        headers = {} if error.retry_after_s is None else {"Retry-After": str(error.retry_after_s)}
        if error.code == 403:
            headers["X-Content-Type-Options"] = "nosniff"
        return Response(error.code, msgspec.json.encode(error.status()), headers=headers)

    def _begin(self, code: int, content_type: str, headers: Any) -> None:
        self.send_response(code)
        self.send_header("Audit-Id", str(uuid.uuid4()))
        self.send_header("Cache-Control", "no-cache, private")
        self.send_header("Content-Type", content_type)
        for name, value in headers.items():
            self.send_header(name, value)

    def _send(self, answer: Response) -> None:
        body = answer.body
        if answer.may_indent and self._wants_indents():
            body = msgspec.json.format(body, indent=2)
        self._begin(answer.code, answer.content_type, answer.headers)
        self.send_header("Content-Length", str(len(body)))
        if self.close_connection:
            self.send_header("Connection", "close")
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)
        self.wfile.flush()

    def _wants_indents(self) -> bool:
        """The real server indents for a person at curl, too."""
        agent = self.headers.get("User-Agent") or ""
        return agent.startswith(("curl", "Wget")) or "pretty=true" in self.path

    # -- watches ---------------------------------------------------------------------------

    def _stream(self, answer: WatchResponse) -> None:
        left = answer.cut_after_bytes
        try:
            self._begin(200, "application/json", answer.headers)
            self.send_header("Transfer-Encoding", "chunked")
            self.end_headers()
            self.wfile.flush()
            for lines in self._lines(answer):
                if not lines and self._client_has_gone():
                    break
                if left is not None:
                    lines, left = lines[:left], left - len(lines)
                if lines:
                    self._write_chunk(lines)
                if left is not None and left <= 0:
                    raise watch.Cut
            else:
                self._write_end()
                return
            self.close_connection = True
        except (watch.Cut, OSError):
            self.close_connection = True
        finally:
            self.server.backend.hub.close(answer.watcher)

    def _lines(self, answer: WatchResponse) -> Any:
        return watch.stream(
            answer.watcher,
            timeout_s=answer.timeout_s or DEFAULT_WATCH_TIMEOUT_S,
            bookmark_every_s=self.server.bookmark_every_s if answer.bookmarks else None,
            progress=self.server.backend.progress,
            clock=time.monotonic,
        )

    def _write_chunk(self, data: bytes) -> None:
        self.wfile.write(b"%x\r\n%b\r\n" % (len(data), data))
        self.wfile.flush()

    def _write_end(self) -> None:
        self.wfile.write(b"0\r\n\r\n")
        self.wfile.flush()

    def _client_has_gone(self) -> bool:
        try:
            return not self.connection.recv(1, socket.MSG_PEEK | socket.MSG_DONTWAIT)
        except BlockingIOError:
            return False
