"""Addresses that have no meaning outside one's own network, and their reverse names. Pure.

RFC 6303 4 without RFC 6598's shared range, which dnsmasq leaves out of `--bogus-priv` and
`--stop-dns-rebind` as well.
"""

from __future__ import annotations

import ipaddress

from dnscore.wire import names

_NETWORKS_4 = (
    "0.0.0.0/8",
    "10.0.0.0/8",
    "127.0.0.0/8",
    "169.254.0.0/16",
    "172.16.0.0/12",
    "192.0.2.0/24",
    "192.168.0.0/16",
    "198.51.100.0/24",
    "203.0.113.0/24",
    "255.255.255.255/32",
)
_NETWORKS_6 = ("::/128", "::1/128", "fd00::/8", "fe80::/10", "2001:db8::/32")
_MAPPED = bytes(10) + b"\xff\xff"  # RFC 4291 2.5.5.2


def _bounds(networks: tuple[str, ...]) -> tuple[tuple[bytes, bytes], ...]:
    """The first and the last address of each, packed, so that a look-up compares octets."""
    found = []
    for text in networks:
        network = ipaddress.ip_network(text)
        found.append((network.network_address.packed, network.broadcast_address.packed))
    return tuple(found)


def _reverse_zones(networks: tuple[str, ...]) -> tuple[bytes, ...]:
    zones = []
    for text in networks:
        network = ipaddress.ip_network(text)
        step = 8 if network.version == 4 else 4
        whole = -(-network.prefixlen // step) * step
        for part in network.subnets(new_prefix=whole):
            labels = part.network_address.reverse_pointer.split(".")
            cut = (network.max_prefixlen - whole) // step
            zones.append(names.from_text(".".join(labels[cut:])))
    return tuple(zones)


_BOUNDS = _bounds(_NETWORKS_4), _bounds(_NETWORKS_6)
_REVERSE = _reverse_zones(_NETWORKS_4 + _NETWORKS_6)


def is_private(address: bytes, *, localhost_too: bool = True) -> bool:
    """Whether a packed address is private; IPv4-mapped ones count as what they map.

    `localhost_too`: whether this machine, 127/8, 0/8, `::1` and `::`, counts.
    """
    if len(address) == 16 and address.startswith(_MAPPED):
        address = address[12:]
    if is_this_machine(address):
        return localhost_too
    return any(low <= address <= high for low, high in _BOUNDS[len(address) == 16])


def is_this_machine(address: bytes) -> bool:
    """127/8, 0/8, `::1` and `::`."""
    if len(address) == 4:
        return address[0] in (0, 127)
    return address[:15] == bytes(15) and address[15] < 2


def is_private_reverse(name: bytes) -> bool:
    """Whether a folded name is in the reverse tree of a private network."""
    if not name.endswith(b"\x04arpa\x00"):
        return False
    return any(names.is_below(name, zone) for zone in _REVERSE)
