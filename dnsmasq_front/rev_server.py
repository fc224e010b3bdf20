"""`--rev-server`: the reverse names of a network (RFC 1035 3.5, RFC 3596 2.5). Pure."""

from __future__ import annotations

import ipaddress
from dataclasses import replace

from dnscore.wire import names
from dnsmasq_front.routes import Rule, parse_server


def parse_rev_server(text: str) -> Rule:
    """A value of `--rev-server`: reverse names of a network, by whole octets or nibbles.

    Lengths between those become several domains (dnsmasq(8)). Without a server the names are
    local. Raises ValueError with the reason.
    """
    network_text, comma, server = text.partition(",")
    if not comma or not server:
        raise ValueError(f"not of the form net/length,server: {text!r}")
    network = ipaddress.ip_network(network_text, strict=False)
    step = 8 if network.version == 4 else 4
    if not network.prefixlen:
        raise ValueError(f"the network has no length: {network_text!r}")
    whole = -(-network.prefixlen // step) * step
    domains = []
    for part in network.subnets(new_prefix=whole):
        labels = part.network_address.reverse_pointer.split(".")
        domains.append(names.from_text(".".join(labels[(network.max_prefixlen - whole) // step :])))
    return replace(parse_server(server), domains=tuple(domains))
