"""Whatever octets a server sends, scanning them raises nothing but Malformed."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dnscore.wire.errors import Malformed
from dnscore.wire.scan import answers_question, scan_response, with_ttls, without_opt
from tests.dnscore.test_scan import responses


def scanned(wire: bytes, question: bytes) -> None:
    """Scan, cut and age what repeats the question."""
    if not answers_question(wire, question):
        return
    try:
        found = scan_response(wire, question)
    except Malformed:
        return
    cut = without_opt(wire, found)
    aged = with_ttls(cut, found.ttl_offsets, age_s=1, cap_s=600)
    assert len(aged) == len(cut) <= len(wire)
    assert answers_question(bytes(aged), question)
    again = scan_response(bytes(aged), question)
    assert again.opt == (0, 0)
    assert again.ttl_offsets == found.ttl_offsets


@given(responses(), st.data())
def test_changed_octets(response: tuple[bytes, bytes], data: st.DataObject) -> None:
    wire, question = response
    changed = bytearray(wire)
    for _ in range(data.draw(st.integers(1, 6))):
        at = data.draw(st.integers(0, len(changed) - 1))
        changed[at] = data.draw(st.integers(0, 255))
    scanned(bytes(changed), question)


@given(st.binary(max_size=200), responses())
def test_any_octets_behind_the_question(tail: bytes, response: tuple[bytes, bytes]) -> None:
    wire, question = response
    scanned(wire[: 12 + len(question)] + tail, question)


@given(st.binary(max_size=40))
def test_any_octets(wire: bytes) -> None:
    question = b"\1a\0\0\1\0\1"
    try:
        scan_response(wire, question)
    except Malformed as error:
        assert error.offset >= 0


@given(responses())
def test_cut_at_every_octet(response: tuple[bytes, bytes]) -> None:
    wire, question = response
    start = 12 + len(question)
    for size in range(start, len(wire)):
        with pytest.raises(Malformed):
            scan_response(wire[:size], question)
