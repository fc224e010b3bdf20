"""What people may ask for, on the command line and on the page; pure. All raise ValueError."""

from __future__ import annotations

import ipaddress

import dns.exception
import dns.rdatatype

from dnscore.dnsconfig import is_label
from dnscore.wire import names

NDOTS_MAX = 15
"""resolv.conf(5)."""
_NOT_IN_NAMES = frozenset(" \\%")
_NO_QUESTION = frozenset(("OPT", "TSIG", "TKEY", "NONE", "AXFR", "IXFR", "MAILB", "MAILA"))


def parse_name(text: str) -> str:
    """A name or an IP address, in lower case.

    Escapes and the zone of an IPv6 address are refused: not every library reads them alike.
    """
    names.from_text(text)
    is_dotted = text.strip(".") == text.removesuffix(".")
    if not (text and is_dotted and text.isprintable() and not set(text) & _NOT_IN_NAMES):
        raise ValueError(f"not a name: {text!r}")
    return text.lower()


def parse_type(text: str) -> str:
    """A record type that can be asked for, as its mnemonic."""
    try:
        word = dns.rdatatype.to_text(dns.rdatatype.from_text(text))
    except (dns.exception.DNSException, ValueError):
        raise ValueError(f"not a record type: {text!r}") from None
    if word in _NO_QUESTION:
        raise ValueError(f"not a type to ask for: {word}")
    return word


def default_type(name: str) -> str:
    """PTR for an IP address, A for a name."""
    try:
        ipaddress.ip_address(name)
    except ValueError:
        return "A"
    return "PTR"


def parse_pod(text: str) -> str:
    """`namespace/name`, or a namespace alone; empty for none."""
    namespace, slash, name = text.partition("/")
    if text and (not is_label(namespace) or (slash and not all(map(is_label, name.split("."))))):
        raise ValueError(f"not of the form namespace/name: {text!r}")
    return text


def parse_zone(text: str) -> str:
    """A domain name without its final dot; empty for none."""
    name = names.from_text(text)
    return names.to_text(name).removesuffix(".") if text else ""


def parse_ndots(text: str) -> int:
    """A number from 0 to NDOTS_MAX."""
    if not (text.isascii() and text.isdigit() and len(text) < 3 and int(text) <= NDOTS_MAX):
        raise ValueError(f"not a number from 0 to {NDOTS_MAX}: {text!r}")
    return int(text)
