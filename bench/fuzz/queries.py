"""Queries from a seed: well-formed ones about the fuzzed cluster, and damaged ones made of them.

Pure: all randomness is the caller's. RFC 1035 4.1 (messages), RFC 6891 6.1 (OPT).
"""

from __future__ import annotations

from collections.abc import Iterator
from random import Random

from bench.fuzz.zone import NAMESPACE, ZONE

_LABELS = (
    "web", "bare", "db", "many", "early", "inside", "outside", "loop", "loop2", "gone", NAMESPACE,
    "default", "svc", "pod", "cluster", "local", "db-0", "db-1", "*", "_tcp", "_udp", "_sctp",
    "_http", "_pg", "_dns", "_", "10-244-1-9", "fd00-10-244--9", "1-2-3-4", "dns-version", "ns",
    "dns", "any", "east", "WEB", "Svc", "-", "xn--bcher-kva", "3234633364383235",
)  # fmt: skip
_ASKED = ("web", "db", "many", "inside", "outside", "loop")
_TAILS = (
    "", ZONE, f"svc.{ZONE}", f"{NAMESPACE}.svc.{ZONE}", f"pod.{ZONE}", f"{NAMESPACE}.pod.{ZONE}",
    *(f"{name}.{NAMESPACE}.svc.{ZONE}" for name in _ASKED),
    "9.1.244.10.in-addr.arpa", "20.0.96.10.in-addr.arpa", "in-addr.arpa", "ip6.arpa",
    f"{'9.' + '0.' * 19}4.4.2.0.0.1.0.0.0.0.d.f.ip6.arpa", "example.com", "com", "bind", "server",
)  # fmt: skip
_TYPES = (1, 1, 1, 28, 28, 33, 33, 12, 16, 2, 5, 6, 13, 15, 41, 64, 65, 251, 252, 255, 0, 65535)
_CLASSES = (1,) * 12 + (3, 4, 254, 255, 0)
_SIZES = (0, 511, 512, 513, 1232, 1233, 4096, 65535)
_OPTIONS = (
    b"",
    b"\0\x0a\0\x08abcdefgh",  # Cookie.
    b"\0\x08\0\x07\0\1\x18\0\x0a\1\2",  # Client subnet.
    b"\0\x0c\0\x20" + bytes(32),  # Padding.
    b"\xff\xff\xff\xff",
    b"\0",
)
_RECENT = 200
_NAME_ROOM = 254
"""Octets of a name without its root label (RFC 1035 2.3.4)."""
_ODD_OCTETS = (0, 1, 0x3F, 0x40, 0x7F, 0x80, 0xBF, 0xC0, 0xC0, 0xFF)


def queries(seed: int) -> Iterator[bytes]:
    """Without end: about half of them well-formed, a fifth asked before."""
    random = Random(seed)
    recent = [well_formed(random) for _ in range(_RECENT)]
    while True:
        wire, kind = well_formed(random), random.random()
        if kind < 0.2:
            wire = random.randbytes(2) + random.choice(recent)[2:]
        elif kind < 0.5:
            recent[random.randrange(_RECENT)] = wire
        elif kind < 0.97:
            for _ in range(random.randint(1, 4)):
                wire = damaged(wire, random.choice(recent), random)
        else:
            wire = random.randbytes(random.choice((0, 1, 11, 12, 13, 40, 300, 1232, 4096)))
        yield wire


def well_formed(random: Random) -> bytes:
    """A query that has to be answered."""
    flags = random.choice((0x0100, 0x0100, 0x0100, 0, 0x0110, 0x0120, random.getrandbits(16)))
    flags &= 0x7FFF  # QR would make it a response.
    if random.random() < 0.97:
        flags &= 0x87FF  # Opcode QUERY.
    opt = _opt(random) if random.random() < 0.5 else b""
    head = random.randbytes(2) + flags.to_bytes(2, "big") + b"\0\1\0\0\0\0" + bytes((0, bool(opt)))
    fixed = random.choice(_TYPES).to_bytes(2, "big") + random.choice(_CLASSES).to_bytes(2, "big")
    return head + _name(random) + fixed + opt


def damaged(wire: bytes, other: bytes, random: Random) -> bytes:
    """One injury; `other` is a query to take pieces of."""
    at = random.randint(0, len(wire))
    to = min(len(wire), at + random.choice((1, 1, 2, 4, 16)))
    kind = random.randrange(8)
    if kind == 0:  # Cut off.
        return wire[:at]
    if kind == 1:  # Something behind it.
        return wire + random.randbytes(random.choice((1, 2, 11, 100)))
    if kind == 2:  # A piece gone.
        return wire[:at] + wire[to:]
    if kind == 3:  # A piece twice, or of another query.
        return wire[:at] + random.choice((wire, other))[at:to] + wire[at:]
    if kind == 4:  # Other counts, flags or opcode.
        at = random.randrange(2, 12)
        return wire[:at] + bytes((random.choice((0, 1, 2, 0x28, 255)),)) + wire[at + 1 :]
    if kind == 5:  # A pointer (RFC 1035 4.1.4), to anywhere.
        pointer = 0xC000 | random.choice((0, 12, at, at + 2, random.getrandbits(14)))
        return wire[:at] + (pointer & 0xFFFF).to_bytes(2, "big") + wire[at + 2 :]
    if kind == 6:  # Bits.
        octet = wire[at] ^ 1 << random.randrange(8) if at < len(wire) else 0
    else:
        octet = random.choice(_ODD_OCTETS)
    return wire[:at] + bytes((octet,)) + wire[at + 1 :]


def _name(random: Random) -> bytes:
    count = random.choice((0, 0, 1, 1, 2, 2, 3, 5))
    labels = [random.choice(_LABELS).encode() for _ in range(count)]
    odd = random.random()
    if odd < 0.03:
        labels.append(random.randbytes(random.choice((1, 5, 62, 63))))
    elif odd < 0.04:
        labels = [b"x"] * random.randint(1, 100)
    elif odd < 0.05:
        labels.append(b"u%d" % random.getrandbits(40))
    name = b""
    for label in (*labels, *random.choice(_TAILS).encode().split(b".")):
        if label and len(name) + len(label) < _NAME_ROOM:
            name += bytes((len(label),)) + label
    if random.random() < 0.2:
        name = bytes(_other_case(octet) if random.random() < 0.5 else octet for octet in name)
    return name + b"\0"


def _other_case(octet: int) -> int:
    """Of a small letter; lengths of labels are below those."""
    return octet ^ 0x20 if 97 <= octet <= 122 else octet


def _opt(random: Random) -> bytes:
    """An OPT record, as a rule of version 0."""
    size = random.choice(_SIZES).to_bytes(2, "big")
    version = 0 if random.random() < 0.97 else 1
    options = random.choice(_OPTIONS)
    flags = random.choice((0, 0x8000)).to_bytes(2, "big")
    fixed = b"\0\0\x29" + size + bytes((0, version)) + flags
    return fixed + len(options).to_bytes(2, "big") + options
