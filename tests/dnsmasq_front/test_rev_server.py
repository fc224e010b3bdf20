"""`--rev-server=net/length,server` is the reverse domain of a network."""

from __future__ import annotations

import pytest

from dnscore.wire import names
from dnsmasq_front.rev_server import parse_rev_server


@pytest.mark.parametrize(
    ("network", "domains"),
    [
        ("10.0.0.0/8", ["10.in-addr.arpa."]),
        ("192.168.0.0/16", ["168.192.in-addr.arpa."]),
        ("10.1.2.0/24", ["2.1.10.in-addr.arpa."]),
        ("10.1.2.3", ["3.2.1.10.in-addr.arpa."]),
        ("10.1.2.3/32", ["3.2.1.10.in-addr.arpa."]),
        ("10.1.2.3/8", ["10.in-addr.arpa."]),  # bits behind the length do not matter
        ("10.0.0.0/7", ["10.in-addr.arpa.", "11.in-addr.arpa."]),
        ("fd00::/8", ["d.f.ip6.arpa."]),
        ("2001:db8::/32", ["8.b.d.0.1.0.0.2.ip6.arpa."]),
        ("fc00::/7", ["c.f.ip6.arpa.", "d.f.ip6.arpa."]),
    ],
)
def test_domains(network: str, domains: list[str]) -> None:
    rule = parse_rev_server(f"{network},10.0.0.1#5353")
    assert [names.to_text(domain) for domain in rule.domains] == domains
    assert str(rule.server) == "10.0.0.1:5353"


def test_private_network_between_octets_becomes_sixteen_domains() -> None:
    rule = parse_rev_server("172.16.0.0/12,10.0.0.1")
    texts = [names.to_text(domain) for domain in rule.domains]
    assert texts == [f"{octet}.172.in-addr.arpa." for octet in range(16, 32)]


def test_bracketed_server() -> None:
    assert str(parse_rev_server("10.0.0.0/8,[fd00::1]#53").server) == "[fd00::1]:53"


@pytest.mark.parametrize("text", ["0.0.0.0/0,10.0.0.1", "10.0.0.0/8", "10.0.0/8,10.0.0.1", ",", ""])
def test_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"\w"):
        parse_rev_server(text)
