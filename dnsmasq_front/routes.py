"""Which servers answer for which domain: the longest suffix of whole labels wins.

The semantics of dnsmasq's `--server`, `--local` and `--address` (dnsmasq(8)). A domain's servers
form a group, and when they fail no other group is asked: the name belongs to them.
Pure: names are folded wire names (dnscore.wire.names).
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from dnscore.net.address import Address, parse_address
from dnscore.wire import names

DEFAULT = names.ROOT
_DOTLESS = b""  # Stands among the domains for names of a single label: no name is empty.


@dataclass(frozen=True, slots=True)
class Rule:
    """What to do with a domain: one `--server`, `--local` or `--address` flag names several."""

    domains: tuple[bytes, ...]
    """Folded wire names; the root stands for everything else."""
    server: Address | None = None
    """Where to ask."""
    use_default: bool = False
    """`--server=/sub/#`: as if the domain had no rule."""
    addresses: tuple[str, ...] = ()
    """Literal answers (`--address`); without one and without a server: names are local only."""
    dotless: bool = False
    """`--server=//ip`: for names of a single label too."""


class Route:
    """The group that answers for a domain.

    `addresses` are literal answers for queries of their types, whatever the servers would say.
    `is_local`: nobody is asked, there are literal addresses or NXDOMAIN. `is_cluster`: a domain
    of its own with servers on this machine, so the cluster's names. Compared by identity, which
    is what a look-up per query can afford.
    """

    __slots__ = ("addresses", "domain", "is_cluster", "is_local", "servers")

    def __init__(
        self, domain: bytes, servers: tuple[Address, ...], addresses: tuple[str, ...] = ()
    ) -> None:
        self.domain = domain
        self.servers = servers
        self.addresses = addresses
        self.is_local = not servers
        self.is_cluster = domain != DEFAULT and all(s.is_loopback for s in servers)


@dataclass(slots=True)
class _Group:
    """What the rules of one domain say together."""

    servers: dict[Address, None] = field(default_factory=dict)
    addresses: list[str] = field(default_factory=list)
    use_default: bool = False

    def add(self, rule: Rule) -> None:
        if rule.server is not None:
            self.servers[rule.server] = None
        self.addresses += rule.addresses
        self.use_default = self.use_default or rule.use_default


@dataclass(slots=True)
class Routes:
    """The routing table."""

    _by_domain: dict[bytes, Route | None] = field(default_factory=dict)
    """None: the default's, and there is none."""
    _dotless: Route | None = None
    default: Route | None = None

    @staticmethod
    def of(rules: Iterable[Rule], default_servers: Iterable[Address]) -> Routes:
        """The table of some rules; domainless rules come before `default_servers`."""
        groups: dict[bytes, _Group] = {}
        for rule in rules:
            for domain in (*rule.domains, _DOTLESS) if rule.dotless else rule.domains:
                groups.setdefault(domain, _Group()).add(rule)
        routes = Routes()
        rest = groups.pop(DEFAULT, None) or _Group(use_default=True)
        servers = dict.fromkeys((*rest.servers, *default_servers))
        if servers or rest.addresses or not rest.use_default:
            routes.default = Route(DEFAULT, tuple(servers), tuple(rest.addresses))
        dotless = groups.pop(_DOTLESS, None)
        if dotless is not None:
            routes._dotless = routes._route(DEFAULT, dotless)
        for domain, group in groups.items():
            routes._by_domain[domain] = routes._route(domain, group)
        return routes

    def _route(self, domain: bytes, group: _Group) -> Route | None:
        if not group.use_default:
            return Route(domain, tuple(group.servers), tuple(group.addresses))
        if not group.addresses:
            return self.default
        return Route(domain, self.default.servers if self.default else (), tuple(group.addresses))

    # HOT: once per query that the cache cannot answer.
    def find(self, name: bytes) -> Route | None:
        """The route of a folded name, None when nobody answers for it."""
        by_domain = self._by_domain
        at = 0
        if by_domain:
            while name[at]:
                suffix = name[at:]
                if suffix in by_domain:
                    return by_domain[suffix]
                at += name[at] + 1
        if self._dotless is not None and name[0] and name[0] + 2 == len(name):
            return self._dotless
        return self.default

    @property
    def all(self) -> tuple[Route, ...]:
        """Every route once, the default last."""
        found = dict.fromkeys((*self._by_domain.values(), self._dotless))
        found.pop(self.default, None)
        return tuple(route for route in (*found, self.default) if route is not None)


def parse_server(text: str) -> Rule:
    """A value of `--server` or `--local`: `ip#port`, `/dom/dom/ip#port`, `/dom/`, `/dom/#`, `//ip`.

    Raises ValueError with the reason.
    """
    domains, dotless, target = _split(text)
    if target == "#":
        return Rule(domains, use_default=True, dotless=dotless)
    if not target:
        if text.strip("/") == "" and not dotless:
            raise ValueError("neither a domain nor a server")
        return Rule(domains, dotless=dotless)
    server = _parse_target(target)
    return Rule(domains, server=server, dotless=dotless)


def parse_address_rule(text: str) -> Rule:
    """A value of `--address`: `/dom/dom/ip`, `/dom/` (NXDOMAIN) or `/dom/#` (0.0.0.0 and ::)."""
    domains, dotless, target = _split(text)
    if not text.startswith("/"):
        raise ValueError(f"not of the form /domain/address: {text!r}")
    if target == "#":
        return Rule(domains, addresses=("0.0.0.0", "::"), dotless=dotless)
    if not target:
        return Rule(domains, dotless=dotless)
    address = parse_address(target, default_port=53, separator="#").host
    return Rule(domains, addresses=(address,), dotless=dotless)


def _split(text: str) -> tuple[tuple[bytes, ...], bool, str]:
    """The domains, whether dotless names are meant, and what stands behind the last slash."""
    if not text.startswith("/"):
        return (DEFAULT,), False, text
    *domains, target = text[1:].split("/")
    found, dotless = [], False
    for domain in domains:
        if domain == "#":
            found.append(DEFAULT)
        elif domain == "":
            dotless = True
        elif domain.startswith("*"):
            raise ValueError(f"wildcard domains are not supported: {domain!r}")
        else:
            found.append(names.from_text(domain.lower().removeprefix(".")))
    return tuple(found), dotless, target


def _parse_target(text: str) -> Address:
    for unsupported in "@%":
        if unsupported in text:
            raise ValueError(f"interface or source address of a server is not supported: {text!r}")
    # The nanny wrote `[v6]#port`, which dnsmasq refused to start on; `ip:port` was refused too.
    return parse_address(text.removesuffix("#"), default_port=53, separator="#")
