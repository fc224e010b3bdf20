"""What clients get who have waited for another server: its answer, an older one, or a failure."""

from __future__ import annotations

from collections.abc import Iterable

from dnscore.wire.build import build_response, size_limit
from dnscore.wire.const import EDE_STALE, RA
from dnsmasq_front.pending import Waiter
from dnsmasq_front.reply import reply


def deliver(body: bytes, waiters: Iterable[Waiter], *, error: int | None) -> None:
    """A server's answer (without OPT) for each, in its own spelling and size.

    `error` is an RFC 8914 code, as in the others.
    """
    for asked, id_, peer, via in waiters:
        response = reply(
            body, asked.query, stream=via.stream, authoritative=True, extended_error=error
        )
        via.send(id_ + response[2:], peer)


def deliver_plain(wire: bytes, question: bytes, waiters: Iterable[Waiter]) -> None:
    """A plain answer (see plain_ttl) to a question for each, in its own spelling."""
    for asked, id_, peer, via in waiters:
        via.send(id_ + asked.plain_reply_of(wire, question), peer)


def deliver_unconfirmed(body: bytes, waiters: Iterable[Waiter]) -> None:
    """What the cache still has for each, as its servers say nothing (RFC 8767)."""
    for waiter in waiters:
        _, id_, peer, via = waiter
        via.send(id_ + unconfirmed(body, waiter)[2:], peer)


def deliver_failure(waiters: Iterable[Waiter], rcode: int, error: int) -> None:
    """A failure of our own for each."""
    for waiter in waiters:
        _, id_, peer, via = waiter
        via.send(id_ + failure(waiter, rcode, error)[2:], peer)


def unconfirmed(body: bytes, waiter: Waiter) -> bytes:
    """What the cache still has, under the ID of the waiter's query."""
    asked, _, _, via = waiter
    return reply(
        body, asked.query, stream=via.stream, authoritative=False, extended_error=EDE_STALE
    )


def failure(waiter: Waiter, rcode: int, error: int) -> bytes:
    """The response under the ID of the waiter's query."""
    asked, _, _, via = waiter
    query = asked.query
    limit = size_limit(query, stream=via.stream)
    return build_response(query, flags=RA, rcode=rcode, limit=limit, extended_error=error)
