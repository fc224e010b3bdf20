"""The names that a pod's resolver tries, in order. Pure.

A pod with dnsPolicy ClusterFirst, the default, has `ndots:5` and the search list
`<namespace>.svc.<zone> svc.<zone> <zone>` and then the node's own (Kubernetes, "DNS for Services
and Pods"); resolv.conf(5) has what a resolver makes of it.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Sequence

NDOTS = 5
TEXT_MAX = 254
"""Octets of a name in text with its final dot (RFC 1035 2.3.4)."""


def search_list(namespace: str, zone: str, others: Sequence[str] = ()) -> tuple[str, ...]:
    """The search list of a pod; `others` are the node's search domains."""
    zone = zone.removesuffix(".")
    return (f"{namespace}.svc.{zone}", f"svc.{zone}", zone, *others)


def tried_names(name: str, search: Sequence[str], *, ndots: int = NDOTS) -> tuple[str, ...]:
    """Absolute names with their final dot, each once: those that would be too long are left out.

    An IP address is asked for as its reverse name.
    """
    name = name.lower()
    reverse = _reverse_name(name)
    if reverse is not None:
        return (reverse,)
    if name.endswith("."):
        return (name,)
    absolute = f"{name}."
    searched = [f"{name}.{domain.lower().removesuffix('.')}." for domain in search]
    ordered = [absolute, *searched] if name.count(".") >= ndots else [*searched, absolute]
    return tuple(dict.fromkeys(one for one in ordered if len(one) <= TEXT_MAX))


def _reverse_name(text: str) -> str | None:
    try:
        return ipaddress.ip_address(text).reverse_pointer + "."
    except ValueError:
        return None
