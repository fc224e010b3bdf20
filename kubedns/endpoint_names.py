"""Labels for endpoints without a hostname: kube-dns's hash, and the address with dashes.

Both resolve, for kube-dns's clients know the one and those of CoreDNS the other; which of them SRV
and PTR records show is a choice, and so are the names of pods. The specification (2.1) leaves the
form to the implementation.
"""

from __future__ import annotations

import re
from ipaddress import AddressValueError, IPv6Address

HASH, ADDRESS, POD = "hash", "address", "pod"
ENDPOINT_NAMES = (HASH, ADDRESS, POD)
"""What --endpoint-names chooses from."""

_FNV_PRIME = 0x01000193
_HASH_SHAPE = re.compile(rb"(?:3[0-9]|6[1-6]){1,8}")
_DASHED_SHAPE = re.compile(rb"[0-9a-f-]+")


def _fnv(state: int, text: bytes) -> int:
    """FNV-1a with 32 bits."""
    for octet in text:
        state = (state ^ octet) * _FNV_PRIME & 0xFFFFFFFF
    return state


# kube-dns hashes the printed form of its record: host, port, priority, weight, text, mail, TTL,
# target strip, group, key. All but the host are constants.
_HASH_SEED = _fnv(0x811C9DC5, b"&{")
_HASH_TAIL = b" 0 10 10  false 30 0  }"


def address_text(address: bytes) -> str:
    """A packed address as people write it (RFC 5952)."""
    if len(address) == 4:
        return ".".join(map(str, address))
    return IPv6Address(address).compressed


def hash_label(address: bytes) -> bytes:
    """kube-dns's label: the hex of the hex of a hash, without leading zeros in the inner one."""
    digest = _fnv(_HASH_SEED, address_text(address).encode() + _HASH_TAIL)
    return f"{digest:x}".encode().hex().encode()


def is_hash_label(label: bytes) -> bool:
    """Whether a label has the shape of hash_label's results."""
    return _HASH_SHAPE.fullmatch(label) is not None


def dashed_label(address: bytes) -> bytes:
    """An address with dashes. A zero keeps an IPv6 label from beginning or ending in a dash."""
    text = address_text(address)
    if len(address) == 4:
        return text.replace(".", "-").encode()
    dashed = text.replace(":", "-")
    return f"{'0' * dashed.startswith('-')}{dashed}{'0' * dashed.endswith('-')}".encode()


def shown_label(address: bytes, *, hostname: str, pod: str, style: str) -> bytes:
    """The label that records show for an endpoint; its hostname goes before any style.

    An endpoint of no known pod goes by its address in the style `pod`.
    """
    if hostname:
        return hostname.encode()
    if style == HASH:
        return hash_label(address)
    return pod.encode() if style == POD and pod else dashed_label(address)


def dashed_address(label: bytes) -> bytes | None:
    """The packed address that a folded label spells: `10-244-1-9` or `fd00--9`; None if none.

    Four decimal numbers are IPv4, everything else is IPv6 with dashes for colons, in any of its
    spellings: `fd00--0` stands for fd00::, as a label should not end in a dash.
    """
    if _DASHED_SHAPE.fullmatch(label) is None:
        return None
    parts = label.split(b"-")
    if len(parts) == 4 and b"" not in parts:
        return _ipv4(parts)
    try:
        return IPv6Address(label.replace(b"-", b":").decode()).packed
    except AddressValueError:
        return None


def _ipv4(parts: list[bytes]) -> bytes | None:
    """Four decimal octets without leading zeros: each address has one spelling."""
    octets = []
    for part in parts:
        if not part.isdigit() or len(part) > 3 or (part[0] == 0x30 and len(part) > 1):
            return None
        octets.append(int(part))
    return bytes(octets) if max(octets) < 256 else None
