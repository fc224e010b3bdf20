"""Which servers answer for which domain: the longest suffix of whole labels wins.

The semantics of dnsmasq's `--server`, `--local` and `--address` (dnsmasq(8)). A domain's servers
form a group, and when they fail no other group is asked: the name belongs to them.
Pure: names are folded wire names (dnscore.wire.names). A domain whose first label begins with `*`
stands for labels that end with the rest of it: `*.d` is everything below `d`, and `*d` is every
name that ends with these letters; a plain domain goes before one of these that is as long.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from dnscore.dnsconfig import is_subdomain
from dnscore.net.address import Address, parse_address, parse_port
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
    host: str = ""
    """Whom to ask when the server is named and not numbered; its address is to be found out."""
    port: int = 53
    """The port of `host`."""
    unresolved: bool = False
    """There is a server, but where is not known yet: names fail and are not local."""
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
        self,
        domain: bytes,
        servers: tuple[Address, ...],
        addresses: tuple[str, ...] = (),
        *,
        unresolved: bool = False,
    ) -> None:
        self.domain = domain
        self.servers = servers
        self.addresses = addresses
        self.is_local = not servers and not unresolved
        near = bool(servers) and all(server.is_loopback for server in servers)
        self.is_cluster = near and domain != DEFAULT

    def same_as(self, other: Route | None) -> bool:
        """Whether answers come from the same place."""
        return other is self or (
            other is not None
            and (self.domain, self.servers, self.addresses, self.is_local)
            == (other.domain, other.servers, other.addresses, other.is_local)
        )


@dataclass(slots=True)
class _Group:
    """What the rules of one domain say together."""

    servers: dict[Address, None] = field(default_factory=dict)
    addresses: list[str] = field(default_factory=list)
    use_default: bool = False
    unresolved: bool = False

    def add(self, rule: Rule) -> None:
        if rule.server is not None:
            self.servers[rule.server] = None
        self.addresses += rule.addresses
        self.use_default = self.use_default or rule.use_default
        self.unresolved = self.unresolved or rule.unresolved


@dataclass(slots=True)
class Routes:
    """The routing table."""

    _by_domain: dict[bytes, Route | None] = field(default_factory=dict)
    """None: the default's, and there is none."""
    _wildcards: dict[bytes, list[tuple[bytes, Route | None]]] = field(default_factory=dict)
    """By what stands behind the first label: the ends of that label, the longest first."""
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
        if servers or rest.addresses or rest.unresolved or not rest.use_default:
            routes.default = Route(
                DEFAULT, tuple(servers), tuple(rest.addresses), unresolved=rest.unresolved
            )
        dotless = groups.pop(_DOTLESS, None)
        if dotless is not None:
            routes._dotless = routes._route(DEFAULT, dotless)
        for domain, group in groups.items():
            route = routes._route(domain, group)
            if is_wildcard(domain):
                end, rest_of_name = _first_label(domain)
                routes._wildcards.setdefault(rest_of_name, []).append((end[1:], route))
            else:
                routes._by_domain[domain] = route
        for ends in routes._wildcards.values():
            ends.sort(key=lambda end: -len(end[0]))
        return routes

    def _route(self, domain: bytes, group: _Group) -> Route | None:
        if not group.use_default:
            return Route(
                domain, tuple(group.servers), tuple(group.addresses), unresolved=group.unresolved
            )
        if not group.addresses:
            return self.default
        return Route(domain, self.default.servers if self.default else (), tuple(group.addresses))

    # HOT: once per query that the cache cannot answer.
    def find(self, name: bytes) -> Route | None:
        """The route of a folded name, None when nobody answers for it."""
        by_domain = self._by_domain
        if self._wildcards:
            return self._find_with_wildcards(name)
        at = 0
        if by_domain:
            while name[at]:
                suffix = name[at:]
                if suffix in by_domain:
                    return by_domain[suffix]
                at += name[at] + 1
        return self._of_the_rest(name)

    def _of_the_rest(self, name: bytes) -> Route | None:
        if self._dotless is not None and name[0] and name[0] + 2 == len(name):
            return self._dotless
        return self.default

    def _find_with_wildcards(self, name: bytes) -> Route | None:
        suffix = name
        while suffix[0]:
            if suffix in self._by_domain:
                return self._by_domain[suffix]
            label, rest = _first_label(suffix)
            for end, route in self._wildcards.get(rest, ()):
                if label.endswith(end):
                    return route
            suffix = rest
        return self._of_the_rest(name)

    def agrees(self, other: Routes, name: bytes) -> bool:
        """Whether both tables have a folded name answered from the same place."""
        route = self.find(name)
        return route.same_as(other.find(name)) if route is not None else other.find(name) is None

    def changed(self, before: Routes) -> list[bytes]:
        """The domains at and below which others answer now than by the table before.

        For a wildcard that is what stands behind its first label. Other servers for the default
        are no change: what the ones before said of the world still holds.
        """
        changed: dict[bytes, None] = {}
        for domain in {**before._rules(), **self._rules()}:
            ours, theirs = self._answering(domain), before._answering(domain)
            if ours is self.default and theirs is before.default:
                continue
            if ours is None or not ours.same_as(theirs):
                changed[_first_label(domain)[1] if is_wildcard(domain) else domain] = None
        return list(changed)

    def _rules(self) -> dict[bytes, Route | None]:
        """What is said of each domain, wildcards among them."""
        found = dict(self._by_domain)
        for rest, ends in self._wildcards.items():
            for end, route in ends:
                label = b"*" + end
                found[bytes((len(label),)) + label + rest] = route
        return found

    def _answering(self, domain: bytes) -> Route | None:
        rules = self._rules()
        return rules[domain] if domain in rules else self.find(domain)

    @property
    def all(self) -> tuple[Route, ...]:
        """Every route once, the default last."""
        wild = [route for ends in self._wildcards.values() for _, route in ends]
        found = dict.fromkeys((*self._by_domain.values(), *wild, self._dotless))
        found.pop(self.default, None)
        return tuple(route for route in (*found, self.default) if route is not None)


def is_wildcard(domain: bytes) -> bool:
    """Whether a rule's domain stands for labels that end with the rest of its first one."""
    return domain[1:2] == b"*"


def _first_label(name: bytes) -> tuple[bytes, bytes]:
    """The first label, without its length, and what stands behind it."""
    end = 1 + name[0]
    return name[1:end], name[end:]


def parse_server(text: str) -> Rule:
    """A value of `--server` or `--local`: `ip#port`, `/dom/dom/ip#port`, `/dom/`, `/dom/#`, `//ip`.

    A host name may stand for the address. Raises ValueError with the reason.
    """
    domains, dotless, target = _split(text)
    if target == "#":
        return Rule(domains, use_default=True, dotless=dotless)
    if not target:
        if text.strip("/") == "" and not dotless:
            raise ValueError("neither a domain nor a server")
        return Rule(domains, dotless=dotless)
    host, port = _host_and_port(target)
    if host:
        return Rule(domains, host=host, port=port, dotless=dotless)
    return Rule(domains, server=_parse_target(target), dotless=dotless)


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
        elif "*" in domain[1:]:
            raise ValueError(f"a * can only stand at the beginning of a domain: {domain!r}")
        else:
            found.append(names.from_text(domain.lower().removeprefix(".")))
    return tuple(found), dotless, target


def _host_and_port(text: str) -> tuple[str, int]:
    """A host name and its port; "" when it is none, as addresses are not (RFC 1123 2.1)."""
    host, _, port = text.partition("#")
    name = host.lower().removesuffix(".")
    if not is_subdomain(name) or name.rpartition(".")[2].isdigit():
        return "", 53
    return name, parse_port(port) if port else 53


def _parse_target(text: str) -> Address:
    for unsupported in "@%":
        if unsupported in text:
            raise ValueError(f"interface or source address of a server is not supported: {text!r}")
    # The nanny wrote `[v6]#port`, which dnsmasq refused to start on; `ip:port` was refused too.
    return parse_address(text.removesuffix("#"), default_port=53, separator="#")
