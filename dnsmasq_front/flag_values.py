"""Values of dnsmasq's flags: each parser raises ValueError with the reason. Pure."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Callable

from dnscore.wire import names
from dnscore.wire.const import ANY, TYPE_NAMES

TTL_MAX = 0x7FFFFFFF
CACHE_RECORDS_MAX = 5_000_000
"""dnsmasq takes more for this many."""
MIN_CACHE_TTL_MAX_S = 3600
"""dnsmasq(8): "limited to one hour unless recompiled"."""
EDNS_MIN, EDNS_MAX = 512, 4096
"""RFC 6891 6.2.3 for the lesser; what is read of a datagram here for the larger."""
STALE_S = 86400.0
"""dnsmasq(8): one day unless told otherwise; RFC 8767 5 has one to three."""
_WHOLE = re.compile(r"[0-9]{1,18}")
_FACILITIES = frozenset(
    (
        *("auth", "authpriv", "cron", "daemon", "ftp", "kern", "lpr", "mail", "news"),
        *("syslog", "user", "uucp", *(f"local{number}" for number in range(8))),
    )
)
_TYPE_NUMBERS = {name: number for number, name in TYPE_NAMES.items()}


def whole(minimum: int = 0, maximum: int | None = None) -> Callable[[str], int]:
    """A parser of decimal numbers within bounds that are part of the range."""

    def parse(text: str) -> int:
        if not _WHOLE.fullmatch(text):
            raise ValueError(f"not a whole number: {text!r}")
        number = int(text)
        if number < minimum:
            raise ValueError(f"{number} is less than {minimum}")
        if maximum is not None and number > maximum:
            raise ValueError(f"{number} is more than {maximum}")
        return number

    return parse


def at_most(maximum: int) -> Callable[[str], int]:
    """A parser of decimal numbers, of which those over `maximum` mean that."""
    parse = whole()
    return lambda text: min(parse(text), maximum)


def or_none(text: str) -> int:
    """A TTL, 0 being none at all."""
    return min(whole()(text), TTL_MAX) or TTL_MAX


def cache_records(text: str) -> int:
    """Records in the cache."""
    return at_most(CACHE_RECORDS_MAX)(text)


def edns_size(text: str) -> int:
    """A UDP payload size; too small and too large ones become the nearest that is none."""
    return max(EDNS_MIN, at_most(EDNS_MAX)(text))


def stale_seconds(text: str) -> float:
    """For how long a stale answer is given; 0 is for ever, nothing is a day."""
    if not text:
        return STALE_S
    return float(whole()(text)) or float("inf")


def port(text: str) -> int:
    """The port to serve on."""
    number = whole(0, 65535)(text)
    if not number:
        raise ValueError("0 would turn DNS off, and there is nothing else to serve")
    return number


def query_port(text: str) -> None:
    """The source port of queries, which may only be 0: whichever."""
    if whole(0, 65535)(text):
        raise ValueError("a fixed source port would let anybody forge answers (RFC 5452 4.5)")


def ips(text: str) -> tuple[str, ...]:
    """IP addresses between commas."""
    found = []
    for part in text.split(","):
        try:
            found.append(str(ipaddress.ip_address(part.strip())))
        except ValueError:
            raise ValueError(f"not an IP address: {part!r}") from None
    return tuple(found)


def words(text: str) -> tuple[str, ...]:
    """Words between commas, at least one."""
    found = tuple(part.strip() for part in text.split(","))
    if not all(found):
        raise ValueError(f"a word is missing: {text!r}")
    return found


def path(text: str) -> str:
    """A file or directory."""
    if not text or "\0" in text:
        raise ValueError(f"not a path: {text!r}")
    return text


def domain(text: str) -> bytes:
    """A domain as a wire name; dnsmasq's further words are about DHCP."""
    if "," in text:
        raise ValueError(f"a range of addresses makes sense for DHCP only: {text!r}")
    return names.from_text(text)


def record_types(text: str) -> frozenset[int]:
    """Record types by name or number, between commas; ANY has no effect, as it is minimal here."""
    found = set()
    for word in words(text):
        upper = word.upper().removeprefix("TYPE")
        if upper.isdigit() and len(upper) < 6 and 0 < int(upper) < 65536:
            found.add(int(upper))
        elif upper in _TYPE_NUMBERS:
            found.add(_TYPE_NUMBERS[upper])
        else:
            raise ValueError(f"not a record type: {word!r}")
    return frozenset(found - {ANY})


def log_queries(text: str) -> str:
    """How queries are logged."""
    if text not in ("", "extra"):
        raise ValueError(f"nothing or extra, not {text!r}")
    return text or "plain"


def log_facility(text: str) -> str:
    """`-`, a file, or the name of a syslog facility."""
    if text == "-" or "/" in text or text.lower() in _FACILITIES:
        return text
    raise ValueError(f"neither -, a path nor a syslog facility: {text!r}")


def local_service(text: str) -> None:
    """`net` or `host`."""
    if text not in ("", "net", "host"):
        raise ValueError(f"net or host, not {text!r}")


def retry_times(text: str) -> None:
    """`ms[,ms]`, at least 50 each."""
    if text:
        for word in words(text):
            whole(50)(word)


def queue_length(text: str) -> None:
    """Lines in a queue of the log."""
    if text:
        whole(0, 100)(text)
