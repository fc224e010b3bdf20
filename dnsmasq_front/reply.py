"""A response as one client wants it: its ID, its spelling, its flags, its size, its OPT.

The body comes from the cache or from another server, without OPT. Pure.
"""

from __future__ import annotations

from struct import Struct, error

from dnscore.wire import names
from dnscore.wire.build import opt_record, size_limit
from dnscore.wire.const import AA, CD, HEADER_SIZE, OPCODE_MASK, QR, RA, RCODE_MASK, RD, TC
from dnscore.wire.errors import Malformed
from dnscore.wire.query import Query
from dnscore.wire.scan import Scan, without_opt

_FLAGS = Struct("!H")
_COUNTS = Struct("!HHH")
_FIXED = Struct("!HHIH")


def bare_body(wire: bytes, scan: Scan) -> bytes:
    """A server's response without its OPT record and without octets behind the last record.

    What stands behind would hide the OPT record that each client gets there.
    """
    body = without_opt(wire, scan)
    if not scan.ttl_offsets:
        return body[: scan.question_end]
    at = scan.ttl_offsets[-1] + 4
    return body[: at + 2 + (body[at] << 8 | body[at + 1])]


# HOT: once per query that no prebuilt answer fits.
def reply(
    body: bytes,
    query: Query,
    *,
    stream: bool,
    authoritative: bool,
    extended_error: int | None = None,
) -> bytes:
    """The response to `query`, ID included.

    `body` is a whole response to the same question without OPT: its ID, question spelling and
    flags are replaced. RA is always set (we recurse), AD never (we do not validate, RFC 6840
    5.8), AA only where the answer comes straight from its server. `extended_error` is an RFC 8914
    code for clients that sent an OPT record.
    """
    upstream = body[2] << 8 | body[3]
    flags = QR | RA | (upstream & (TC | RCODE_MASK)) | (query.flags & (OPCODE_MASK | RD | CD))
    if authoritative:
        flags |= upstream & AA
    wire = query.wire
    end = query.question_end
    if not query.edns:
        if len(body) <= 512 or stream:
            return wire[:2] + _FLAGS.pack(flags) + body[4:12] + wire[12:end] + body[end:]
        opt = b""
    else:
        opt = opt_record(query, rcode=0, extended_error=extended_error)
    limit = size_limit(query, stream=stream) - len(opt)
    body, truncated = _fit(body, limit, end)
    if truncated:
        flags |= TC
    head = wire[:2] + _FLAGS.pack(flags) + body[4:10]
    additionals = (body[10] << 8 | body[11]) + (1 if opt else 0)
    return head + _FLAGS.pack(additionals) + wire[12:end] + body[end:] + opt


def _fit(body: bytes, limit: int, question_end: int) -> tuple[bytes, bool]:
    """The whole records that fit in `limit` octets, and whether an answer is missing.

    Stub resolvers without TCP use the answers that are there, so as many stay as fit.
    """
    if len(body) <= limit:
        return body, False
    counts = _COUNTS.unpack_from(body, 6)
    at, kept = question_end, [0, 0, 0]
    for section in range(3):
        for _ in range(counts[section]):
            end = _record_end(body, at)
            if end > limit:
                # RFC 2181 9: TC only when something other than additional data is missing.
                missing = section < 2 or kept[0] < counts[0]
                return body[:6] + _COUNTS.pack(*kept) + body[HEADER_SIZE:at], missing
            at = end
            kept[section] += 1
    return body[:at], False


def _record_end(wire: bytes, at: int) -> int:
    fixed = names.skip(wire, at)
    try:
        return fixed + 10 + int(_FIXED.unpack_from(wire, fixed)[3])
    except error:
        raise Malformed("record runs out of the message", offset=at) from None
