"""Addresses back to the Services that have them, and the names under which one asks for that.

RFC 1035 3.5 (in-addr.arpa), RFC 3596 2.5 (ip6.arpa).
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Generic, TypeVar

IPV4_ROOT = b"\x07in-addr\x04arpa\x00"
IPV6_ROOT = b"\x03ip6\x04arpa\x00"
ROOTS = frozenset((IPV4_ROOT, IPV6_ROOT))

_OCTET_LABELS = [bytes((len(str(n)),)) + str(n).encode() for n in range(256)]
_OCTETS = {label[1:]: n for n, label in enumerate(_OCTET_LABELS)}
_NIBBLES = 32

Owner = TypeVar("Owner")


def reverse_name(address: bytes) -> bytes:
    """The name whose PTR records are those of a packed address."""
    if len(address) == 4:
        label = _OCTET_LABELS
        a, b, c, d = address
        return label[d] + label[c] + label[b] + label[a] + IPV4_ROOT
    digits = address.hex().encode()[::-1]
    return b"".join([b"\x01" + digits[i : i + 1] for i in range(_NIBBLES)]) + IPV6_ROOT


def reverse_address(name: bytes) -> bytes | None:
    """The packed address that a folded name asks for; None when it is not a reverse name."""
    if name.endswith(IPV4_ROOT):
        return _ipv4(name[: -len(IPV4_ROOT)])
    if name.endswith(IPV6_ROOT):
        return _ipv6(name[: -len(IPV6_ROOT)])
    return None


def _ipv4(prefix: bytes) -> bytes | None:
    octets, at = [], 0
    while at < len(prefix):
        size = prefix[at] + 1
        octet = _OCTETS.get(prefix[at + 1 : at + size])
        if octet is None:
            return None
        octets.append(octet)
        at += size
    return bytes(octets[::-1]) if len(octets) == 4 and at == len(prefix) else None


def _ipv6(prefix: bytes) -> bytes | None:
    if len(prefix) != 2 * _NIBBLES or prefix[::2].strip(b"\x01"):
        return None
    try:
        address = bytes.fromhex(prefix[:0:-2].decode("ascii"))
    except ValueError:
        return None
    return address if len(address) == 16 else None  # fromhex() skips blanks


class ReverseIndex(Generic[Owner]):
    """Who has an address. Nearly always one owner, so that one is kept without a container.

    A key is the address as a number behind a 1, which tells 0.0.0.1 from ::1: 32 octets where a
    bytes object has 48, for 150,000 keys. By the last octet they lie in several dicts: one dict of
    all would be laid out anew after some 25,000 changes, which takes 50 ms.
    """

    def __init__(self, *, parts: int = 1) -> None:
        """`parts` is how many dicts, a divisor of 256: more than one for all of a large cluster."""
        self._parts: tuple[dict[int, Owner | tuple[Owner, ...]], ...] = tuple(
            {} for _ in range(parts)
        )

    def __len__(self) -> int:
        return sum(map(len, self._parts))

    def _place(self, address: bytes) -> tuple[dict[int, Owner | tuple[Owner, ...]], int]:
        """Where an address is looked for, and under what."""
        key = int.from_bytes(b"\x01" + address)
        return self._parts[key % len(self._parts)], key

    def owners(self, address: bytes) -> tuple[Owner, ...]:
        """The owners of a packed address, in the order they came."""
        part, key = self._place(address)
        found = part.get(key)
        if found is None:
            return ()
        return found if isinstance(found, tuple) else (found,)

    def add(self, address: bytes, owner: Owner) -> None:
        """Make somebody an owner of a packed address; a second time does nothing."""
        part, key = self._place(address)
        found = part.setdefault(key, owner)
        if found != owner:
            owners = found if isinstance(found, tuple) else (found,)
            if owner not in owners:
                part[key] = (*owners, owner)

    # HOT: for each address of the first lists: 150,000 take 25 ms, and 40 by `add`.
    def add_all(self, addresses: Iterable[bytes], owner: Owner) -> None:
        """`add` for each of some addresses."""
        parts, from_bytes = self._parts, int.from_bytes
        count = len(parts)
        for address in addresses:
            key = from_bytes(b"\x01" + address)
            if parts[key % count].setdefault(key, owner) is not owner:
                self.add(address, owner)

    def discard(self, address: bytes, owner: Owner) -> None:
        """Undo `add`; does nothing when there is nothing to undo."""
        part, key = self._place(address)
        left = tuple(one for one in self.owners(address) if one != owner)
        if len(left) > 1:
            part[key] = left
        elif left:
            part[key] = left[0]
        else:
            part.pop(key, None)
