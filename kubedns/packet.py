"""Answers as bytes: what fits the client, and what of it may be kept for the same question."""

from __future__ import annotations

from dnscore.wire.build import build_response, opt_record, size_limit
from dnscore.wire.const import AA, RA
from dnscore.wire.query import Query
from dnscore.wire.rotate import Rotation
from kubedns.answer import Answer

FLAGS = AA | RA
"""Authoritative for what is in the zone; recursion is there too, other names being forwarded."""
_OPT_SIZE = 11
_FIXED_SIZE = 12  # An owner that is a pointer (2), type, class, TTL, data length (10).


def answer_packet(query: Query, answer: Answer, *, stream: bool) -> bytes:
    """The response to a query, ID included."""
    return build_response(
        query,
        flags=FLAGS,
        rcode=answer.rcode,
        answers=answer.answers,
        authorities=answer.authorities,
        additionals=answer.additionals,
        limit=size_limit(query, stream=stream),
    )


def is_plain(query: Query) -> bool:
    """Whether a client may send the same packet again: nothing behind the question but an empty
    OPT record. A cookie (RFC 7873) differs from client to client and would crowd out the rest."""
    extra = len(query.wire) - query.question_end
    return extra == (_OPT_SIZE if query.edns else 0)


def rotation(query: Query, answer: Answer, packet: bytes) -> Rotation | None:
    """The packet of an answer with several addresses, as one whose addresses take turns.

    `packet` is the whole response, truncated or not. None when no address is in it.
    """
    addresses = answer.answers[-answer.turning :]
    shown = int.from_bytes(packet[6:8], "big") - (len(answer.answers) - answer.turning)
    tail = opt_record(query, rcode=answer.rcode) if query.edns else b""
    stride = _FIXED_SIZE + len(addresses[0].rdata)
    start = len(packet) - len(tail) - stride * max(shown, 0)
    fixed = packet[start : start + _FIXED_SIZE]
    # Every address has the same owner, a pointer to where that was written first.
    if shown < 1 or fixed[0] < 0xC0 or not packet.endswith(tail):
        return None
    block = b"".join([fixed + record.rdata for record in addresses])
    return Rotation(packet[2:start], block, tail, count=len(addresses), shown=shown)
