"""The answer to a question about the zone, before it is bytes."""

from __future__ import annotations

from dataclasses import dataclass

from dnscore.wire.build import Record


@dataclass(frozen=True, slots=True)
class Answer:
    """Records by section, and how long they hold."""

    rcode: int
    answers: tuple[Record, ...] = ()
    authorities: tuple[Record, ...] = ()
    additionals: tuple[Record, ...] = ()
    depends: tuple[bytes, ...] = ()
    """Folded names that were looked at: the answer may differ once `TreeCache.apply` returns
    one of them. Empty for what only the options decide."""
    chase: bytes | None = None
    """Folded target of the last CNAME, outside the zone: somebody else has the rest."""
    ttl_max_s: int | None = None
    """What the TTLs of that rest are cut to; None for no limit."""
    turning: int = 0
    """How many records at the end of the answers are addresses of one name, in any order."""
    volatile: bool = False
    """Whether it may change without any name that says so, as the zone's serial does."""
