"""Requests to the API server through the official client: the only module that imports it.

Taken from it: where the server is, TLS, credentials and their refresh, and its connection pool.
Its generated methods are not used: on line 37 they import models and build validators for 20 MiB
and hold the GIL for 40 ms in doing so. Nor are its watch, its informer and its retries; none of
its exceptions leaves this module.
Works on the release lines 35, 36 (from 36.0.2) and 37.
"""

from __future__ import annotations

import platform
import select
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from types import TracebackType
from typing import Any
from urllib.parse import quote

import urllib3
from kubernetes import client as api
from kubernetes import config as api_config

from dnscore import VERSION
from kubedns.k8s import model
from kubedns.k8s.chunked import Dechunker
from kubedns.k8s.errors import (
    ApiError,
    Malformed,
    NotConfigured,
    Refused,
    Unreachable,
    error_of_status,
)
from kubedns.k8s.kind import EVERYTHING, Scope
from kubedns.k8s.options import ClientOptions
from kubedns.rows import ENDPOINT_SLICES

_GROUPS = {ENDPOINT_SLICES: "/apis/discovery.k8s.io/v1"}
_CORE = "/api/v1"
_CHUNK_BYTES = 96 * 1024
"""What is read at once: as much as is decoded in one go."""
_MAX_STATUS_BYTES = 1024 * 1024
_MAX_PAGE_BYTES = 128 * 1024 * 1024
"""A page is asked for by number of objects; a body beyond this is not one."""


class Response:
    """A body that is being received. Close it, from the reading thread or from another one."""

    def __init__(self, raw: urllib3.BaseHTTPResponse) -> None:
        self._raw = raw
        self._ended = False
        self._chunks = _Chunks(raw) if _is_chunked(raw) else None

    def read(self) -> bytes:
        """The next bytes, as soon as there are some; b"" at the regular end of the body.

        Raises Unreachable when the connection is cut, goes silent, or was closed by us.
        """
        with _mapped_errors():
            if self._chunks is not None:
                chunk = self._chunks.read()
            else:
                chunk = self._raw.read1(_CHUNK_BYTES, decode_content=False)
        if not chunk:
            self._ended = True
        return chunk

    def has_more(self) -> bool:
        """Whether the connection has bytes that `read` would return without waiting for them."""
        poll = select.poll()
        try:
            poll.register(self._raw, select.POLLIN)
        except Exception:  # It has been closed, which `read` will find as well.
            return True
        return bool(poll.poll(0))

    def read_all(self, *, limit: int = _MAX_PAGE_BYTES) -> bytes:
        """The whole body. Raises Unreachable, or Malformed beyond `limit` bytes."""
        chunks: list[bytes] = []
        size = 0
        while chunk := self.read():
            chunks.append(chunk)
            size += len(chunk)
            if size > limit:
                raise Malformed(f"a body of more than {limit} bytes")
        return b"".join(chunks)

    def wake(self) -> None:
        """From another thread: make a blocked `read` return or raise at once."""
        with suppress(Exception):  # it may be closed in this very moment
            self._raw.shutdown()

    def close(self) -> None:
        """From the reading thread: give the connection back, or drop it if bytes are due."""
        with suppress(Exception):
            if self._ended and (self._chunks is None or self._chunks.is_clean):
                self._raw.release_conn()
            else:
                self._raw.close()

    def __enter__(self) -> Response:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()


def _is_chunked(raw: urllib3.BaseHTTPResponse) -> bool:
    return isinstance(raw, urllib3.HTTPResponse) and raw.chunked and raw.supports_chunked_reads()


class _Chunks:
    """A chunked body, read below http.client as urllib3's own `read_chunked` does it."""

    def __init__(self, raw: urllib3.BaseHTTPResponse) -> None:
        self._response: Any = raw._fp  # type: ignore[attr-defined]  # there is no public name
        self._dechunker = Dechunker()

    def read(self) -> bytes:
        """See `Response.read`."""
        dechunker, response = self._dechunker, self._response
        while not dechunker.ended:
            stream = response.fp
            data = stream.read1(_CHUNK_BYTES) if stream is not None else b""
            if not data:
                raise Unreachable("the connection was cut")
            if body := dechunker.feed(data):
                return body
        response.close()  # this one only: the connection can be used again
        return b""

    @property
    def is_clean(self) -> bool:
        """Whether the connection has nothing left of this body."""
        return self._dechunker.ended and not self._dechunker.has_rest


class ApiServer:
    """The API server; may be used by several threads."""

    def __init__(self, options: ClientOptions) -> None:
        """Reads the configuration, makes no request. Raises NotConfigured."""
        self._options = options
        self._lock = threading.Lock()
        self._session = _open_session(options)

    @property
    def url(self) -> str:
        """Where requests go, for logs."""
        return str(self._session.configuration.host)

    def list_page(
        self,
        resource: str,
        *,
        limit: int,
        continue_: str = "",
        resource_version: str = "",
        scope: Scope = EVERYTHING,
        silence_s: float | None = None,
    ) -> Response:
        """One page of the objects of a resource. Raises ApiError.

        `silence_s` is the silence that ends it, for who is in a hurry.
        """
        query = {"limit": str(limit)}
        if continue_:
            query["continue"] = continue_
        if resource_version:
            query["resourceVersion"] = resource_version
        return self._get(resource, scope, query, silence_s or self._options.list_timeout_s)

    def watch(
        self,
        resource: str,
        *,
        resource_version: str,
        timeout_s: int,
        bookmarks: bool = True,
        send_initial_events: bool = False,
        scope: Scope = EVERYTHING,
    ) -> Response:
        """The changes after a version, one JSON event per line. Raises ApiError.

        With `send_initial_events` silence ends it as early as it ends a list.
        """
        query = {"watch": "true", "timeoutSeconds": str(timeout_s)}
        if bookmarks:
            query["allowWatchBookmarks"] = "true"
        if resource_version:
            query["resourceVersion"] = resource_version
        if send_initial_events:
            query["sendInitialEvents"] = "true"
            query["resourceVersionMatch"] = "NotOlderThan"
            return self._get(resource, scope, query, self._options.list_timeout_s)
        return self._get(resource, scope, query, self._options.silence_s)

    def close(self) -> None:
        """Close idle connections; those in use close with their Response."""
        with suppress(Exception):
            self._session.rest_client.pool_manager.clear()

    def _get(
        self, resource: str, scope: Scope, query: dict[str, str], read_timeout_s: float
    ) -> Response:
        session = self._session
        path = _path(resource, scope.namespace)
        if scope.field_selector:
            query["fieldSelector"] = scope.field_selector
        if scope.label_selector:
            query["labelSelector"] = scope.label_selector
        try:
            return self._call(session, path, query, read_timeout_s)
        except Refused as error:
            if error.status != 401:
                raise
        # The token may have been rotated since it was read (the library looks at the file once
        # a minute), so read everything again and ask once more.
        return self._call(self._reopened(session), path, query, read_timeout_s)

    def _call(
        self, session: Any, path: str, query: dict[str, str], read_timeout_s: float
    ) -> Response:
        settings = session.configuration
        timeout = urllib3.Timeout(connect=self._options.connect_timeout_s, read=read_timeout_s)
        try:
            with _mapped_errors():
                raw = session.rest_client.pool_manager.request(
                    "GET",
                    settings.host + path,
                    fields=query,
                    headers=_headers(settings),
                    timeout=timeout,
                    redirect=False,
                    preload_content=False,
                )
                if raw.status != 200:
                    raise _error_of_answer(raw)
            return Response(raw)
        except _TlsFailed as error:
            # The CA may have been rotated: it is read when a connection pool is made.
            with suppress(NotConfigured):
                self._reopened(session)
            raise Unreachable(str(error)) from error

    def _reopened(self, stale: Any) -> Any:
        """A session newer than `stale`: made here, or meanwhile by another thread."""
        with self._lock:
            if self._session is stale:
                self._session = _open_session(self._options)
                with suppress(Exception):
                    stale.rest_client.pool_manager.clear()
            return self._session


class _TlsFailed(Unreachable):
    """The certificates do not fit."""


def _path(resource: str, namespace: str) -> str:
    within = f"/namespaces/{quote(namespace, safe='')}" if namespace else ""
    return f"{_GROUPS.get(resource, _CORE)}{within}/{resource}"


def user_agent() -> str:
    """`kube-dns/<version> (linux/amd64)`, as Go programs name system and machine."""
    machine = platform.machine()
    arch = {"x86_64": "amd64", "aarch64": "arm64"}.get(machine, machine)
    return f"kube-dns/{VERSION} ({platform.system().lower()}/{arch})"


def _open_session(options: ClientOptions) -> Any:
    try:
        settings = api.Configuration()
        if not options.use_proxy:
            settings.proxy = None
            settings.no_proxy = None
        if options.kubeconfig:
            api_config.load_kube_config(
                config_file=options.kubeconfig, client_configuration=settings
            )
        elif not options.master_url:
            api_config.load_incluster_config(client_configuration=settings)
        if options.master_url:
            settings.host = options.master_url.rstrip("/")
            # The library's refresh of the credentials would put the kubeconfig's server back;
            # a 401 has us read everything again.
            settings.refresh_api_key_hook = None
        settings.retries = False  # the reflector owns when to ask again
        session = api.ApiClient(settings)
    except Exception as error:  # the loaders raise whatever the file makes them stumble over
        source = options.kubeconfig or options.master_url or "in-cluster configuration"
        raise NotConfigured(f"{source}: {_text_of(error)}") from error
    return session


@contextmanager
def _mapped_errors() -> Iterator[None]:
    """Turn whatever the library raises into an error of ours."""
    try:
        yield
    except ApiError:
        raise
    except urllib3.exceptions.SSLError as error:
        raise _TlsFailed(_text_of(error)) from error
    except Exception as error:
        # HTTPError, OSError, http.client's and ssl's own, a token file that cannot be read: in
        # each case there is no answer, and the same request may work later.
        raise Unreachable(_text_of(error)) from error


def _headers(settings: Any) -> dict[str, str]:
    """Reading `auth_settings` refreshes the token when it is due."""
    headers = {"Accept": "application/json", "User-Agent": user_agent()}
    for credential in settings.auth_settings().values():
        headers[credential["key"]] = credential["value"]
    return headers


def _error_of_answer(raw: urllib3.BaseHTTPResponse) -> ApiError:
    response = Response(raw)
    with response:
        said = model.decode_status(response.read_all(limit=_MAX_STATUS_BYTES))
    after = _seconds(raw.headers.get("Retry-After"))
    if after is None and said.details is not None:
        after = said.details.retry_after_seconds
    text = said.message or said.reason or str(raw.reason or "")
    return error_of_status(raw.status, text, retry_after_s=after)


def _seconds(text: str | None) -> float | None:
    # RFC 9110 10.2.3 also allows a date; the API server sends seconds only.
    return float(text) if text and text.isascii() and text.isdigit() else None


def _text_of(error: BaseException) -> str:
    return " ".join(f"{type(error).__name__}: {error}".split())
