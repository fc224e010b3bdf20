"""Questions for ANY: one small record instead of all there are (RFC 8482 4.2).

Their long answers serve reflection attacks and nobody else. The cluster's own server is asked all
the same: it answers as small, and probes that ask it for ANY want to know that it lives. Pure.
"""

from __future__ import annotations

from dnscore.wire.build import Record, build_response, size_limit
from dnscore.wire.const import HINFO, NOERROR, RA
from dnscore.wire.query import Query

TTL_S = 3600
_RDATA = b"\x07RFC8482\x00"


def minimal_any(query: Query, *, stream: bool) -> bytes:
    """The response to a question for ANY about a name that others answer for."""
    record = Record(query.name, HINFO, TTL_S, _RDATA)
    limit = size_limit(query, stream=stream)
    return build_response(query, flags=RA, rcode=NOERROR, answers=[record], limit=limit)
