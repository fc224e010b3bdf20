"""What stands behind the last slash of `--server`."""

from __future__ import annotations

import pytest

from dnsmasq_front.routes import parse_server


@pytest.mark.parametrize(
    ("text", "server"),
    [
        ("10.0.0.1", "10.0.0.1:53"),
        ("10.0.0.1#", "10.0.0.1:53"),
        ("10.0.0.1#5353", "10.0.0.1:5353"),
        ("2001:db8::1", "[2001:db8::1]:53"),
        ("2001:db8::1#5353", "[2001:db8::1]:5353"),
        (
            "[2001:db8::1]#53",
            "[2001:db8::1]:53",
        ),  # dnsmasq refused to start on what the nanny wrote
        ("[2001:db8::1]", "[2001:db8::1]:53"),
        ("2001:DB8:0::1", "[2001:db8::1]:53"),
    ],
)
def test_address_and_port(text: str, server: str) -> None:
    assert str(parse_server(f"/d.test/{text}").server) == server
    assert str(parse_server(text).server) == server


@pytest.mark.parametrize(
    "text",
    [
        "10.0.0.1:53",
        "10.0.0.1#x",
        "10.0.0.1#0",
        "10.0.0.1#65536",
        "10.0.0.1 ",
        "010.0.0.1",
        "host_.test",
        "host.test#0",
        "10.0.0.1@eth0",
        "fe80::1%eth0",
        "[::1",
        "[::1]53",
        "10.0.0.1,10.0.0.2",
    ],
)
def test_refused_with_a_reason(text: str) -> None:
    with pytest.raises(ValueError, match=r"\w"):
        parse_server(f"/d.test/{text}")
