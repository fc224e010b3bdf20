"""HTTP on a thread of its own: one loop for all connections, pages on a few workers.

Health checks are answered in the loop, as soon as they are read: neither a page that takes long
nor a thousand clients that send a byte at a time hold up the kubelet. waitress, which was here
before, takes one connection a turn, looks at every connection in every turn, and stops accepting
at its limit; here the connection that has been quiet for longest makes room.
"""

from __future__ import annotations

import select
import socket
import threading
import time
from collections import deque
from collections.abc import Callable
from contextlib import suppress
from queue import SimpleQueue

from dnscore.lifecycle import StartError
from sidecar import wsgi
from sidecar.http_connection import Connection, Phase
from sidecar.http_reply import Reply, error_reply
from sidecar.http_request import Request

WORKERS = 2
"""Pages made at once."""
PAGES_MAX = 32
"""Pages wanted at once; who comes then is told 503."""
CONNECTIONS_MAX = 400
"""Together with the descriptors of everything else below 1024, the usual limit of a process."""
_BACKLOG = 1024
_ACCEPTS_MAX = 128
"""Connections taken before the others get their turn."""
_READ = 65_536
_LOOK_S = 0.5
"""Between two looks at who is too slow."""
STOP_WAIT_S = 2.0

Quick = Callable[[Request], Reply | None]
"""Answers at once, without waiting for anything, or says None."""


def listen(address: str, port: int) -> socket.socket:
    """A bound TCP socket. Raises StartError that names the port and its flag."""
    try:
        family, _, _, _, target = socket.getaddrinfo(
            address or "0.0.0.0", port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
        )[0]
        sock = socket.socket(family, socket.SOCK_STREAM)
        try:
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            sock.bind(target)
            sock.listen(_BACKLOG)
        except OSError:
            sock.close()
            raise
    except OSError as error:
        reason = error.strerror or str(error)
        raise StartError(
            f"cannot listen on {address or '0.0.0.0'} port {port}: {reason}; "
            "change --prometheus-port or --prometheus-addr"
        ) from None
    return sock


class _Client:
    __slots__ = ("connection", "events", "fd", "sock")

    def __init__(self, sock: socket.socket, now: float) -> None:
        self.sock = sock
        self.fd = sock.fileno()
        self.events = select.EPOLLIN
        self.connection = Connection(now)


class HttpServer:
    """Serves `sock` until stopped: `quick` in the loop, `pages` by the workers.

    Calls `failed` if it ends by itself.
    """

    def __init__(
        self,
        pages: wsgi.Application,
        sock: socket.socket,
        *,
        failed: Callable[[str], None],
        quick: Quick = lambda request: None,
        connections_max: int = CONNECTIONS_MAX,
    ) -> None:
        self._pages, self._quick, self._failed = pages, quick, failed
        self._sock = sock
        self._name: tuple[str, int] = sock.getsockname()[:2]
        self._connections_max = connections_max
        self._clients: dict[int, _Client] = {}
        """By descriptor, who has been quiet for longest first."""
        self._wanted: SimpleQueue[tuple[_Client, Request] | None] = SimpleQueue()
        self._made: deque[tuple[_Client, Reply]] = deque()
        self._rendering = 0
        self._stopping = threading.Event()
        self._wake_out, self._wake_in = socket.socketpair()
        for one in (sock, self._wake_out, self._wake_in):
            one.setblocking(False)
        self._epoll = select.epoll()
        self._epoll.register(sock.fileno(), select.EPOLLIN)
        self._epoll.register(self._wake_out.fileno(), select.EPOLLIN)
        self._workers = [
            threading.Thread(target=self._work, name=f"page-{n}", daemon=True)
            for n in range(WORKERS)
        ]
        self._thread = threading.Thread(target=self._run, name="http", daemon=True)

    def start(self) -> None:
        """Begin to serve."""
        for thread in (*self._workers, self._thread):
            thread.start()

    def stop(self) -> None:
        """Finish the requests at hand, within a limit; close every connection and the socket."""
        self._stopping.set()
        self._wake()
        self._thread.join(2 * STOP_WAIT_S)
        for _ in self._workers:
            self._wanted.put(None)
        for one in (self._sock, self._wake_out, self._wake_in):
            one.close()

    def _run(self) -> None:
        try:
            self._loop()
        except Exception as error:
            if not self._stopping.is_set():
                self._failed(f"HTTP server failed: {error!r}")
        finally:
            for client in tuple(self._clients.values()):
                self._close(client)
            self._epoll.close()

    def _loop(self) -> None:
        own = (self._sock.fileno(), self._wake_out.fileno())
        look_at, end_at = 0.0, float("inf")
        while not self._is_over(end_at):
            for fd, events in self._epoll.poll(_LOOK_S if self._clients else None):
                if fd == own[0]:
                    self._accept()
                elif fd == own[1]:
                    self._deliver()
                elif (client := self._clients.get(fd)) is not None:
                    self._turn(client, events)
            now = time.monotonic()
            if self._stopping.is_set() and end_at == float("inf"):
                end_at = now + STOP_WAIT_S
                self._epoll.unregister(self._sock.fileno())
                self._sock.close()
            if now >= look_at:
                look_at = now + _LOOK_S
                for client in [c for c in self._clients.values() if c.connection.deadline <= now]:
                    self._close(client)

    def _is_over(self, end_at: float) -> bool:
        if end_at == float("inf"):
            return False
        busy = (Phase.RENDERING, Phase.WRITING)
        waits = any(client.connection.phase in busy for client in self._clients.values())
        return not waits or time.monotonic() >= end_at

    def _accept(self) -> None:
        for _ in range(_ACCEPTS_MAX):
            try:
                sock, _address = self._sock.accept()
            except BlockingIOError:
                return
            except OSError:  # no descriptor is left, or the client has gone meanwhile
                self._make_room()
                return
            sock.setblocking(False)
            if len(self._clients) >= self._connections_max:
                self._make_room()
            client = _Client(sock, time.monotonic())
            self._clients[client.fd] = client
            self._epoll.register(client.fd, client.events)
            self._turn(client, select.EPOLLIN)  # The request has mostly come with it.

    def _make_room(self) -> None:
        """Close the connection that has been quiet for longest, unless it waits for a page."""
        for client in self._clients.values():
            if client.connection.phase is not Phase.RENDERING:
                self._close(client)
                return

    def _turn(self, client: _Client, events: int) -> None:
        """Do what can be done for a client."""
        connection = client.connection
        if events & (select.EPOLLERR | select.EPOLLHUP):
            self._close(client)
            return
        try:
            if events & select.EPOLLIN and connection.phase in (Phase.READING, Phase.DRAINING):
                data = client.sock.recv(_READ)
                if not data:
                    self._close(client)
                    return
                connection.receive(data, time.monotonic())
            self._advance(client)
        except BlockingIOError:
            self._watch(client)
        except OSError:
            self._close(client)

    def _advance(self, client: _Client) -> None:
        """Read requests and send answers until the client has to do something."""
        connection = client.connection
        while True:
            now = time.monotonic()
            request = connection.next_request(now)
            if request is not None:
                self._begin(client, request, now)
            if connection.phase is not Phase.WRITING:
                break
            connection.sent(client.sock.send(connection.out), time.monotonic())
            if connection.drains:
                client.sock.shutdown(socket.SHUT_WR)
        if connection.phase is Phase.OVER:
            self._close(client)
        else:
            self._watch(client)

    def _begin(self, client: _Client, request: Request, now: float) -> None:
        self._clients[client.fd] = self._clients.pop(client.fd)
        reply = self._quick(request)
        if reply is None and self._rendering >= PAGES_MAX:
            reply = error_reply(503)
        if reply is not None:
            client.connection.answer(reply, now)
            return
        self._rendering += 1
        self._wanted.put((client, request))

    def _watch(self, client: _Client) -> None:
        """Be woken for what the client's phase needs, and for nothing else."""
        match client.connection.phase:
            case Phase.READING | Phase.DRAINING:
                events = select.EPOLLIN
            case Phase.WRITING:
                events = select.EPOLLOUT
            case _:
                events = 0
        if events != client.events:
            client.events = events
            self._epoll.modify(client.fd, events)

    def _close(self, client: _Client) -> None:
        if self._clients.pop(client.fd, None) is not None:
            client.connection.phase = Phase.OVER
            with suppress(OSError):
                self._epoll.unregister(client.fd)
            client.sock.close()

    def _work(self) -> None:
        """Make pages, in a thread of its own."""
        while (wanted := self._wanted.get()) is not None:
            client, request = wanted
            self._made.append((client, wsgi.call(self._pages, request, server=self._name)))
            self._wake()

    def _wake(self) -> None:
        with suppress(OSError):  # full: it will wake anyway; closed: it is over
            self._wake_in.send(b"\0")

    def _deliver(self) -> None:
        """Send the pages that the workers have made."""
        with suppress(BlockingIOError):
            self._wake_out.recv(_READ)
        while self._made:
            client, reply = self._made.popleft()
            self._rendering -= 1
            if client.connection.phase is Phase.RENDERING:
                client.connection.answer(reply, time.monotonic())
                self._turn(client, 0)
