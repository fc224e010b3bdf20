"""A scripted API server: the test says, request by request, which bytes to answer and when.

For what a good server never does: cuts, silence, garbage, statuses, half an event. It knows
HTTP/1.1 framing and nothing of Kubernetes; `devcluster` is the fake that behaves.

    with ScriptedServer() as server:
        server.on_list("services", json_answer(body))
        server.on_watch("services", stream(line, CUT))
        ... server.url, server.requests, server.wait_for(2) ...

Answers of one resource are used in order, lists and watches apart. A request without an answer
left gets 500, is noted in `unexpected`, and fails the test at the end of the `with` block.
"""

from __future__ import annotations

import io
import json
import socket
import struct
import threading
from collections import defaultdict, deque
from collections.abc import Mapping
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Any
from urllib.parse import parse_qs, urlsplit

from tests.waiting import eventually


class _Cut:
    """Step: reset the connection, without an end of the body."""


class _Silence:
    """Step: say nothing more, keep the connection open, until the server is stopped."""


CUT = _Cut()
SILENCE = _Silence()


@dataclass(frozen=True, slots=True)
class Pause:
    """Step: send the next bytes so much later."""

    seconds: float


@dataclass(frozen=True, slots=True)
class Until:
    """Step: go on when the test sets the event."""

    event: threading.Event


Step = bytes | _Cut | _Silence | Pause | Until


@dataclass(frozen=True, slots=True)
class Answer:
    """One response."""

    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)
    steps: tuple[Step, ...] = ()
    chunked: bool = True
    """One HTTP chunk per bytes step; otherwise the body ends with the connection."""
    before_headers: tuple[Step, ...] = ()
    """Steps (no bytes) before the status line: a server that is slow to accept, or never does."""


@dataclass(frozen=True, slots=True)
class Request:
    """What the client sent."""

    path: str
    query: Mapping[str, str]
    headers: Mapping[str, str]
    """Names in lower case."""

    @property
    def is_watch(self) -> bool:
        return self.query.get("watch", "").lower() in ("true", "1")


def json_answer(
    body: Any, *, status: int = 200, headers: Mapping[str, str] | None = None
) -> Answer:
    """A complete body: bytes as they are, anything else as JSON."""
    data = body if isinstance(body, bytes) else json.dumps(body).encode()
    return Answer(status, headers or {}, (data,))


def status_answer(
    code: int, reason: str, *, message: str = "", retry_after: int | None = None
) -> Answer:
    """A Status object with that code."""
    body: dict[str, Any] = {
        "kind": "Status",
        "apiVersion": "v1",
        "metadata": {},
        "status": "Failure",
        "message": message or reason,
        "reason": reason,
        "code": code,
    }
    headers = {} if retry_after is None else {"Retry-After": str(retry_after)}
    return json_answer(body, status=code, headers=headers)


def stream(*steps: Step, chunked: bool = True) -> Answer:
    """A body in steps, as a watch is; ends regularly after the last one."""
    return Answer(steps=steps, chunked=chunked)


class ScriptedServer:
    """Listens on a free loopback port while in its `with` block."""

    def __init__(self) -> None:
        self.requests: list[Request] = []
        self.unexpected: list[Request] = []
        self._script: dict[tuple[str, bool], deque[Answer]] = defaultdict(deque)
        self._lock = threading.Lock()
        self._stopping = threading.Event()
        self._http = _Server(("127.0.0.1", 0), _Handler)
        self._http.script = self
        self._thread = threading.Thread(target=self._http.serve_forever, args=(0.02,), daemon=True)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._http.server_address[1]}"

    def on_list(self, resource: str, *answers: Answer) -> None:
        """Add answers to list requests; `resource` is the last word of the path."""
        with self._lock:
            self._script[resource, False].extend(answers)

    def on_watch(self, resource: str, *answers: Answer) -> None:
        """Add answers to watch requests."""
        with self._lock:
            self._script[resource, True].extend(answers)

    def wait_for(self, count: int, timeout_s: float = 10.0) -> list[Request]:
        """The requests, once there are `count` of them."""
        eventually(
            lambda: len(self.requests) >= count,
            timeout_s,
            lambda: f"{count} requests, only {self.requests}",
        )
        return list(self.requests)

    def __enter__(self) -> ScriptedServer:
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._stopping.set()
        self._http.shutdown()
        self._http.server_close()
        self._thread.join()
        if kind is None and self.unexpected:
            raise AssertionError(f"requests without an answer: {self.unexpected}")

    def answer_to(self, request: Request) -> Answer:
        """Note the request and take its answer."""
        with self._lock:
            self.requests.append(request)
            answers = self._script[request.path.rpartition("/")[2], request.is_watch]
            if answers:
                return answers.popleft()
            self.unexpected.append(request)
        return status_answer(500, "Unscripted", message="the test has no answer for this request")

    def perform(self, step: Step, connection: socket.socket) -> bool:
        """Do a step that sends nothing; False when the connection is to be given up."""
        if isinstance(step, Pause):
            return not self._stopping.wait(step.seconds)
        if isinstance(step, Until):
            eventually(lambda: step.event.is_set() or self._stopping.is_set(), 60.0)
            return not self._stopping.is_set()
        if isinstance(step, _Silence):
            self._stopping.wait()
        if isinstance(step, _Cut):
            # Linger 0: closing sends RST, the client sees a reset and not an end.
            linger = struct.pack("ii", 1, 0)
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
        return False


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False
    script: ScriptedServer


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    server: _Server

    def do_GET(self) -> None:
        parts = urlsplit(self.path)
        query = {name: values[-1] for name, values in parse_qs(parts.query).items()}
        headers = {name.lower(): value for name, value in self.headers.items()}
        request = Request(parts.path, query, headers)
        try:
            if not self._perform(self.server.script.answer_to(request)):
                self._drop()
        except OSError:
            self.close_connection = True  # the client went away first, which a test may want

    def log_message(self, format: str, *args: object) -> None:
        """Quiet: the test reads `requests`."""

    def _perform(self, answer: Answer) -> bool:
        script = self.server.script
        if not all(script.perform(step, self.connection) for step in answer.before_headers):
            return False
        self.send_response(answer.status)
        for name, value in {"Content-Type": "application/json", **answer.headers}.items():
            self.send_header(name, value)
        self.send_header(*(("Transfer-Encoding", "chunked") if answer.chunked else _CLOSE))
        self.end_headers()
        for step in answer.steps:
            if isinstance(step, bytes):
                self._send(step, chunked=answer.chunked)
            elif not script.perform(step, self.connection):
                return False
        if answer.chunked:
            self.wfile.write(b"0\r\n\r\n")
        self.close_connection = not answer.chunked
        return True

    def _send(self, data: bytes, *, chunked: bool) -> None:
        if data and chunked:
            data = b"%x\r\n%b\r\n" % (len(data), data)
        self.wfile.write(data)

    def _drop(self) -> None:
        self.close_connection = True
        self.rfile.close()
        self.connection.close()
        self.wfile = io.BytesIO()  # what the base class still writes to


_CLOSE = ("Connection", "close")
