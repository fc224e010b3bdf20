"""Asking: which server of its group a question goes to, how it is spelled, and until when it waits.

Pure: what is to be sent goes to the Transport.
"""

from __future__ import annotations

from dnsmasq_front.pending import Pending, Transport, Try
from dnsmasq_front.servers import TRY_S, Server
from dnsmasq_front.spelling import RandomBytes


class Tries:
    """Starts them."""

    def __init__(
        self, transport: Transport, *, random_bytes: RandomBytes, all_servers: bool
    ) -> None:
        """With `all_servers` all of a group are asked at once."""
        self._transport = transport
        self._send = transport.send
        self._random_bytes = random_bytes
        self._all_servers = all_servers

    def ask_more(self, pending: Pending, now: float) -> bool:
        """Ask the next server of the group, or all of them; whether one was asked."""
        asked = False
        while now < pending.deadline:
            server = pending.group.choose(pending.tried, now)
            if server is None:
                break
            if pending.tried:
                pending.is_simple = False
                server.retried += 1
            pending.tried = (*pending.tried, server)
            if not self.start(pending, server, now, False):
                server.missed(pending.outgoing)
            elif self._all_servers:
                asked = True
            else:
                return True
        return asked

    # HOT: once per question that only one server is to be asked.
    def begin(self, pending: Pending, server: Server, now: float) -> bool:
        """Ask the only server of a group, for the first time; whether that was possible.

        `look_at` is TRY_S from now, the latest that it can be.
        """
        if not server.is_near:
            return self.start(pending, server, now, False)
        asked = pending.asked
        attempt = Try(pending, server, asked.question, asked.plain_start, now, False)
        server.sent += 1
        pending.tries = (attempt,)
        try:
            self._send(asked.outgoing, attempt)
        except OSError:
            pending.tries = ()
            return False
        return True

    # HOT: once per question that is asked of a server.
    def start(self, pending: Pending, server: Server, now: float, stream: bool) -> bool:
        """Ask a server; whether that was possible."""
        asked = pending.asked
        if server.is_near or server.folds_case:
            query = asked.outgoing
            attempt = Try(pending, server, asked.question, asked.plain_start, now, stream)
        else:
            question, query, start = asked.spelling.draw(self._random_bytes)
            attempt = Try(pending, server, question, start, now, stream)
        server.sent += 1
        tries, send = pending.tries, self._send
        until = (tries[0].sent_at if tries else now) + TRY_S
        if stream:
            send = self._transport.send_stream
            pending.is_simple = False
            server.retried += 1
        elif pending.group.is_impatient:
            until = min(until, now + server.patience_s)
        try:
            send(query, attempt)
        except OSError:
            return False
        pending.tries = (*tries, attempt) if tries else (attempt,)
        pending.look_at = until if until < pending.deadline else pending.deadline
        return True
