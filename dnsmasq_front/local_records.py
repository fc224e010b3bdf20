"""Records of our own on the command line: `--host-record`, `--cname`, `--txt-record` and so on.

The values are dnsmasq's (dnsmasq(8)); names keep their spelling. Every parser raises ValueError
with the reason. Pure.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import NamedTuple

from dnscore.wire import names
from dnscore.wire.const import CNAME, MX, PTR, SRV, TXT
from dnsmasq_front.hosts import HostLine, host_name, pack_address
from dnsmasq_front.quoting import split_commas, unquoted

_TEXT_MAX = 255
_TTL_MAX = 0x7FFFFFFF


class LocalRecord(NamedTuple):
    """One record; `ttl` None is `--local-ttl`."""

    owner: bytes
    rtype: int
    rdata: bytes
    ttl: int | None = None


@dataclass(frozen=True, slots=True)
class HostRecord:
    """One `--host-record`: a line of a hosts file, so to say, with a TTL of its own."""

    lines: tuple[HostLine, ...]
    names: tuple[bytes, ...]
    ttl: int | None = None


def parse_host_record(text: str) -> HostRecord:
    """`name[,name...],[IPv4],[IPv6][,TTL]`."""
    found: list[bytes] = []
    addresses: list[bytes] = []
    ttl: int | None = None
    for part in split_commas(text):
        if ttl is not None:
            raise ValueError(f"something stands behind the TTL: {part!r}")
        if not part:
            continue  # `name,,fd00::1` leaves the IPv4 address out.
        packed = _address(part)
        if packed is not None:
            addresses.append(packed)
        elif part.isdigit() and found:
            ttl = parse_ttl(part)
        elif addresses:
            raise ValueError(f"not an IP address or TTL: {part!r}")
        else:
            found.append(host_name(part))
    if not found:
        raise ValueError(f"not of the form name[,name...],address: {text!r}")
    if len({len(address) for address in addresses}) < len(addresses):
        raise ValueError(f"one address of a family at most: {text!r}")
    lines = tuple(HostLine(address, tuple(found)) for address in addresses)
    return HostRecord(lines, tuple(found), ttl)


def _address(text: str) -> bytes | None:
    try:
        return pack_address(text)
    except ValueError:
        return None


def parse_cname(text: str) -> tuple[LocalRecord, ...]:
    """`alias[,alias...],target[,TTL]`."""
    parts = split_commas(text)
    ttl = parse_ttl(parts.pop()) if len(parts) > 2 and parts[-1].isdigit() else None
    if len(parts) < 2:
        raise ValueError(f"not of the form alias,target: {text!r}")
    *aliases, target = [host_name(part) for part in parts]
    return tuple(LocalRecord(alias, CNAME, target, ttl) for alias in aliases)


def parse_txt_record(text: str) -> tuple[LocalRecord, ...]:
    """`name[,text...]`; quotes keep a comma in a text, and a long text becomes several."""
    owner, *texts = split_commas(text)
    strings = []
    for one in texts or [""]:
        raw = one.encode("utf-8", "surrogateescape")
        for at in range(0, len(raw) or 1, _TEXT_MAX):
            piece = raw[at : at + _TEXT_MAX]
            strings.append(bytes((len(piece),)) + piece)
    return (LocalRecord(host_name(owner), TXT, _rdata(b"".join(strings))),)


def parse_srv_host(text: str) -> tuple[LocalRecord, ...]:
    """`name[,target[,port[,priority[,weight]]]]`; without a target the service does not exist."""
    owner, *rest = split_commas(text)
    if len(rest) > 4:
        raise ValueError(f"not of the form name,target,port,priority,weight: {text!r}")
    target, port, priority, weight = [*rest, *("", "1", "0", "0")[len(rest) :]]
    fixed = b"".join(
        _number(what, value).to_bytes(2, "big")
        for what, value in (("priority", priority), ("weight", weight), ("port", port))
    )
    return (LocalRecord(host_name(owner), SRV, fixed + names.from_text(target)),)


def parse_ptr_record(text: str) -> tuple[LocalRecord, ...]:
    """`name[,target]`."""
    owner, *rest = split_commas(text)
    if len(rest) > 1:
        raise ValueError(f"not of the form name,target: {text!r}")
    return (LocalRecord(host_name(owner), PTR, names.from_text(rest[0] if rest else "")),)


class MailHost(NamedTuple):
    """One `--mx-host`; `target` None is `--mx-target`."""

    owner: bytes
    target: bytes | None
    preference: int

    def record(self, default_target: bytes) -> LocalRecord:
        """The record with its target known."""
        target = default_target if self.target is None else self.target
        return LocalRecord(self.owner, MX, self.preference.to_bytes(2, "big") + target)


def parse_mx_host(text: str) -> MailHost:
    """`name[[,host],preference]`."""
    owner, *rest = split_commas(text)
    preference = 1
    if rest and rest[-1].isdigit():
        preference = _number("preference", rest.pop())
    if len(rest) > 1:
        raise ValueError(f"not of the form name,host,preference: {text!r}")
    return MailHost(host_name(owner), host_name(rest[0]) if rest else None, preference)


def parse_domain_list(text: str) -> tuple[bytes, ...]:
    """Folded names: `domain` or `/domain/domain/`."""
    words = unquoted(text).strip("/").split("/")
    return tuple(names.from_text(word.lower().removeprefix(".")) for word in words if word)


def check_cnames(records: Iterable[LocalRecord]) -> None:
    """Raise ValueError when a name has two aliases, or aliases that lead back to themselves."""
    targets: dict[bytes, bytes] = {}
    for record in records:
        if record.rtype == CNAME:
            owner = record.owner.lower()
            if owner in targets:
                raise ValueError(f"two targets for the alias {names.to_text(owner)}")
            targets[owner] = record.rdata.lower()
    for owner in targets:
        seen, at = {owner}, targets[owner]
        while at in targets and at not in seen:
            seen.add(at)
            at = targets[at]
        if at in seen:
            raise ValueError(f"aliases that lead back to {names.to_text(at)}")


def parse_ttl(text: str) -> int:
    """Whole seconds of 31 bits (RFC 2181 8)."""
    number = int(text) if text.isascii() and text.isdigit() and len(text) < 11 else _TTL_MAX + 1
    if number > _TTL_MAX:
        raise ValueError(f"not a TTL in seconds: {text!r}")
    return number


def _number(what: str, text: str) -> int:
    if not (text.isascii() and text.isdigit() and len(text) < 6 and int(text) < 65536):
        raise ValueError(f"{what} is no number from 0 to 65535: {text!r}")
    return int(text)


def _rdata(rdata: bytes) -> bytes:
    if len(rdata) > 0xFFFF:
        raise ValueError("more than a record can hold")
    return rdata
