"""The grammar of `--probe=label,server,name[,interval[,type]]`; pure.

Keeps what the stock sidecar takes, with its faults mended: an IPv6 server needs no brackets, an
interval below one second is refused here instead of ending the process later.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

import dns.exception
import dns.name

from sidecar.address import ServerAddress, parse_server

DEFAULT_INTERVAL_S = 5
MAX_INTERVAL_S = 86_400
DEFAULT_TYPE = "ANY"
TYPES = ("ANY", "A", "AAAA", "SRV")

# The label becomes part of metric names, whose alphabet Prometheus fixes.
_LABEL = re.compile(r"[a-zA-Z0-9_]+", re.ASCII)
_WHOLE_NUMBER = re.compile(r"[+-]?[0-9]{1,18}", re.ASCII)


@dataclass(frozen=True, slots=True)
class ProbeSpec:
    """One probe: whom to ask what, how often, and what to call it."""

    label: str
    """In `/healthcheck/<label>` and in metric names."""
    server: ServerAddress
    name: str
    """Absolute, with its final dot."""
    interval_s: int = DEFAULT_INTERVAL_S
    rdtype: str = DEFAULT_TYPE

    def __str__(self) -> str:
        return f"{self.label},{self.server},{self.name},{self.interval_s},{self.rdtype}"


def parse_probe(text: str) -> ProbeSpec:
    """Read one `--probe` value. Raises ValueError with the reason."""
    fields = text.split(",")
    if not 3 <= len(fields) <= 5:
        raise ValueError(
            f"invalid format to --probe: {text!r}; want label,server,name[,interval[,type]]"
        )
    label, server, name, *rest = fields
    if not _LABEL.fullmatch(label):
        raise ValueError(f"label must be of format ^[a-zA-Z0-9_]+$: {label!r}")
    return ProbeSpec(
        label,
        parse_server(server),
        _parse_name(name),
        interval_s=_parse_interval(rest[0]) if rest else DEFAULT_INTERVAL_S,
        rdtype=_parse_type(rest[1]) if len(rest) > 1 else DEFAULT_TYPE,
    )


def _parse_name(text: str) -> str:
    # Host names of a cluster are plain ASCII; an escape or a blank here is a slip of the keyboard.
    if not text or not text.isascii() or not text.isprintable() or " " in text or "\\" in text:
        raise ValueError(f"not a DNS name: {text!r}")
    try:
        return dns.name.from_text(text).to_text()
    except dns.exception.DNSException as error:
        raise ValueError(f"not a DNS name: {text!r}: {error}") from None


def _parse_interval(text: str) -> int:
    if not _WHOLE_NUMBER.fullmatch(text):
        raise ValueError(f"interval must be a whole number of seconds, invalid syntax: {text!r}")
    interval_s = int(text)
    if not 1 <= interval_s <= MAX_INTERVAL_S:
        raise ValueError(f"interval must be from 1 to {MAX_INTERVAL_S} seconds: {text!r}")
    return interval_s


def _parse_type(text: str) -> str:
    if text not in TYPES:
        raise ValueError(f"invalid type for DNS: {text!r}; want one of {', '.join(TYPES)}")
    return text
