"""The documents that kubedns and the front show at /status.json, as the status page reads them.

Typed, so that whatever else listens on such a port cannot put anything unforeseen on the page.
Fields that a later version adds are ignored, those that it drops have a value that says so. Pure.
"""

from __future__ import annotations

from typing import TypeVar

import msgspec


class Setting(msgspec.Struct):
    """One setting."""

    name: str
    value: str = ""
    default: bool = False


class Line(msgspec.Struct):
    """A warning or an error."""

    at: float
    level: str = ""
    logger: str = ""
    text: str = ""
    times: int = 1


class Daemon(msgspec.Struct):
    """What both tell."""

    program: str
    version: str = ""
    uptime_s: float = 0.0
    options: list[Setting] = []
    errors: list[Line] = []


class Watch(msgspec.Struct):
    """One watch of the API server."""

    resource: str
    state: str = ""
    synced: bool = False
    objects: int = 0
    bad_objects: int = 0
    age_s: float | None = None
    resource_version: str = ""
    errors: int = 0
    last_error: str = ""


class Upstream(msgspec.Struct):
    """Questions of kubedns to other servers."""

    tries: int = 0
    failures: int = 0


class Target(msgspec.Struct):
    """A cache that kubedns tells of changes."""

    address: str
    state: str = ""
    sent: int = 0
    acknowledged: int = 0
    retried: int = 0
    refused: int = 0
    whole_zone: int = 0
    waiting: int = 0
    delay_mean_ms: float | None = None
    delay_p99_ms: float | None = None


class KubednsDocument(Daemon):
    """Of kubedns."""

    ready: bool = False
    reason: str = ""
    api_server_up: bool = False
    requests: int = 0
    serial: int = 0
    changes: int = 0
    config_rejected: int = 0
    watches: list[Watch] = []
    upstream: Upstream = msgspec.field(default_factory=Upstream)
    notify: list[Target] = []


class Cache(msgspec.Struct):
    """The front's cache."""

    hits: int = 0
    misses: int = 0
    stale: int = 0
    insertions: int = 0
    evictions: int = 0
    octets: int = 0
    octets_max: int = 0
    records_here: int = 0
    records_max_here: int = 0
    answers_here: int = 0


class Server(msgspec.Struct):
    """A server that the front asks."""

    address: str
    state: str = ""
    sent: int = 0
    retried: int = 0
    failed: int = 0
    nxdomain: int = 0
    srtt_ms: float = 0.0


class Group(msgspec.Struct):
    """The servers of a domain."""

    domain: str
    local_only: bool = False
    pending: int = 0
    servers: list[Server] = []


class Teller(msgspec.Struct):
    """A server that tells the front of changes."""

    address: str
    holds_s: float = 0.0


class Told(msgspec.Struct):
    """What the front was told."""

    taken: int = 0
    refused: int = 0
    dropped: int = 0
    missed_here: int = 0
    tellers: list[Teller] = []


class Item(msgspec.Struct):
    """A name or a namespace; it was in the sample `count - error` to `count` times."""

    item: str
    count: float = 0.0
    error: float = 0.0


class Popular(msgspec.Struct):
    """What the front is asked for most, from a sample."""

    sampled: int = 0
    sampled_in_namespaces: int = 0
    names: list[Item] = []
    namespaces: list[Item] = []


class Of(msgspec.Struct):
    """Whose figures they are, when there are several workers."""

    sums: str = ""
    rest: str = ""


class FrontDocument(Daemon):
    """Of the front."""

    workers: int = 1
    of: Of = msgspec.field(default_factory=Of)
    cache: Cache = msgspec.field(default_factory=Cache)
    upstreams: list[Group] = []
    notify: Told = msgspec.field(default_factory=Told)
    popular: Popular = msgspec.field(default_factory=Popular)


D = TypeVar("D", bound=Daemon)


class DocumentError(Exception):
    """It is no such document; the text says why."""


def read_document(text: str, kind: type[D]) -> D:
    """A document of a kind. Raises DocumentError."""
    try:
        return msgspec.json.decode(text, type=kind)
    except (msgspec.DecodeError, RecursionError, ValueError) as error:
        raise DocumentError(f"not a status document: {str(error)[:100]}") from None
