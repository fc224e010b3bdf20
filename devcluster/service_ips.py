"""ClusterIPs: which Service holds which address, and the next free one.

Two pools, IPv4 and IPv6. Like the real allocator it gives addresses from above the lower band, so
that well-known low ones (10.96.0.1, 10.96.0.10) stay free for Services that ask for them; unlike
it, in order, so that runs are alike. Pure.
Reference: https://kubernetes.io/docs/concepts/services-networking/cluster-ip-allocation/
"""

from __future__ import annotations

import ipaddress
from collections.abc import Iterable
from typing import Literal

Family = Literal["IPv4", "IPv6"]

_LOWER_BAND = 256
"""Addresses at the start of a pool that are given only when asked for; the real upper bound."""


class AddressError(ValueError):
    """An address that cannot be had; the message says why, as the real API server does."""


def family_of(address: str) -> Family:
    """The family of an address. Raises AddressError if it is none."""
    try:
        return "IPv4" if ipaddress.ip_address(address).version == 4 else "IPv6"
    except ValueError:
        why = "must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)"
        raise AddressError(why) from None


class ServiceAddresses:
    """The allocated ClusterIPs of both families."""

    def __init__(self, *, ipv4_cidr: str = "10.96.0.0/16", ipv6_cidr: str = "fd00:10:96::/112"):
        self._pools = {
            "IPv4": ipaddress.ip_network(ipv4_cidr),
            "IPv6": ipaddress.ip_network(ipv6_cidr),
        }
        self._next = {family: _first_offset(pool) for family, pool in self._pools.items()}
        self._taken: set[str] = set()

    def claim(self, address: str) -> None:
        """Take that address. Raises AddressError if it is outside the pools or taken."""
        pool = self._pools[family_of(address)]
        if ipaddress.ip_address(address) not in pool:
            raise AddressError(
                f"failed to allocate IP {address}: the provided network does not match the "
                f"current range: {pool}"
            )
        if address in self._taken:
            raise AddressError(f"failed to allocate IP {address}: provided IP is already allocated")
        self._taken.add(address)

    def allocate(self, family: Family) -> str:
        """Take the next free address of that family. Raises AddressError when all are taken."""
        pool = self._pools[family]
        usable = pool.num_addresses - 2
        for _ in range(usable):
            offset = self._next[family]
            self._next[family] = offset + 1 if offset < usable else 1
            address = str(pool[offset])
            if address not in self._taken:
                self._taken.add(address)
                return address
        raise AddressError("failed to allocate a serviceIP: range is full")

    def release(self, addresses: Iterable[str]) -> None:
        """Give addresses back; unknown ones are ignored."""
        self._taken.difference_update(addresses)

    def holds(self, address: str) -> bool:
        """Whether a Service has that address."""
        return address in self._taken


def _first_offset(pool: ipaddress.IPv4Network | ipaddress.IPv6Network) -> int:
    return _LOWER_BAND if pool.num_addresses > 4 * _LOWER_BAND else 1
