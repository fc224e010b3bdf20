"""`DevCluster`: the whole server in one object, for `python -m devcluster` and for tests.

    with DevCluster(Settings(sample=True)) as cluster:
        cluster.create({"apiVersion": "v1", "kind": "Service", ...})
        client = connect(cluster.url)
        cluster.faults.fail_next("services", code=503, verb="list", retry_after_s=1)

Objects go in and come out as plain dicts, which the caller owns. Methods raise `ApiError` where
the API would answer with a failure Status.
"""

from __future__ import annotations

import time
from dataclasses import dataclass
from pathlib import Path
from typing import Self

import msgspec

from devcluster import patch as patches
from devcluster import state
from devcluster.api import Api, Rules
from devcluster.backend import Backend
from devcluster.bootstrap import bootstrap, fresh_version, real_origin
from devcluster.faults import Faults
from devcluster.kubeconfig import kubeconfig_text
from devcluster.params import list_options
from devcluster.resources import BY_KIND, Json, Resource, resource_named
from devcluster.sample import load_sample
from devcluster.server import ApiServer, Seen
from devcluster.service_ips import ServiceAddresses
from devcluster.status import ApiError, bad_request
from devcluster.store import Key, Store, Stored
from devcluster.views import PLAIN


@dataclass(frozen=True, slots=True)
class Settings:
    """How a server is started."""

    host: str = "127.0.0.1"
    port: int = 0
    """0 lets the system choose."""
    sample: bool = False
    """Begin with the sample cluster, unless a state file brings its own objects."""
    token: str = ""
    """Bearer token that clients must send; empty asks for none."""
    forbid: tuple[str, ...] = ()
    """Resources that are answered with 403."""
    watch_list: bool = True
    """Understand sendInitialEvents; without it 422, as from older servers."""
    history_size: int = 10_000
    """Events remembered per resource."""
    bookmark_every_s: float = 60.0
    """About what the real server does."""
    state: Path | None = None
    """File that keeps the objects over a restart."""
    start_version: int | None = None
    """First resourceVersion; None takes it from the clock, see `bootstrap.fresh_version`."""


class DevCluster:
    """A server that is started and stopped as a context, or by `start` and `stop`."""

    def __init__(self, settings: Settings = Settings()) -> None:
        """Make the cluster's objects; nothing listens yet.

        Raises StateError when the state file cannot be used, ValueError for a bad setting.
        """
        self.settings = settings
        saved = state.load(settings.state) if settings.state else None
        start = settings.start_version
        fresh = fresh_version(time.time()) if start is None else start
        store = Store(
            start_version=saved.start_version(fresh) if saved else fresh,
            history_size=settings.history_size,
        )
        self._backend = Backend(store, addresses=ServiceAddresses(), origin=real_origin())
        self.faults = Faults(self._backend.hub)
        for name in settings.forbid:
            self.faults.forbid(name)
        rules = Rules(token=settings.token, watch_list=settings.watch_list)
        self._api = Api(self._backend, self.faults, rules, now_s=time.time)
        self._saved = saved
        self._server: ApiServer | None = None
        self._writer: state.StateWriter | None = None
        self._port = settings.port
        self._is_filled = False

    # -- life ------------------------------------------------------------------------------

    def start(self) -> Self:
        """Listen and serve. Raises OSError when the address is taken, StateError."""
        server = self._listen()
        if not self._is_filled:
            self._fill()
            self._is_filled = True
        if self.settings.state:
            self._writer = state.StateWriter(self.settings.state, self._backend)
            self._writer.start()
        server.start()
        return self

    def stop(self) -> None:
        """Break all connections, stop listening, save the state."""
        self.go_down()
        if self._writer is not None:
            self._writer.stop()
            self._writer = None

    def go_down(self) -> None:
        """Stop listening and break all connections; the objects stay, and can be changed."""
        if self._server is not None:
            self.faults.cut_watches()
            self._server.stop()
            self._server = None

    def come_up(self) -> None:
        """Listen again on the same port, after `go_down`. Raises OSError."""
        self._listen().start()

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(self, *_exc: object) -> None:
        self.stop()

    def _listen(self) -> ApiServer:
        self._server = ApiServer(
            (self.settings.host, self._port),
            self._api,
            self._backend,
            bookmark_every_s=self.settings.bookmark_every_s,
        )
        self._port = self._server.port
        return self._server

    def _fill(self) -> None:
        if self._saved is not None:
            state.restore(self._saved, self._backend)
            return
        bootstrap(self._backend, api_address=self.settings.host, api_port=self._port)
        if self.settings.sample:
            load_sample(self._backend)

    # -- where it is -----------------------------------------------------------------------

    @property
    def port(self) -> int:
        """The port it listens on; stays the same over `go_down` and `come_up`."""
        return self._port

    @property
    def url(self) -> str:
        """Base URL, such as `http://127.0.0.1:8001`."""
        host = f"[{self.settings.host}]" if ":" in self.settings.host else self.settings.host
        return f"http://{host}:{self._port}"

    def kubeconfig(self) -> str:
        """A kubeconfig for this server, as text."""
        return kubeconfig_text(self.url, self.settings.token or None)

    @property
    def resource_version(self) -> int:
        """resourceVersion of the last write."""
        return self._backend.version

    @property
    def requests(self) -> list[Seen]:
        """The last requests that were answered, oldest first."""
        return list(self._server.seen) if self._server else []

    def open_watches(self, resource: str = "") -> int:
        """How many watches (of one resource) are open."""
        return len(self._backend.hub.watchers(resource_named(resource) if resource else None))

    # -- objects ---------------------------------------------------------------------------

    def create(self, obj: Json) -> Json:
        """Create an object; kind and apiVersion say which, metadata.namespace where."""
        resource, key = _place(obj)
        stored = self._backend.create(resource, _copy(obj), namespace=key[0])
        return _whole(resource, stored)

    def get(self, resource: str, name: str, namespace: str = "") -> Json:
        """One object."""
        kind = resource_named(resource)
        return _whole(kind, self._backend.get(kind, (namespace, name)))

    def objects(self, resource: str, namespace: str = "", *, labels: str = "") -> list[Json]:
        """All objects of a resource, of one namespace or all, ordered by namespace and name."""
        kind = resource_named(resource)
        options = list_options(kind, {"labelSelector": labels})
        body = self._backend.list_page(kind, namespace, options)
        items: list[Json] = msgspec.json.decode(body)["items"]
        return items

    def replace(self, obj: Json) -> Json:
        """Put `obj` in the place of the object of its name; a resourceVersion in it must match."""
        resource, key = _place(obj)
        return _whole(resource, self._backend.change(resource, key, lambda _: _copy(obj)))

    def apply(self, obj: Json) -> Json:
        """Create the object, or replace the one there is."""
        resource, key = _place(obj)
        try:
            self._backend.get(resource, key)
        except ApiError:
            return self.create(obj)
        return self.replace(obj)

    def patch(self, resource: str, name: str, patch: Json, namespace: str = "") -> Json:
        """Strategic merge patch, which for most patches is what one expects."""
        kind = resource_named(resource)
        stored = self._backend.change(
            kind,
            (namespace, name),
            lambda before: patches.strategic(before, patch, kind=kind.kind),
        )
        return _whole(kind, stored)

    def delete(self, resource: str, name: str, namespace: str = "") -> None:
        """Delete an object (with finalizers: mark it)."""
        self._backend.delete(resource_named(resource), (namespace, name))

    def compact(self) -> None:
        """Forget the history: watches and pages from earlier versions are "too old" from now."""
        self._backend.compact()


def _place(obj: Json) -> tuple[Resource, Key]:
    resource = BY_KIND.get((obj.get("apiVersion", ""), obj.get("kind", "")))
    if resource is None:
        raise bad_request(f"no kind {obj.get('kind')!r} in {obj.get('apiVersion')!r}")
    meta = obj.get("metadata") or {}
    namespace = meta.get("namespace", "default") if resource.namespaced else ""
    return resource, (namespace, meta.get("name", ""))


def _copy(obj: Json) -> Json:
    decoded: Json = msgspec.json.decode(msgspec.json.encode(obj))
    return decoded


def _whole(resource: Resource, stored: Stored) -> Json:
    decoded: Json = msgspec.json.decode(PLAIN.one(resource, stored))
    return decoded
