"""A served zone for tests: objects in, questions in presentation form, answers read by dnspython.

    zone.service("web", ips="10.0.0.1", ports="http/tcp:80")
    assert zone.ask("web.default.svc.cluster.local. A").answers == [
        "web.default.svc.cluster.local. 30 IN A 10.0.0.1"
    ]

Nothing is faked but the other servers: `upstream` is a dictionary of what they would say.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

import dns.flags
import dns.message
import dns.rcode
import dns.rrset

from dnscore.wire import names
from dnscore.wire.build import Record, build_response
from dnscore.wire.const import NOERROR, NXDOMAIN, RA
from dnscore.wire.query import Query
from kubedns.handler import Identity, KubednsHandler
from kubedns.relay import Resolved
from kubedns.rows import (
    ENDPOINT_SLICES,
    NAMESPACES,
    PODS,
    SERVICES,
    Batch,
    Key,
    NamespaceRow,
    PodRow,
    PortRow,
    Row,
    ServiceRow,
    SliceRow,
)
from kubedns.treecache import TreeCache
from kubedns.zone import ZoneOptions

SOA_NEGATIVE = "cluster.local. 60 IN SOA"


@dataclass(frozen=True, slots=True)
class Reply:
    """A response, its records as sorted lines of zone text (SOA without its serial)."""

    rcode: str
    answers: list[str]
    authority: list[str]
    additional: list[str]
    flags: str
    message: dns.message.Message

    @property
    def is_nodata(self) -> bool:
        """NOERROR without records, with the zone's SOA, authoritative (RFC 2308 2.2)."""
        return self.rcode == "NOERROR" and not self.answers and self._denies

    @property
    def is_nxdomain(self) -> bool:
        """NXDOMAIN with the zone's SOA, authoritative (RFC 2308 2.1)."""
        return self.rcode == "NXDOMAIN" and not self.answers and self._denies

    @property
    def _denies(self) -> bool:
        return self.authority == [SOA_NEGATIVE] and "AA" in self.flags.split()


class FakeUpstream:
    """Other servers: what they say at once, and what they were asked."""

    def __init__(self) -> None:
        self.records: dict[tuple[str, int], list[Record] | None] = {}
        self.absent: set[str] = set()
        """Names for which they say NXDOMAIN."""
        self.resolved: list[str] = []
        self.forwarded: list[str] = []
        self.silent = False

    def forward(self, query: Query, done: Callable[[bytes | None], None], *, limit: int) -> None:
        """A bare NOERROR, or nothing from `silent` servers."""
        self.forwarded.append(names.to_text(query.name))
        done(None if self.silent else build_response(query, flags=RA, rcode=0, limit=limit))

    def resolve(self, name: bytes, qtype: int, done: Callable[[Resolved | None], None]) -> None:
        """What `records` has; nothing there means that there are none."""
        text = names.to_text(name)
        self.resolved.append(text)
        found = self.records.get((text, qtype), [])
        rcode = NXDOMAIN if text in self.absent else NOERROR
        done(None if found is None else Resolved(rcode, found))


@dataclass
class Wire:
    """A way to the client that remembers what went by it."""

    stream: bool = False
    sent: list[bytes] = field(default_factory=list)

    def send(self, response: bytes, peer: Any) -> None:
        self.sent.append(response)

    def source(self, peer: Any) -> tuple[str, int]:
        return "192.0.2.1", 53000


class ServedZone:
    """A tree, a handler, and ways to change the one and ask the other."""

    def __init__(
        self, *, synced: bool = True, domain: str = "cluster.local.", **options: str
    ) -> None:
        """`options` are more fields of ZoneOptions."""
        self.place: tuple[str, str] | None = None
        self.tree = TreeCache(
            ZoneOptions(domain=names.from_text(domain), **options),  # type: ignore[arg-type]
            place=lambda: self.place,
        )
        self.upstream = FakeUpstream()
        self.failures: list[Exception] = []
        self.now_s = 100.0
        self.hits = self.absent_hits = 0  # Of what a listener answers by itself.
        self.handler = KubednsHandler(
            self.tree,
            upstream=self.upstream,
            now=lambda: self.now_s,
            identity=Identity(version="kubedns-test", hostname="pod-1"),
            on_failure=self.failures.append,
        )
        if synced:
            self.sync()

    def sync(self) -> None:
        """Complete the lists that are waited for."""
        self.apply(SERVICES, [], synced=True)
        self.apply(ENDPOINT_SLICES, [], synced=True)
        if self.tree.zone.options.pods == "verified":
            self.apply(PODS, [], synced=True)

    def apply(
        self,
        resource: str,
        changes: Sequence[tuple[Key, Row | None]],
        *,
        synced: bool = False,
        newest: int = 0,
    ) -> set[str]:
        """One batch, the handler told of it; returns the changed names as text."""
        changed = self.tree.apply(Batch(resource, tuple(changes), synced, newest))
        self.handler.changed(changed)
        return {names.to_text(name) for name in changed}

    def service(self, name: str, *, ns: str = "default", **fields: Any) -> set[str]:
        """Set a Service, see `service_row`."""
        return self.apply(SERVICES, [((ns, name), service_row(name, ns=ns, **fields))])

    def slice(
        self,
        name: str,
        service: str,
        endpoints: str = "",
        *,
        ns: str = "default",
        ports: str = "",
        pods: str = "",
    ) -> set[str]:
        """Set an EndpointSlice, see `slice_row`."""
        row = slice_row(name, service, endpoints, ns=ns, ports=ports, pods=pods)
        return self.apply(ENDPOINT_SLICES, [((ns, name), row)])

    def namespace(self, name: str) -> set[str]:
        """Set a Namespace."""
        return self.apply(NAMESPACES, [(("", name), NamespaceRow(name))])

    def no_namespace(self, name: str) -> set[str]:
        """Delete a Namespace."""
        return self.apply(NAMESPACES, [(("", name), None)])

    def pod(self, name: str, addresses: str, *, ns: str = "default") -> set[str]:
        """Set a Pod with addresses separated by blanks."""
        return self.apply(PODS, [((ns, name), pod_row(name, addresses, ns=ns))])

    def no_pod(self, name: str, *, ns: str = "default") -> set[str]:
        """Delete a Pod."""
        return self.apply(PODS, [((ns, name), None)])

    def federations(self, **domains: str) -> None:
        """Replace the federations."""
        self.handler.changed(self.tree.set_federations(domains))

    def no_service(self, name: str, *, ns: str = "default") -> set[str]:
        """Delete a Service."""
        return self.apply(SERVICES, [((ns, name), None)])

    def no_slice(self, name: str, *, ns: str = "default") -> set[str]:
        """Delete an EndpointSlice."""
        return self.apply(ENDPOINT_SLICES, [((ns, name), None)])

    def ask(self, question: str, *, edns: int | None = None, stream: bool = False) -> Reply:
        """Ask `name TYPE`, with `edns` octets of UDP payload offered."""
        name, rdtype = question.split()
        return self.reply(make_query(name, rdtype, edns=edns), stream=stream)

    def reply(self, wire: bytes, *, stream: bool = False) -> Reply:
        """The response to a message as bytes; there must be exactly one."""
        return read_reply(self.exchange(wire, stream=stream))

    def exchange(self, wire: bytes, *, stream: bool = False) -> bytes:
        """As `reply`, in bytes; goes by `prebuilt` as a UDP listener does."""
        if not stream and (prebuilt := self.handler.prebuilt.get(wire[2:])) is not None:
            self.hits += 1
            return wire[:2] + prebuilt
        if not stream and (absent := self.handler.prebuilt_absent.get(wire[2:])) is not None:
            self.absent_hits += 1
            return wire[:2] + absent
        via = Wire(stream)
        response = self.handler.handle(wire, None, via)
        responses = [*via.sent, *([response] if response is not None else [])]
        assert len(responses) == 1, responses
        return responses[0]

    def addresses(self, question: str, **options: Any) -> list[str]:
        """The addresses in the answers, in the order they came."""
        reply = self.ask(question, **options)
        return [rdata.to_text() for rrset in reply.message.answer for rdata in rrset]


def make_query(name: str, rdtype: str, *, edns: int | None = None, rdclass: str = "IN") -> bytes:
    """A query as dnspython writes it."""
    query = dns.message.make_query(name, rdtype, rdclass, id=4711)
    if edns is not None:
        query.use_edns(payload=edns)
    return query.to_wire()


def read_reply(wire: bytes) -> Reply:
    """A response as dnspython reads it."""
    message = dns.message.from_wire(wire)
    return Reply(
        rcode=dns.rcode.to_text(message.rcode()),
        answers=_lines(message.answer),
        authority=_lines(message.authority),
        additional=_lines(message.additional),
        flags=dns.flags.to_text(message.flags),
        message=message,
    )


def _lines(section: list[dns.rrset.RRset]) -> list[str]:
    lines = [line for rrset in section for line in rrset.to_text().splitlines()]
    return sorted(line.split(" SOA ")[0] + " SOA" if " SOA " in line else line for line in lines)


def service_row(
    name: str,
    *,
    ns: str = "default",
    ips: str = "",
    headless: bool = False,
    external: str = "",
    ports: str = "",
) -> ServiceRow:
    """`ips` are separated by blanks, `ports` are `name/protocol:number`, `/tcp:80` unnamed."""
    return ServiceRow(
        namespace=ns,
        name=name,
        cluster_ips=tuple(ipaddress.ip_address(ip).packed for ip in ips.split()),
        headless=headless,
        external_name=external,
        ports=port_rows(ports),
        publish_not_ready=False,
    )


def slice_row(
    name: str,
    service: str,
    endpoints: str,
    *,
    ns: str = "default",
    ports: str = "",
    pods: str = "",
) -> SliceRow:
    """`endpoints` are `hostname@address`, or an address alone, separated by blanks.

    `pods` are names of pods, one per endpoint, `-` for none.
    """
    pairs = [text.rpartition("@")[::2] for text in endpoints.split()]
    packed = [ipaddress.ip_address(address).packed for _, address in pairs]
    hostnames = tuple(hostname for hostname, _ in pairs)
    return SliceRow(
        namespace=ns,
        name=name,
        service=service,
        addresses=b"".join(packed),
        family=len(packed[0]) if packed else 4,
        hostnames=hostnames if any(hostnames) else (),
        pods=tuple("" if pod == "-" else pod for pod in pods.split()),
        ports=port_rows(ports),
    )


def pod_row(name: str, addresses: str, *, ns: str = "default") -> PodRow:
    """`addresses` are separated by blanks."""
    packed = tuple(ipaddress.ip_address(text).packed for text in addresses.split())
    return PodRow(namespace=ns, name=name, addresses=packed)


def port_rows(text: str) -> tuple[PortRow, ...]:
    """`http/tcp:80 dns/udp:53` as rows."""
    rows = []
    for word in text.split():
        name, _, rest = word.partition("/")
        protocol, _, number = rest.partition(":")
        rows.append(PortRow(name, protocol, int(number)))
    return tuple(rows)
