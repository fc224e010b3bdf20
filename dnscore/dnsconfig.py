"""The keys of the `kube-dns` ConfigMap: `stubDomains`, `upstreamNameservers`, `federations`.

Kubernetes documentation, "Customizing DNS Service" (kube-dns). An update is taken as a whole or
not at all; the error names everything that is wrong with it. Pure: values in, values out.
"""

from __future__ import annotations

import ipaddress
import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from dnscore.net.address import Address, parse_port

STUB_DOMAINS = "stubDomains"
UPSTREAM_NAMESERVERS = "upstreamNameservers"
FEDERATIONS = "federations"

UPSTREAMS_MAX = 3
"""As many as resolv.conf(5) takes; kube-dns refuses more."""

_LABEL = re.compile(r"[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?")
_REASON_LENGTH = 200


class ConfigError(Exception):
    """The writer of the ConfigMap must act; the text is all reasons, in one line."""

    def __init__(self, reasons: list[str]) -> None:
        super().__init__("; ".join(reasons))
        self.reasons = tuple(reasons)


@dataclass(frozen=True, slots=True)
class ClusterDnsConfig:
    """What the ConfigMap says; the default is that of an empty one."""

    stub_domains: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """Servers by domain (lower case, no final dot): an IP address, address and port, or a host
    name; `parse_stub_server` reads them. A domain without servers has no effect."""
    upstream_nameservers: tuple[Address, ...] = ()
    """Empty: those of /etc/resolv.conf."""
    federations: Mapping[str, str] = field(default_factory=dict)
    """Domain suffix by federation name."""


def parse_config(data: Mapping[str, str]) -> ClusterDnsConfig:
    """The configuration in the ConfigMap's data; unknown keys are ignored.

    Raises ConfigError with every reason, each led by its key.
    """
    reasons: list[str] = []
    config = ClusterDnsConfig(
        stub_domains=_part(data, STUB_DOMAINS, parse_stub_domains, {}, reasons=reasons),
        upstream_nameservers=_part(
            data, UPSTREAM_NAMESERVERS, parse_upstreams, (), reasons=reasons
        ),
        federations=_part(data, FEDERATIONS, parse_federations, {}, reasons=reasons),
    )
    if reasons:
        raise ConfigError(reasons)
    return config


def _part(
    data: Mapping[str, str],
    key: str,
    parse: Callable[[str], Any],
    default: Any,
    *,
    reasons: list[str],
) -> Any:
    if key not in data:
        return default
    try:
        return parse(data[key])
    except ConfigError as error:
        reasons += [f"{key}: {reason}" for reason in error.reasons]
        return default


def parse_stub_domains(text: str) -> dict[str, tuple[str, ...]]:
    """JSON object of domain to list of servers, or `null`. Raises ConfigError."""
    value = _from_json(text)
    if value is None:
        return {}
    if not isinstance(value, dict):
        raise ConfigError(["not a JSON object of domain to list of servers"])
    reasons: list[str] = []
    domains: dict[str, tuple[str, ...]] = {}
    for domain, servers in value.items():
        if not is_subdomain(domain):
            reasons.append(f"not a lower-case domain name: {_shown(domain)}")
        if not isinstance(servers, list | None):
            reasons.append(f"{_shown(domain)} has no list of servers")
            continue
        for server in servers or ():
            try:
                parse_stub_server(_text(server))
            except ValueError as error:
                reasons.append(str(error))
        domains[domain] = tuple(str(server) for server in servers or ())
    if reasons:
        raise ConfigError(reasons)
    return domains


def parse_stub_server(text: str) -> Address | str:
    """Where a stub domain is asked: an address (port 53 unless given) or a host name.

    Departs from kube-dns in refusing what could never work: port 0, `10.0.0.1:` and a host name
    with a numeric last label, such as `010.0.0.1` (RFC 1123 2.1). Raises ValueError.
    """
    if is_subdomain(text) and not text.rpartition(".")[2].isdigit():
        return text
    return parse_server(text)


def parse_upstreams(text: str) -> tuple[Address, ...]:
    """JSON list of at most three `ip` or `ip:port`, or `null`. Raises ConfigError."""
    value = _from_json(text)
    if value is None:
        return ()
    if not isinstance(value, list):
        raise ConfigError(["not a JSON list of addresses"])
    reasons: list[str] = []
    if len(value) > UPSTREAMS_MAX:
        reasons.append(f"{len(value)} servers; at most {UPSTREAMS_MAX} are taken")
    servers = []
    for server in value:
        try:
            servers.append(parse_server(_text(server)))
        except ValueError as error:
            reasons.append(str(error))
    if reasons:
        raise ConfigError(reasons)
    return tuple(servers)


def parse_server(text: str) -> Address:
    """`ip`, `ipv4:port` or `[ipv6]:port`; port 53 unless given. Raises ValueError.

    The address must be in its canonical form and not IPv4-mapped, as Kubernetes asks for.
    """
    host, port = text, ""
    if text.startswith("["):
        host, bracket, port = text[1:].partition("]:")
        if not bracket or ":" not in host:
            raise ValueError(f"not an address such as [fd00::10]:53: {_shown(text)}")
    elif text.count(":") == 1:
        host, _, port = text.partition(":")
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        raise ValueError(f"not an address, or address and port: {_shown(text)}") from None
    if isinstance(address, ipaddress.IPv6Address) and (address.ipv4_mapped or address.scope_id):
        raise ValueError(f"IPv4-mapped or scoped address: {_shown(text)}")
    if str(address) != host:
        raise ValueError(f"write the address {_shown(host)} as {str(address)!r}")
    if host == text:
        return Address(host, 53)
    return Address(host, parse_port(port))


def parse_federations(text: str) -> dict[str, str]:
    """`name=domain,name=domain`; empty text is none. Raises ConfigError."""
    reasons: list[str] = []
    federations: dict[str, str] = {}
    if not text.strip():
        return federations
    for part in text.split(","):
        name, equals, domain = part.strip().partition("=")
        if not equals:
            reasons.append(f"not name=domain: {_shown(part)}")
        elif not is_label(name):
            reasons.append(f"not a lower-case label: {_shown(name)}")
        elif not is_subdomain(domain):
            reasons.append(f"not a lower-case domain name: {_shown(domain)}")
        federations[name] = domain
    if reasons:
        raise ConfigError(reasons)
    return federations


def is_label(text: str) -> bool:
    """Whether it is an RFC 1123 label in lower case, as Kubernetes names are."""
    return _LABEL.fullmatch(text) is not None


def is_subdomain(text: str) -> bool:
    """Whether it is labels joined by dots, 253 characters at most, no final dot."""
    return len(text) <= 253 and all(is_label(label) for label in text.split("."))


def _from_json(text: str) -> Any:
    try:
        return json.loads(text)
    except ValueError as error:
        raise ConfigError([f"not JSON: {error}"[:_REASON_LENGTH]]) from None
    except RecursionError:
        raise ConfigError(["not JSON: nested too deeply"]) from None


def _text(value: object) -> str:
    if not isinstance(value, str):
        raise ValueError(f"not a string: {_shown(value)}")
    return value


def _shown(value: object) -> str:
    text = repr(value)
    return text if len(text) <= 80 else text[:77] + "..."
