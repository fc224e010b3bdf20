"""A lean API server for large lists: items are kept as bytes, pages and events are joins of them.

GET of lists with `limit` and `continue`, and watches with bookmarks, for the resources that
kubedns reads. POST on /bench orders faults and changes, GET tells how it stands:

    POST /bench/gone                   end every watch with 410, so that all is listed anew
    POST /bench/updates?rate=R&count=N updates of slices at a steady rate; returns at once
    GET  /bench                        {"updates": ..., "lists": ..., ...}

`python -m bench.scale.api --services=N --endpoints=N --per-slice=N` prints its port. A watch from a
version gets the last HISTORY events after it; from an older one it gets 410.
"""

from __future__ import annotations

import contextlib
import json
import queue
import sys
import threading
import time
from collections import deque
from collections.abc import Sequence
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

from bench.scale.design import Design, Key
from dnscore.flags import FlagSet
from dnscore.lifecycle import run_program

HISTORY = 20_000
"""Events that a watch can still be given."""
_BOOKMARK_S = 10.0
_SLICES = "endpointslices"
_KINDS = {
    "services": ("ServiceList", "v1"),
    "namespaces": ("NamespaceList", "v1"),
    "pods": ("PodList", "v1"),
    _SLICES: ("EndpointSliceList", "discovery.k8s.io/v1"),
}
_PATHS = {f"/api/v1/{name}": name for name in ("services", "namespaces", "pods")}
_PATHS[f"/apis/discovery.k8s.io/v1/{_SLICES}"] = _SLICES
_GONE = {"kind": "Status", "status": "Failure", "reason": "Expired", "code": 410}
_END = b""


class Cluster:
    """The objects and the open watches. Methods may be called from any thread."""

    def __init__(self, design: Design) -> None:
        self.design = design
        self._lock = threading.Lock()
        self.version = 1
        self.updates = 0
        self.lists: list[dict[str, Any]] = []
        """Of each page of a list: resource, when it was asked for and sent (monotonic)."""
        self._joined: dict[tuple[str, int, int], tuple[bytes, bool]] = {}
        self._items: dict[str, dict[Key, bytes]] = {
            "services": dict(sorted(design.service_items())),
            "namespaces": dict(sorted(design.namespace_items())),
            "pods": {},
        }
        self._shells = list(design.slice_shells())
        self._endpoints = [
            [design.endpoint(number, place) for place in range(design.per_slice)]
            for number in range(design.slices)
        ]
        slices = ((shell[0], self._slice(n, 1)) for n, shell in enumerate(self._shells))
        self._items[_SLICES] = dict(sorted(slices))
        self._history: deque[tuple[int, bytes]] = deque(maxlen=HISTORY)
        self._watches: dict[str, set[queue.SimpleQueue[bytes]]] = {name: set() for name in _KINDS}

    def page(self, resource: str, *, limit: int, start: int) -> bytes:
        """Items from number `start` on, all of them with a limit of 0."""
        kind, api_version = _KINDS[resource]
        with self._lock:
            version = self.version
            items, is_last = self._joined.get((resource, limit, start)) or self._join(
                resource, limit=limit, start=start
            )
        meta = {"resourceVersion": str(version)}
        if not is_last:
            meta["continue"] = str(start + limit)
        head = json.dumps({"kind": kind, "apiVersion": api_version, "metadata": meta})
        return head[:-1].encode() + b',"items":[' + items + b"]}\n"

    def _join(self, resource: str, *, limit: int, start: int) -> tuple[bytes, bool]:
        """The items of a page, kept until one changes: the load shares this processor."""
        values = list(self._items[resource].values())
        end = start + limit if limit else len(values)
        page = b",".join(values[start:end]), end >= len(values)
        self._joined[resource, limit, start] = page
        return page

    def watch(self, resource: str, since: int) -> queue.SimpleQueue[bytes]:
        """A queue of lines; an empty one is the end."""
        lines: queue.SimpleQueue[bytes] = queue.SimpleQueue()
        with self._lock:
            if resource == _SLICES:
                missed = [line for version, line in self._history if version > since]
                if self.version > max(since, 1) and len(missed) < self.version - since:
                    lines.put(_event("ERROR", json.dumps(_GONE).encode()))
                    lines.put(_END)
                    return lines
                for line in missed:
                    lines.put(line)
            self._watches[resource].add(lines)
        return lines

    def forget(self, resource: str, lines: queue.SimpleQueue[bytes]) -> None:
        """A watch has ended."""
        with self._lock:
            self._watches[resource].discard(lines)

    def bookmark(self, resource: str) -> bytes:
        """How far a watch without anything to send has come."""
        kind, api_version = _KINDS[resource]
        meta = {"resourceVersion": str(self.version)}
        obj = {"kind": kind[:-4], "apiVersion": api_version, "metadata": meta}
        return _event("BOOKMARK", json.dumps(obj).encode())

    def gone(self) -> None:
        """End every watch with 410: the client has to list again."""
        with self._lock:
            self._history.clear()
            self.version += 1
            for watches in self._watches.values():
                for lines in watches:
                    lines.put(_event("ERROR", json.dumps(_GONE).encode()))
                    lines.put(_END)
                watches.clear()

    def update(self) -> None:
        """One endpoint of one slice gets a new address."""
        with self._lock:
            number, place = self.design.updated_place(self.updates)
            self.updates += 1
            self.version += 1
            self._endpoints[number][place] = self.design.endpoint(
                number, place, updates=self.updates
            )
            item = self._slice(number, self.version)
            self._items[_SLICES][self._shells[number][0]] = item
            self._joined.clear()
            line = _event("MODIFIED", item)
            self._history.append((self.version, line))
            for lines in self._watches[_SLICES]:
                lines.put(line)

    def run_updates(self, *, rate: float, count: int) -> None:
        """Updates at a steady rate; those that are late are made up for."""
        began = time.monotonic()
        for number in range(count):
            wait = began + number / rate - time.monotonic()
            if wait > 0:
                time.sleep(wait)
            self.update()

    def state(self) -> dict[str, Any]:
        """How it stands."""
        with self._lock:
            watches = {name: len(held) for name, held in self._watches.items()}
            return {"updates": self.updates, "lists": self.lists, "watches": watches}

    def _slice(self, number: int, version: int) -> bytes:
        _, before, after = self._shells[number]
        return b"".join((before, b"%d" % version, after, b",".join(self._endpoints[number]), b"]}"))


def _event(kind: str, obj: bytes) -> bytes:
    return b'{"type":"%b","object":%b}\n' % (kind.encode(), obj)


class Server(ThreadingHTTPServer):
    """Serves a cluster. Construction binds the socket."""

    daemon_threads = True

    def __init__(self, cluster: Cluster, *, list_rate_mb_s: int = 0) -> None:
        """`list_rate_mb_s` is how fast a list is sent at most; 0 is as fast as it can be."""
        self.cluster = cluster
        self.list_rate_mb_s = list_rate_mb_s
        super().__init__(("127.0.0.1", 0), _Handler)

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that goes away is nothing to report."""
        if not isinstance(sys.exc_info()[1], OSError):
            super().handle_error(request, client_address)


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    wbufsize = 65536
    server: Server

    def log_message(self, format: str, *args: Any) -> None:
        """Nothing is logged: the output is the port alone."""

    def do_GET(self) -> None:
        url = urlsplit(self.path)
        query = {name: values[-1] for name, values in parse_qs(url.query).items()}
        cluster = self.server.cluster
        if url.path == "/bench":
            self._send(200, json.dumps(cluster.state()).encode())
        elif url.path not in _PATHS:
            self._refuse(404, "NotFound")
        elif "sendInitialEvents" in query:
            self._refuse(422, "Invalid")
        elif query.get("watch") in ("1", "true"):
            self._watch(_PATHS[url.path], query)
        else:
            self._list(_PATHS[url.path], query)

    def do_POST(self) -> None:
        url = urlsplit(self.path)
        query = {name: values[-1] for name, values in parse_qs(url.query).items()}
        cluster = self.server.cluster
        if url.path == "/bench/gone":
            cluster.gone()
        elif url.path == "/bench/updates":
            rate, count = float(query["rate"]), int(query["count"])
            words = {"rate": rate, "count": count}
            threading.Thread(target=cluster.run_updates, kwargs=words, daemon=True).start()
        else:
            self._refuse(404, "NotFound")
            return
        self._send(200, b"{}")

    def _list(self, resource: str, query: dict[str, str]) -> None:
        asked = time.monotonic()
        limit, start = int(query.get("limit", 0)), int(query.get("continue", 0))
        body = self.server.cluster.page(resource, limit=limit, start=start)
        if self.server.list_rate_mb_s:
            time.sleep(len(body) / 1e6 / self.server.list_rate_mb_s)
        self._send(200, body)
        page = {"resource": resource, "start": start, "asked": asked, "sent": time.monotonic()}
        self.server.cluster.lists.append(page)

    def _refuse(self, code: int, reason: str) -> None:
        status = {"kind": "Status", "status": "Failure", "reason": reason, "code": code}
        self._send(code, json.dumps(status).encode())

    def _send(self, code: int, body: bytes) -> None:
        self.send_response(code)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def _watch(self, resource: str, query: dict[str, str]) -> None:
        cluster = self.server.cluster
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Transfer-Encoding", "chunked")
        self.end_headers()
        self.wfile.flush()
        lines = cluster.watch(resource, int(query.get("resourceVersion") or 0))
        deadline = time.monotonic() + float(query.get("timeoutSeconds", 1800))
        try:
            self._stream(resource, lines, deadline)
        finally:
            cluster.forget(resource, lines)

    def _stream(self, resource: str, lines: queue.SimpleQueue[bytes], deadline: float) -> None:
        while time.monotonic() < deadline:
            try:
                line = lines.get(timeout=_BOOKMARK_S)
            except queue.Empty:
                line = self.server.cluster.bookmark(resource)
            if line == _END:
                break
            self.wfile.write(b"%x\r\n%b\r\n" % (len(line), line))
            self.wfile.flush()
        self.wfile.write(b"0\r\n\r\n")
        self.wfile.flush()


def run(argv: Sequence[str]) -> int:
    """Serve until a signal ends it. Raises UsageError."""
    flags = FlagSet("bench.scale.api")
    flags.integer("services", 10_000, help="services", minimum=1)
    flags.integer("endpoints", 150_000, help="endpoints", minimum=1)
    flags.integer("per-slice", 100, help="endpoints of a slice", minimum=1)
    flags.integer("list-rate", 0, help="MB/s of lists at most; 0: no limit", minimum=0)
    given = flags.parse(argv)
    design = Design(given["services"], given["endpoints"], given["per-slice"])
    server = Server(Cluster(design), list_rate_mb_s=given["list-rate"])
    print(server.server_address[1], flush=True)
    with contextlib.suppress(KeyboardInterrupt):
        server.serve_forever(60)
    return 0


if __name__ == "__main__":
    sys.exit(run_program("bench.scale.api", run, sys.argv[1:]))
