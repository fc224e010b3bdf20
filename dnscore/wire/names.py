"""Domain names: wire bytes in, wire bytes out (RFC 1035 3.1, RFC 4343).

A name is its uncompressed wire form: length octet and label, repeated, and the root octet.
Folding to lower case is `name.lower()`: length octets (0 to 63) are no ASCII letters, so the
whole name folds in one C call.
"""

from __future__ import annotations

from dnscore.wire.const import LABEL_MAX, NAME_MAX
from dnscore.wire.errors import Malformed

ROOT = b"\x00"


def from_labels(labels: list[bytes] | tuple[bytes, ...]) -> bytes:
    """The wire form of labels, the root left out. Raises ValueError when it is no name."""
    for label in labels:
        if not 0 < len(label) <= LABEL_MAX:
            raise ValueError(f"a label has 1 to 63 octets: {label!r}")
    wire = b"".join([bytes((len(label),)) + label for label in labels]) + ROOT
    if len(wire) > NAME_MAX:
        raise ValueError(f"a name has at most 255 octets: {b'.'.join(labels)!r}")
    return wire


def from_text(text: str) -> bytes:
    """The wire form of a name as people write it, with or without the final dot.

    Knows no escapes: it is for configuration and Kubernetes names, not for zone files.
    Raises ValueError with the reason.
    """
    trimmed = text.removesuffix(".")
    if not trimmed:
        return ROOT
    try:
        raw = trimmed.encode("ascii")
    except UnicodeEncodeError:
        raise ValueError(f"not an ASCII domain name: {text!r}") from None
    return from_labels(raw.split(b"."))


def labels(name: bytes) -> list[bytes]:
    """The labels of an uncompressed name, the root left out."""
    found = []
    at = 0
    while size := name[at]:
        found.append(name[at + 1 : at + 1 + size])
        at += size + 1
    return found


def to_text(name: bytes) -> str:
    """Presentation form with a final dot; odd octets as \\DDD (RFC 1035 5.1)."""
    if name == ROOT:
        return "."
    parts = []
    for label in labels(name):
        parts.append("".join(_presented(octet) for octet in label))
    return ".".join(parts) + "."


def _presented(octet: int) -> str:
    char = chr(octet)
    if char in '.\\"();@$':
        return "\\" + char
    return char if 0x21 <= octet <= 0x7E else f"\\{octet:03d}"


def is_below(name: bytes, zone: bytes) -> bool:
    """Whether a folded name is the folded zone or lies below it, by whole labels."""
    if not name.endswith(zone):
        return False
    # A match of bytes may begin inside a label: `xcluster.local` ends in `cluster.local`.
    at, start = 0, len(name) - len(zone)
    while at < start:
        at += name[at] + 1
    return at == start


def skip(wire: bytes, at: int) -> int:
    """The offset behind a possibly compressed name. Raises Malformed when it leaves the message."""
    size = len(wire)
    start = at
    while at < size:
        octet = wire[at]
        if octet == 0:
            return at + 1
        if octet >= 0xC0:
            if at + 2 > size:
                break
            return at + 2
        if octet > LABEL_MAX:
            raise Malformed("label of an unknown kind", offset=at)
        at += octet + 1
        if at - start >= NAME_MAX:  # No room for the octet that ends it.
            raise Malformed("name over 255 octets", offset=start)
    raise Malformed("name runs out of the message", offset=start)


def expand(wire: bytes, at: int) -> bytes:
    """The uncompressed form of a name in a message. Raises Malformed for what is no name.

    RFC 1035 4.1.4: a pointer refers to a *prior* occurrence, so each must point further back
    than the one before; that also bounds the work.
    """
    parts: list[bytes] = []
    total, limit, size = 1, at, len(wire)
    while True:
        if at >= size:
            raise Malformed("name runs out of the message", offset=at)
        octet = wire[at]
        if octet == 0:
            return b"".join(parts) + ROOT
        if octet >= 0xC0:
            if at + 2 > size:
                raise Malformed("name runs out of the message", offset=at)
            target = (octet & 0x3F) << 8 | wire[at + 1]
            if target >= limit:
                raise Malformed("compression pointer that does not point back", offset=at)
            at = limit = target
            continue
        if octet > LABEL_MAX:
            raise Malformed("label of an unknown kind", offset=at)
        total += octet + 1
        if total > NAME_MAX:
            raise Malformed("name over 255 octets", offset=at)
        if at + octet + 1 > size:
            raise Malformed("name runs out of the message", offset=at)
        parts.append(wire[at : at + octet + 1])
        at += octet + 1
