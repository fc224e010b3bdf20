"""The servers of one route: which to ask first, which next, which have failed of late.

Pure; times are monotonic seconds. A server that does not answer is set aside for a while, so a
dead one costs one try and not one try per query; when all are aside they are asked all the same,
because a wrong guess about health must not become an outage.
"""

from __future__ import annotations

from dnscore.net.address import Address

ASIDE_S = 5.0
"""How long a server that failed is asked only after the others."""
_SMOOTHING = 0.2
"""Weight of a new round-trip time, as TCP's SRTT has 1/8 (RFC 6298 2.3)."""


class Server:
    """One server and what is known of it."""

    __slots__ = ("address", "aside_until", "failed", "sent", "srtt_s")

    def __init__(self, address: Address) -> None:
        self.address = address
        self.aside_until = 0.0
        self.srtt_s = 0.0
        self.sent = 0
        """Queries sent."""
        self.failed = 0
        """Queries without a usable answer."""

    def answered(self, rtt_s: float) -> None:
        """A usable answer came."""
        self.aside_until = 0.0
        self.srtt_s += (rtt_s - self.srtt_s) * _SMOOTHING

    def missed(self, now: float) -> None:
        """No usable answer: silence, a closed port, SERVFAIL or REFUSED."""
        self.failed += 1
        self.aside_until = now + ASIDE_S


class ServerGroup:
    """The servers of a route."""

    __slots__ = ("pending", "servers")

    def __init__(self, addresses: tuple[Address, ...]) -> None:
        self.servers = [Server(address) for address in addresses]
        self.pending = 0
        """Questions that wait for one of them."""

    def choose(self, tried: tuple[Server, ...], now: float) -> Server | None:
        """The server to ask next, None when each has been tried."""
        if not tried and len(self.servers) == 1:
            return self.servers[0]
        left = [server for server in self.servers if server not in tried]
        if not left:
            return None
        chosen = min(left, key=lambda s: (s.aside_until > now, s.srtt_s))
        if chosen.aside_until:
            # One question finds out whether it is back; meanwhile the others go elsewhere.
            chosen.aside_until = now + ASIDE_S
        return chosen
