"""Whatever octets come, reading them as a query raises nothing but WireError."""

from __future__ import annotations

import dns.message
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from dnscore.wire.build import build_response, error_response
from dnscore.wire.errors import WireError
from dnscore.wire.query import Query, parse_query
from tests.dnscore.wire_strategies import queries


def parsed(wire: bytes) -> Query | None:
    """The query, or None where it is refused; what is refused with an rcode can be answered."""
    try:
        return parse_query(wire)
    except WireError as error:
        if error.rcode is not None:
            response = dns.message.from_wire(error_response(wire, error.rcode))
            assert response.rcode() == error.rcode
            assert response.id == int.from_bytes(wire[:2], "big")
        return None


@given(st.binary(max_size=600))
@example(b"\0" * 12)
@example(b"\0" * 4 + b"\xff" * 8)
def test_any_octets(wire: bytes) -> None:
    parsed(wire)


@given(queries(), st.data())
def test_changed_octets(wire: bytes, data: st.DataObject) -> None:
    changed = bytearray(wire)
    for _ in range(data.draw(st.integers(1, 6))):
        at = data.draw(st.integers(0, len(changed) - 1))
        changed[at] = data.draw(st.integers(0, 255))
    query = parsed(bytes(changed))
    if query is not None:
        response = build_response(query, flags=0, rcode=0, limit=512)
        assert dns.message.from_wire(response).id == query.id


@given(queries())
def test_cut_at_every_octet(wire: bytes) -> None:
    for size in range(len(wire)):
        with pytest.raises(WireError):
            parse_query(wire[:size])
