"""One HTTP connection: octets in, requests out, one answer at a time; pure.

A request that arrives while another is being answered waits in the connection's own bounded
inbox, and nothing more is read meanwhile: the client's socket holds it back.
"""

from __future__ import annotations

import enum

from sidecar.http_reply import Reply, error_reply, render
from sidecar.http_request import HEAD_MAX, Refused, Request, parse_head

HEAD_S = 10.0
"""In which a whole request must come, counted from its first octet or the connection's begin."""
IDLE_S = 90.0
"""Between two requests: more than a scrape interval of a minute."""
ANSWER_S = 30.0
"""In which a client must have read its answer."""
DRAIN_S = 2.0
"""How long a refused client may go on sending: closing at once would take the answer from it
(RFC 9112 9.6)."""

_END = b"\r\n\r\n"


class Phase(enum.Enum):
    """What a connection is doing."""

    READING = enum.auto()
    RENDERING = enum.auto()
    """A page is being made."""
    WRITING = enum.auto()
    DRAINING = enum.auto()
    """Everything has been answered; what still comes is dropped."""
    OVER = enum.auto()


class Connection:
    """The state of one connection. Times are monotonic seconds."""

    __slots__ = (
        "_closing",
        "_refused",
        "_request",
        "_scanned",
        "deadline",
        "inbox",
        "out",
        "phase",
    )

    def __init__(self, now: float) -> None:
        self.phase = Phase.READING
        self.deadline = now + HEAD_S
        """When the connection is to be closed unless it gets on."""
        self.inbox = bytearray()
        self.out = b""
        """What is to be sent."""
        self._scanned = 0
        self._request: Request | None = None
        self._closing = False
        self._refused = False

    @property
    def drains(self) -> bool:
        """Everything has been answered, and nothing more will be."""
        return self.phase is Phase.DRAINING

    def receive(self, data: bytes, now: float) -> None:
        """Take in what the client sent."""
        if self.drains:
            return
        if not self.inbox and self.phase is Phase.READING:
            self.deadline = min(self.deadline, now + HEAD_S)
        self.inbox += data

    def next_request(self, now: float) -> Request | None:
        """The next whole request, which is then to be answered; None while there is none.

        One that cannot be served is answered here.
        """
        if self.phase is not Phase.READING:
            return None
        while self.inbox.startswith(b"\r\n"):  # RFC 9112 2.2
            del self.inbox[:2]
            self._scanned = 0
        end = self.inbox.find(_END, max(0, self._scanned - len(_END) + 1), HEAD_MAX)
        if end < 0:
            self._scanned = len(self.inbox)
            if len(self.inbox) >= HEAD_MAX:
                is_target = self.inbox.find(b"\r\n", 0, HEAD_MAX) < 0
                self._refuse(414 if is_target else 431, now)
            return None
        head = bytes(self.inbox[:end])
        del self.inbox[: end + len(_END)]
        self._scanned = 0
        try:
            self._request = parse_head(head)
        except Refused as refused:
            self._refuse(refused.status, now)
            return None
        self.phase = Phase.RENDERING
        self.deadline = float("inf")
        return self._request

    def answer(self, reply: Reply, now: float) -> None:
        """Answer the request at hand."""
        request = self._request
        keep_alive = request is not None and request.keep_alive and not self._closing
        self._closing = not keep_alive
        head_only = request is not None and request.method == "HEAD"
        self.out = render(reply, keep_alive=keep_alive, head_only=head_only)
        self._request = None
        self.phase = Phase.WRITING
        self.deadline = now + ANSWER_S

    def sent(self, count: int, now: float) -> None:
        """So many octets of `out` have gone."""
        self.out = self.out[count:]
        if self.out:
            return
        if self._refused:
            self.phase = Phase.DRAINING
            self.deadline = now + DRAIN_S
        elif self._closing:
            self.phase = Phase.OVER
        else:
            self.phase = Phase.READING
            self.deadline = now + (HEAD_S if self.inbox else IDLE_S)

    def _refuse(self, status: int, now: float) -> None:
        self.inbox.clear()
        self._closing = self._refused = True
        self.answer(error_reply(status), now)
