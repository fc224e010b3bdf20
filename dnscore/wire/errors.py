"""What can be wrong with a message from the network, and what its sender is told.

The peer must act on all of them; none is a failure of this process.
"""

from __future__ import annotations

from dnscore.wire.const import FORMERR, NOTIMP


class WireError(Exception):
    """A message that cannot be used."""

    rcode: int | None = None
    """The response code to answer with; None means to stay silent."""


class Ignored(WireError):
    """Nothing may be answered: too short for a header, or itself a response (RFC 1035 7.3)."""


class Malformed(WireError):
    """The peer broke the format."""

    rcode = FORMERR

    def __init__(self, what: str, *, offset: int) -> None:
        super().__init__(f"{what} at byte {offset}")
        self.offset = offset


class Unsupported(WireError):
    """A well-formed message of a kind that is not served (RFC 1035 4.1.1: NOTIMP)."""

    rcode = NOTIMP
