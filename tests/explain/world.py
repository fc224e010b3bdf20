"""The clusters and fronts that the table of causes asks, each by its heading."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import dns.rcode

from dnscore.net.address import Address
from dnscore.wire import names
from dnscore.wire.query import parse_query
from dnsmasq_front.explain import FrontParts
from dnsmasq_front.probes import LoopDetector
from dnsmasq_front.routes import Routes, Rule
from dnsmasq_front.servers import MISSING
from tests.dnsmasq_front.messages import query_wire
from tests.dnsmasq_front.pure import PureFront
from tests.kubedns_zone.served import ServedZone


def cluster(**options: Any) -> ServedZone:
    """Namespaces shop, prod and empty, with some of everything."""
    zone = ServedZone(**options)
    for namespace in ("shop", "prod", "empty"):
        zone.namespace(namespace)
    zone.service("web", ns="shop", ips="10.96.0.20", ports="http/tcp:80 quic/udp:443")
    zone.service("dual", ns="shop", ips="10.96.0.21 fd00::21", ports="/tcp:80")
    zone.service("out", ns="shop", external="www.example.com")
    zone.service("db", ns="shop", external="db.prod.svc.cluster.local")
    zone.service("round", ns="shop", external="trip.shop.svc.cluster.local")
    zone.service("trip", ns="shop", external="round.shop.svc.cluster.local")
    zone.service("lost", ns="shop", external="gone.prod.svc.cluster.local")
    zone.service("bad", ns="shop", external="not..a.name")
    zone.service("db", ns="prod", headless=True)
    zone.slice("db-x", "db", "db-0@10.244.1.7 10.244.2.7", ns="prod", ports="pg/tcp:5432")
    zone.service("queue", ns="prod", headless=True)
    zone.slice("queue-x", "queue", "", ns="prod", ports="amqp/tcp:5672")
    zone.service("alone", ns="prod", headless=True)
    zone.service("kube-dns", ns="kube-system", ips="10.96.0.10", ports="dns/udp:53")
    return zone


def verified() -> ServedZone:
    """With `--pods=verified` and one pod."""
    zone = cluster(pods="verified")
    zone.pod("web-1", "10.244.1.5", ns="shop")
    return zone


def federated(*, placed: bool) -> ServedZone:
    """With the federation `fed`; `placed`: whether it is known where the nodes are."""
    zone = cluster()
    zone.federations(fed="example.com")
    zone.place = ("zone-a", "region-1") if placed else None
    zone.slice("web-x", "web", "10.244.1.5", ns="shop")
    return zone


ZONES: dict[str, Callable[[], ServedZone]] = {
    "zone": cluster,
    "zone without lists": lambda: ServedZone(synced=False),
    "zone without the DNS service": ServedZone,
    "zone, pods verified": verified,
    "zone, pods disabled": lambda: cluster(pods="disabled"),
    "zone, federation": lambda: federated(placed=True),
    "zone, federation, place unknown": lambda: federated(placed=False),
}
"""By heading, those that kubedns explains."""

CLUSTER = "--server=/cluster.local/127.0.0.1#10053"
OUTSIDE = "--server=192.0.2.53"


def cached(*flags: str) -> PureFront:
    """With an answer, a name that there is not and one without the type in its cache."""
    front = PureFront(CLUSTER, OUTSIDE, *flags)
    sign_of_life(front)
    front.resolve("www.example.com A", "www.example.com. 60 IN A 192.0.2.80")
    front.resolve("gone.example.com A", authority=_soa(), rcode=dns.rcode.NXDOMAIN)
    front.resolve("www.example.com AAAA", authority=_soa())
    front.resolve("web.shop.svc.cluster.local A", "web.shop.svc.cluster.local. 30 IN A 10.96.0.20")
    return front


def sign_of_life(front: PureFront) -> None:
    """kubedns tells of the changes in its zone from now on."""
    query = parse_query(query_wire("cluster.local SOA"))
    front.notices.learn(query, Address("127.0.0.1", 10053), now=front.now)


def untold() -> PureFront:
    """An answer of a kubedns that does not tell of changes."""
    front = PureFront(CLUSTER, OUTSIDE)
    front.resolve("web.shop.svc.cluster.local A", "web.shop.svc.cluster.local. 30 IN A 10.96.0.20")
    return front


def address_unknown() -> PureFront:
    """A server is named and not numbered, and its address is not known yet."""
    front = PureFront()
    rule = Rule((names.from_text("corp.test"),), unresolved=True)
    front.forwarder.use_routes(Routes.of([rule], ()), now=front.now)
    return front


def _soa() -> str:
    return "example.com. 60 IN SOA ns.example.com. h.example.com. 1 2 3 4 60"


def later(seconds: float, *flags: str) -> PureFront:
    """As `cached`, and time has passed."""
    front = cached(*flags)
    front.advance(seconds)
    return front


def failed() -> PureFront:
    """An answer that was asked for again, in vain."""
    front = untold()
    front.advance(1.0)
    front.ask("web.shop.svc.cluster.local A")
    front.unreachable()
    return front


def missing() -> PureFront:
    """No server has answered."""
    front = PureFront(CLUSTER, OUTSIDE, "--server=192.0.2.54")
    for route in front.forwarder.groups.values():
        for server in route.servers:
            server.doubt = MISSING
    return front


def in_loop() -> PureFront:
    """The server for all names sends our questions back."""
    front = PureFront(OUTSIDE, loops=LoopDetector(b"secret", found=lambda server: None))
    for group in front.forwarder.groups.values():
        for server in group.servers:
            server.in_loop = True
    return front


def busy() -> PureFront:
    """One question waits, and that is the most."""
    front = PureFront(OUTSIDE, "--dns-forward-max=1")
    front.ask("slow.example.com A")
    return front


FRONTS: dict[str, Callable[[], PureFront]] = {
    "front": lambda: PureFront(CLUSTER, OUTSIDE, "--server=/acme.test/192.0.2.9#1053"),
    "front with a cache": cached,
    "front that is not told of changes": untold,
    "front that is told no more, a few seconds later": lambda: later(5.0),
    "front that gives stale answers, two minutes later": lambda: later(120.0, "--use-stale-cache"),
    "front whose servers have failed": failed,
    "front without servers": PureFront,
    "front whose servers are missing": missing,
    "front in a loop": in_loop,
    "front with as many questions as it may have": busy,
    "front with a server whose address is not known": address_unknown,
    "front with records of its own": lambda: PureFront(
        OUTSIDE,
        "--host-record=printer.test,192.0.2.10",
        "--address=/ads.test/0.0.0.0",
        "--address=/blocked.test/",
        "--local=/home.test/",
        "--domain-needed",
        "--bogus-priv",
    ),
}
"""By heading, those that the front explains."""


def parts(front: PureFront) -> FrontParts:
    """What a front's explanation is made of."""
    return FrontParts(
        front.cache,
        front.local,
        front.forwarder.routes,
        group_of=front.forwarder.groups.get,
        are_told=front.notices.are_told,
        group_max=1 if front.sent and not front.cache.insertions else 150,
    )


def servers_for(name: bytes) -> tuple[Address, ...]:
    """Whom kubedns asks for other names: nobody for those below `.nobody`."""
    return () if name.endswith(b"\x06nobody\x00") else (Address("192.0.2.53", 53),)
