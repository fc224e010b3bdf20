"""`host[:port]` of a DNS server, brackets optional around any IP address."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sidecar.address import ServerAddress, parse_host, parse_server


@pytest.mark.parametrize(
    ("text", "host", "port"),
    [
        ("127.0.0.1", "127.0.0.1", 53),
        ("127.0.0.1:10053", "127.0.0.1", 10053),
        ("[127.0.0.1]", "127.0.0.1", 53),
        ("[127.0.0.1]:10053", "127.0.0.1", 10053),
        ("::1", "::1", 53),
        ("[::1]", "::1", 53),
        ("[::1]:10053", "::1", 10053),
        ("::1:53", "::1:53", 53),  # an address: a port needs brackets
        ("fe80::1", "fe80::1", 53),
        ("fe80::1%eth0", "fe80::1%eth0", 53),
        ("localhost:65535", "localhost", 65535),
        ("kube-dns.kube-system.svc.", "kube-dns.kube-system.svc.", 53),
    ],
)
def test_addresses_that_are_taken(text: str, host: str, port: int) -> None:
    assert parse_server(text) == ServerAddress(host, port)


@pytest.mark.parametrize(
    "text",
    [
        "",
        ":53",
        "127.0.0.1:",
        "127.0.0.1:0",
        "127.0.0.1:65536",
        "127.0.0.1:+53",
        "127.0.0.1:\u0665\u0663",
        "127.0.0.256",
        "127.0.0",
        "[::1",
        "[::1]53",
        "[::1]:",
        "[localhost]:53",
        "[]:53",
        "1:2:3",
        "a b",
        "a..b",
        "-a",
        "a" * 64,
        "host\n",
        "fe80::1%",
        "fe80::1%]",
        "fe80::1%a\n",
        "127.0.0.1\n:53",
    ],
)
def test_addresses_that_are_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"not |missing"):
        parse_server(text)


@pytest.mark.parametrize(
    ("text", "host"), [("[::]", "::"), ("::", "::"), ("0.0.0.0", "0.0.0.0"), ("[::1]", "::1")]
)
def test_a_host_alone_may_have_brackets(text: str, host: str) -> None:
    assert parse_host(text) == host


@given(st.ip_addresses(), st.integers(1, 65535))
def test_every_address_reads_back(ip: object, port: int) -> None:
    server = ServerAddress(str(ip), port)
    assert parse_server(str(server)) == server


@given(st.text(max_size=40) | st.text("[]:.%0123456789abcf-", max_size=30))
def test_any_text_is_an_address_or_a_value_error(text: str) -> None:
    try:
        server = parse_server(text)
    except ValueError:
        return
    assert parse_server(str(server)) == server
