"""HTTP on a thread of its own: waitress around the Flask application, with bounds.

waitress reads and writes all connections in one loop, so a slow client holds no worker thread.
"""

from __future__ import annotations

import logging
import socket
import threading
from collections.abc import Callable
from typing import Any

from waitress import create_server, wasyncore

from dnscore.lifecycle import StartError

WORKER_THREADS = 2
"""Requests handled at once. One renders metrics (milliseconds), one is left for health checks."""
CONNECTION_LIMIT = 500
CHANNEL_TIMEOUT_S = 30
"""Silence after which a connection is closed."""
MAX_HEADER_BYTES = 16_384
MAX_BODY_BYTES = 65_536
STOP_WAIT_S = 2.0


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
            sock.listen(128)
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


class HttpServer:
    """Serves `application` on `sock` until stopped; calls `failed` if it ends by itself."""

    def __init__(
        self, application: Any, sock: socket.socket, *, failed: Callable[[str], None]
    ) -> None:
        # "Task queue depth is 1" at every second request is no news to anyone.
        logging.getLogger("waitress.queue").setLevel(logging.ERROR)
        self._failed = failed
        self._stopping = False
        self._channels: dict[int, Any] = {}
        self._server = create_server(
            application,
            self._channels,
            sockets=[sock],
            threads=WORKER_THREADS,
            connection_limit=CONNECTION_LIMIT,
            channel_timeout=CHANNEL_TIMEOUT_S,
            max_request_header_size=MAX_HEADER_BYTES,
            max_request_body_size=MAX_BODY_BYTES,
            asyncore_use_poll=True,
            ident=None,
        )
        self._thread = threading.Thread(target=self._run, name="http", daemon=True)

    def start(self) -> None:
        """Begin to serve."""
        self._thread.start()

    def stop(self) -> None:
        """Finish the requests being handled, then close every connection and the socket."""
        self._stopping = True
        self._server.task_dispatcher.shutdown(timeout=STOP_WAIT_S)
        # Closing from here would pull descriptors from under the loop's poll(): let it do so.
        self._server.trigger.pull_trigger(lambda: wasyncore.close_all(self._channels))
        self._thread.join(STOP_WAIT_S)
        if not self._thread.is_alive():  # what is left when the loop had ended by itself
            wasyncore.close_all(self._channels)

    def _run(self) -> None:
        reason = "its loop ended"
        try:
            self._server.run()
        except Exception as error:
            reason = repr(error)
        if not self._stopping:
            self._failed(f"HTTP server failed: {reason}")
