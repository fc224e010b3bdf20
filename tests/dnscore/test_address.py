"""Addresses as people and dnsmasq write them."""

from __future__ import annotations

import socket

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from dnscore.net.address import Address, parse_address, parse_port


@pytest.mark.parametrize(
    ("text", "address"),
    [
        ("10.0.0.10", Address("10.0.0.10", 53)),
        ("10.0.0.10:5353", Address("10.0.0.10", 5353)),
        ("::1", Address("::1", 53)),
        ("fd00:0:0::10", Address("fd00::10", 53)),
        ("[fd00::10]", Address("fd00::10", 53)),
        ("[fd00::10]:5353", Address("fd00::10", 5353)),
        ("fe80::1%eth0", Address("fe80::1%eth0", 53)),
    ],
)
def test_with_a_colon(text: str, address: Address) -> None:
    assert parse_address(text, default_port=53) == address


@pytest.mark.parametrize(
    ("text", "address"),
    [
        ("10.0.0.10", Address("10.0.0.10", 53)),
        ("10.0.0.10#5353", Address("10.0.0.10", 5353)),
        ("::1#5353", Address("::1", 5353)),
        ("::1", Address("::1", 53)),
        ("[::1]#5353", Address("::1", 5353)),
    ],
)
def test_with_dnsmasqs_hash(text: str, address: Address) -> None:
    assert parse_address(text, default_port=53, separator="#") == address


@pytest.mark.parametrize(
    "text",
    [
        *["", ":", ":53", "10.0.0.10:", "10.0.0.10:0", "10.0.0.10:65536", "10.0.0.10:x", "10.0.0"],
        *["[::1", "[::1]:", "[::1]53", "[]", "kube-dns", "10.0.0.10:53:53"],
        *["10.0.0.1\n", "1.2.3.4:+5", "10.0.0.10:" + "9" * 5000, "1.2.3.4:\u0665"],
    ],
)
def test_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"address|port"):
        parse_address(text, default_port=53)


@given(st.text(alphabet="0123456789abcdef.:[]#% ", max_size=30))
@example("::%]")
def test_any_text_is_an_address_or_a_value_error(text: str) -> None:
    for separator in ":#":
        try:
            address = parse_address(text, default_port=53, separator=separator)
        except ValueError:
            continue
        assert 1 <= address.port <= 65535
        again = parse_address(str(address), default_port=1)
        assert again == address, "what is printed can be read"


def test_families_and_loopback() -> None:
    assert Address("127.0.0.9", 53).family == socket.AF_INET
    assert Address("::1", 53).family == socket.AF_INET6
    assert Address("127.0.0.9", 53).is_loopback
    assert Address("::1", 53).is_loopback
    assert not Address("10.0.0.10", 53).is_loopback
    assert not Address("fe80::1%eth0", 53).is_loopback
    assert str(Address("::1", 53)) == "[::1]:53"
    assert str(Address("10.0.0.10", 53)) == "10.0.0.10:53"


@pytest.mark.parametrize(("text", "port"), [("1", 1), ("65535", 65535), ("0053", 53)])
def test_ports(text: str, port: int) -> None:
    assert parse_port(text) == port
