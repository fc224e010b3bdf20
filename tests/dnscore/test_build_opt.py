"""The OPT record of a response (RFC 6891) and the extended error in it (RFC 8914)."""

from __future__ import annotations

import dns.edns
import dns.flags
import dns.message
import pytest
from hypothesis import given

from dnscore.wire.build import build_response
from dnscore.wire.const import BADVERS, EDE_NOT_READY
from dnscore.wire.query import parse_query
from tests.dnscore.wire_strategies import queries, read_back


@given(queries())
def test_echoed_to_those_who_sent_one(wire: bytes) -> None:
    query = parse_query(wire)
    message = read_back(build_response(query, flags=0, rcode=0, limit=512))
    if not query.edns:
        assert message.edns == -1
        return
    assert message.edns == 0, "version 0 is what we speak, whatever was asked"
    assert message.payload == 1232
    assert message.ednsflags == (dns.flags.DO if query.do else 0)
    assert message.options == ()


@given(queries())
def test_extended_error_goes_to_clients_with_edns(wire: bytes) -> None:
    query = parse_query(wire)
    response = build_response(query, flags=0, rcode=2, limit=512, extended_error=EDE_NOT_READY)
    message = read_back(response)
    expected = (dns.edns.EDEOption(dns.edns.EDECode.NOT_READY, None),) if query.edns else ()
    assert message.options == expected


@pytest.mark.parametrize("rcode", [0, 5, 15, BADVERS, 23, 4095])
def test_rcodes_over_15_have_their_upper_bits_in_the_opt(rcode: int) -> None:
    query = parse_query(dns.message.make_query("a.", "A", use_edns=0).to_wire())
    assert read_back(build_response(query, flags=0, rcode=rcode, limit=512)).rcode() == rcode
