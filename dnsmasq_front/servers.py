"""The servers of one route: which to ask first, which next, which are in doubt.

Pure; times are monotonic seconds. A server that lets its usual time pass is overdue, one whose
try has ended without an answer is missing: others are preferred until it has said something, and
the probes, not the clients, wait for that. When all are in doubt they are asked all the same,
because a wrong guess about health must not become an outage.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from dnscore.net.address import Address

TRY_S = 2.0
"""Wait for one server's answer."""
PATIENCE_S = 0.2
"""Least wait before another server is asked beside one that is slower than it uses to be."""
_FIRST_PATIENCE_S = 0.4
"""That wait for a server that has not answered yet."""
SILENT_MAX = 8
"""Questions in a row without an answer that make a server overdue once it has been silent for
SILENT_S: under load hundreds would be sent to a dead one until the first of them is overdue."""
SILENT_S = 0.02
"""Least time for that; a slower server has four times what it usually takes."""
SECOND_ASKED_SHARE = 0.1
"""Share of the questions that may be asked of a second server beside the first, in the long run:
when all have become slow, asking twice would make them slower."""
_SECOND_ASKED_BURST = 256.0
CONTRADICTIONS_MAX = 3
"""Failures in a row that another server's good answers belie, until a server counts as broken."""
CASE_MISSES_MAX = 3
"""Answers in a row in another spelling than asked until a server counts as one that folds case."""
_SMOOTHING = 0.125
_VARIATION_SMOOTHING = 0.25  # RFC 6298 2.3, as is the one above.
_FADING = 0.98
"""What is left, per answer, of the times of the servers that were not asked: each is asked again
some day, as things may have changed (BIND and Unbound do so as well)."""

FINE, OVERDUE, MISSING = 0, 1, 2
"""Grades of doubt."""

IsNear = Callable[[Address], bool]
"""Whether nobody off this machine can answer in a server's place."""


def on_this_machine(server: Address) -> bool:
    """The IsNear that is true outside tests."""
    return server.is_loopback


class Server:
    """One server and what is known of it."""

    __slots__ = (
        "address",
        "answered_at",
        "case_misses",
        "contradictions",
        "doubt",
        "failed",
        "family",
        "folds_case",
        "in_loop",
        "is_near",
        "line",
        "lost",
        "nxdomain",
        "retried",
        "sent",
        "silent_since",
        "srtt_s",
        "unanswered",
        "variation_s",
    )

    def __init__(self, address: Address, *, is_near: bool = True) -> None:
        self.address = address
        self.family = address.family
        self.is_near = is_near
        self.line: Any = None
        """The transport's: by what its questions go out."""
        self.doubt = FINE
        self.lost = b""
        """The query, behind its ID, that it did not answer, or not as well as another."""
        self.in_loop = False
        """It sends our questions back to us; it is not asked until the next list of servers."""
        self.contradictions = 0
        self.folds_case = False
        """It does not repeat questions letter by letter."""
        self.case_misses = 0
        self.unanswered = 0
        """Questions since it spoke last, the first of them at `silent_since`."""
        self.silent_since = 0.0
        self.answered_at = 0.0
        self.srtt_s = 0.0
        """Smoothed round-trip time; 0 before the first answer."""
        self.variation_s = 0.0
        self.sent = 0
        """Queries sent."""
        self.failed = 0
        """Queries without a usable answer."""
        self.retried = 0
        """Queries sent after another try of the same question."""
        self.nxdomain = 0
        """Answers that there is no such name."""

    @property
    def patience_s(self) -> float:
        """How long an answer may take before others are thought of (RFC 6298 2.3)."""
        if not self.srtt_s:
            return _FIRST_PATIENCE_S
        return min(max(PATIENCE_S, self.srtt_s + 4 * self.variation_s), TRY_S)

    def asked(self, now: float) -> None:
        """It gets a question."""
        if not self.unanswered:
            self.silent_since = now
        self.unanswered += 1

    def is_silent(self, now: float) -> bool:
        """Whether it has left many questions of the last moment without a word."""
        if self.unanswered < SILENT_MAX:
            return False
        usual_s = 4 * (self.srtt_s + self.variation_s) or _FIRST_PATIENCE_S
        return now - self.silent_since > max(SILENT_S, usual_s)

    def answered(self, rtt_s: float) -> None:
        """A usable answer came."""
        self.doubt = FINE
        self.unanswered = self.contradictions = 0
        usual = self.srtt_s
        if not usual:
            self.srtt_s, self.variation_s = rtt_s, rtt_s / 2
            return
        off = rtt_s - usual
        self.srtt_s = usual + off * _SMOOTHING
        if off < 0:
            off = -off
        self.variation_s += (off - self.variation_s) * _VARIATION_SMOOTHING

    def spoke(self) -> None:
        """It answered, if only to say that it could not."""
        self.unanswered = 0
        if self.doubt == OVERDUE:
            self.doubt = FINE

    def overdue(self, query: bytes) -> None:
        """It takes longer than usual to answer a query."""
        if self.doubt == FINE:
            self.doubt, self.lost = OVERDUE, query

    def missed(self, query: bytes) -> None:
        """No answer at all: silence, a closed port, no route."""
        self.failed += 1
        self.doubt, self.lost = MISSING, query

    def contradicted(self, query: bytes) -> None:
        """It failed where another server knew the answer."""
        self.contradictions += 1
        if self.contradictions >= CONTRADICTIONS_MAX:
            self.doubt, self.lost = MISSING, query

    def spelled_otherwise(self, *, certain: bool) -> None:
        """An answer came to our question, but not in our spelling; `certain`: not by a forger."""
        self.case_misses += 1
        if certain or self.case_misses >= CASE_MISSES_MAX:
            self.folds_case = True


class ServerGroup:
    """The servers of a route."""

    __slots__ = ("_second_asked", "is_impatient", "only", "pending", "servers", "strict")

    def __init__(self, servers: Iterable[Server], *, strict: bool = False) -> None:
        """`strict`: they are preferred in the order given, not by their speed."""
        self.servers = tuple(servers)
        self.only = self.servers[0] if len(self.servers) == 1 else None
        """The one server, if there is no other."""
        self.strict = strict
        self.is_impatient = len(self.servers) > 1 and not strict
        """Whether a second one may be asked beside one that is slow."""
        self.pending = 0
        """Questions that wait for one of them."""
        self._second_asked = _SECOND_ASKED_BURST

    # HOT: once per question that is asked of a server.
    def choose(self, tried: tuple[Server, ...], now: float) -> Server | None:
        """The server to ask next, None when each has been tried."""
        left = [server for server in self.servers if server not in tried and not server.in_loop]
        if not left:
            return None
        self._second_asked = min(self._second_asked + SECOND_ASKED_SHARE, _SECOND_ASKED_BURST)
        if self.strict:
            return min(left, key=lambda server: server.doubt == MISSING)
        chosen = min(left, key=lambda server: (server.doubt, server.srtt_s))
        if chosen.doubt == FINE and chosen.is_silent(now):
            chosen.doubt = OVERDUE
            chosen = min(left, key=lambda server: (server.doubt, server.srtt_s))
        chosen.asked(now)
        return chosen

    @property
    def usable(self) -> list[Server]:
        """Those that may be asked at all."""
        return [server for server in self.servers if not server.in_loop]

    def take_second(self, tried: tuple[Server, ...]) -> bool:
        """Whether a server that is not in doubt may be asked beside those that have been."""
        if self._second_asked < 1 or all(
            server.doubt or server.in_loop or server in tried for server in self.servers
        ):
            return False
        self._second_asked -= 1
        return True

    def answered(self, server: Server, rtt_s: float) -> None:
        """A usable answer came from one of them."""
        server.answered(rtt_s)
        if self.is_impatient:
            for other in self.servers:
                if other is not server:
                    other.srtt_s *= _FADING
