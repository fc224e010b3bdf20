"""Compressed names in messages (RFC 1035 4.1.4): expanded, skipped, or refused."""

from __future__ import annotations

import dns.exception
import dns.name
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dnscore.wire import names
from dnscore.wire.errors import Malformed
from tests.dnscore.wire_strategies import names_mixed

LABELS_254 = (b"\x3f" + b"x" * 63) * 3 + b"\x3d" + b"y" * 61


def test_pointer_to_an_earlier_name() -> None:
    wire = b"\x03svc\x00" + b"\x01a\xc0\x00" + b"\x01b\xc0\x05"
    assert names.expand(wire, 5) == b"\x01a\x03svc\x00"
    assert names.expand(wire, 9) == b"\x01b\x01a\x03svc\x00"
    assert names.skip(wire, 9) == len(wire)


@pytest.mark.parametrize(
    ("wire", "at"),
    [
        (b"\xc0\x00", 0),  # itself
        (b"\x01a\xc0\x00", 0),  # a loop through a label
        (b"\xc0\x02\x01a\x00", 0),  # forward
        (b"\xc0\x02\xc0\x00", 2),  # back and forward again
        (b"\x00\x01a\xc0\x01", 1),  # into itself
        (b"\x01a", 0),
        (b"\x05ab", 0),
        (b"\xc0", 0),
        (b"", 0),
        (b"\x00", 1),
        (b"\x40" + b"x" * 64 + b"\x00", 0),  # extended label type
        (b"\x80\x00", 0),
        (b"\xbf\x00", 0),
    ],
)
def test_no_name(wire: bytes, at: int) -> None:
    with pytest.raises(Malformed):
        names.expand(wire, at)


@pytest.mark.parametrize("tail", [b"\x00", b"\xc0\x00"])
def test_longest_name_is_taken(tail: bytes) -> None:
    wire = b"\x00" + LABELS_254 + tail
    assert names.expand(wire, 1) == LABELS_254 + b"\x00"
    assert names.skip(wire, 1) == len(wire)


@pytest.mark.parametrize("tail", [b"\x01z\x00", b"\x01z\xc0\x00", b"\x00"])
def test_name_over_255_octets_is_refused(tail: bytes) -> None:
    labels = LABELS_254 if tail != b"\x00" else LABELS_254[:-62] + b"\x3e" + b"y" * 62
    wire = b"\x00" + labels + tail
    with pytest.raises(Malformed, match="255"):
        names.expand(wire, 1)
    with pytest.raises(Malformed, match="255"):
        names.skip(wire, 1)


def test_name_over_255_octets_made_of_pointers_is_refused() -> None:
    label = b"\x3f" + b"x" * 63
    wire = label * 3 + b"\x00" + label + b"\xc0\x00"
    with pytest.raises(Malformed, match="255"):
        names.expand(wire, 193)


def test_long_chain_of_pointers_ends() -> None:
    wire = b"\x00" + b"".join((0xC000 | at).to_bytes(2, "big") for at in [0, *range(1, 16000, 2)])
    assert names.expand(wire, len(wire) - 2) == b"\x00"


@given(names_mixed, st.binary(max_size=10), st.binary(max_size=10))
def test_uncompressed_name_is_itself(name: bytes, before: bytes, behind: bytes) -> None:
    wire = before + name + behind
    assert names.expand(wire, len(before)) == name
    assert names.skip(wire, len(before)) == len(before) + len(name)


octets = st.one_of(
    st.binary(max_size=60),
    st.lists(
        st.sampled_from(
            [
                b"\xc0\x00",
                b"\xc0\x03",
                b"\xc0\x07",
                b"\x01a",
                b"\x03abc",
                b"\x00",
                b"\x40",
                LABELS_254,
            ]
        ),
        max_size=10,
    ).map(b"".join),
)


@given(octets, st.integers(0, 60))
def test_any_octets_are_a_name_where_dnspython_says_so(wire: bytes, at: int) -> None:
    try:
        theirs, used = dns.name.from_wire(wire, at)
    except (dns.exception.DNSException, ValueError):
        with pytest.raises(Malformed):
            names.expand(wire, at)
        return
    if at >= len(wire):
        return
    assert names.expand(wire, at) == theirs.to_wire()
    assert names.skip(wire, at) == at + used


@given(octets, st.integers(0, 70))
def test_skipping_any_octets_ends_inside_the_message_or_is_malformed(wire: bytes, at: int) -> None:
    try:
        end = names.skip(wire, at)
    except Malformed:
        return
    assert at < end <= len(wire)
