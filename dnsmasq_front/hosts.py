"""Hosts files, hosts(5), read as dnsmasq reads them: what cannot be used is skipped and reported.

A line is an address and names; `#` begins a comment anywhere. The address must be one without
zone and without octal or missing parts; a name may hold what people write there, as long as a
packet can hold it. Pure.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import lru_cache
from typing import NamedTuple

from dnscore.wire import names

PROBLEMS_MAX = 10
"""Problems told of one file; the rest is counted."""


class HostLine(NamedTuple):
    """One address and its names, which are wire names in the file's spelling."""

    address: bytes
    """Packed: 4 or 16 octets."""
    names: tuple[bytes, ...]


@dataclass(slots=True)
class HostsContent:
    """What a hosts file says."""

    lines: list[HostLine] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)
    """The first PROBLEMS_MAX, each with its line."""
    skipped: int = 0
    """How many problems there were."""

    @property
    def name_count(self) -> int:
        """Names of all lines."""
        return sum(len(line.names) for line in self.lines)

    def skip(self, problem: str) -> None:
        """Note what was skipped."""
        self.skipped += 1
        if len(self.problems) < PROBLEMS_MAX:
            self.problems.append(problem)


def parse_hosts(content: bytes) -> HostsContent:
    """The usable lines of a hosts file. Never raises."""
    found = HostsContent()
    for number, raw in enumerate(content.split(b"\n"), 1):
        words = raw.partition(b"#")[0].split()
        if len(words) < 2:
            continue  # An address without names is harmless, as a blank line is.
        try:
            packed = pack_address(words[0].decode("ascii", "replace"))
        except ValueError:
            found.skip(f"bad address at line {number}")
            continue
        usable = tuple(_usable(words[1:], found, number))
        if usable:
            found.lines.append(HostLine(packed, usable))
    return found


def _usable(words: list[bytes], found: HostsContent, number: int) -> Iterator[bytes]:
    for word in words:
        try:
            yield host_name(word.decode("ascii"))
        except ValueError:
            found.skip(f"bad name at line {number}")


def host_name(text: str) -> bytes:
    """The wire form of a host's name in the spelling given. Raises ValueError with the reason."""
    if not text.isprintable():
        raise ValueError(f"not a host name: {text!r}")
    name = names.from_text(text)
    if name == names.ROOT:
        raise ValueError("a host name is missing")
    return name


def pack_address(text: str) -> bytes:
    """The octets of an IP address. Raises ValueError with the reason."""
    # A block list says the same address a million times.
    return _packed(text)


@lru_cache(maxsize=1024)
def _packed(text: str) -> bytes:
    if "%" in text:
        raise ValueError(f"an address with a zone: {text!r}")
    try:
        return ipaddress.ip_address(text).packed
    except ValueError:
        raise ValueError(f"not an IP address: {text!r}") from None


def reverse_name(address: bytes) -> bytes:
    """The name under which an address's PTR record stands (RFC 1035 3.5, RFC 3596 2.5)."""
    return names.from_text(ipaddress.ip_address(address).reverse_pointer)
