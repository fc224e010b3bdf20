"""`--domain-needed` and `--bogus-priv`: what the servers for everything are not asked."""

from __future__ import annotations

import pytest

from tests.dnsmasq_front.pure import PureFront


@pytest.mark.parametrize("rdtype", ["A", "AAAA", "ANY"])
def test_addresses_of_plain_names(rdtype: str) -> None:
    front = PureFront("--domain-needed", "--server=8.8.8.8")
    reply = front.ask(f"plain. {rdtype}").reply
    assert reply.rcode == "NXDOMAIN"
    assert "AA" not in reply.flags
    assert not front.sent


@pytest.mark.parametrize("question", ["plain. TXT", ". A", ". NS", "dotted.test. A"])
def test_the_rest_is_asked(question: str) -> None:
    front = PureFront("--domain-needed", "--server=8.8.8.8")
    assert not front.ask(question).answered


def test_plain_name_that_is_known_is_nodata() -> None:
    front = PureFront("--domain-needed", "--server=8.8.8.8", "--txt-record=plain,x")
    assert front.ask("plain. A").reply.rcode == "NOERROR"


@pytest.mark.parametrize("flag", ["--server=/plain/10.0.0.53", "--server=//10.0.0.53"])
def test_plain_name_with_a_server_of_its_own_is_not_asked_either(flag: str) -> None:
    front = PureFront("--domain-needed", flag)
    assert front.ask("plain. A").reply.rcode == "NXDOMAIN"


V6 = "0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0"


@pytest.mark.parametrize(
    "name",
    [
        "1.0.0.10.in-addr.arpa.", "0.10.in-addr.arpa.", "10.in-addr.arpa.",
        "1.1.16.172.in-addr.arpa.", "1.1.31.172.in-addr.arpa.", "1.1.168.192.in-addr.arpa.",
        "1.0.0.127.in-addr.arpa.", "1.0.0.0.in-addr.arpa.", "1.1.254.169.in-addr.arpa.",
        "1.2.0.192.in-addr.arpa.", "1.100.51.198.in-addr.arpa.", "1.113.0.203.in-addr.arpa.",
        "255.255.255.255.in-addr.arpa.", "d.f.ip6.arpa.", f"1.0.{V6}.d.f.ip6.arpa.",
        f"1.{V6}.8.e.f.ip6.arpa.", f"1.{V6}.b.e.f.ip6.arpa.", "8.B.d.0.1.0.0.2.ip6.arpa.",
        f"1.0.0.0.{V6}.ip6.arpa.", f"0.0.0.0.{V6}.ip6.arpa.",
    ],
)  # fmt: skip
def test_private_reverse_names(name: str) -> None:
    front = PureFront("--bogus-priv", "--server=8.8.8.8")
    reply = front.ask(f"{name} PTR").reply
    assert reply.rcode == "NXDOMAIN"
    assert "AA" in reply.flags
    assert not reply.message.authority
    assert not front.sent


@pytest.mark.parametrize(
    "question",
    [
        "8.8.8.8.in-addr.arpa. PTR", "1.1.15.172.in-addr.arpa. PTR",
        "1.1.32.172.in-addr.arpa. PTR", "1.0.64.100.in-addr.arpa. PTR",
        "1.0.18.198.in-addr.arpa. PTR", "1.0.0.10.in-addr.arpa. TXT", "in-addr.arpa. PTR",
        "c.f.ip6.arpa. PTR", "c.e.f.ip6.arpa. PTR", "10.in-addr.arpa.test. PTR",
        f"2.0.0.0.{V6}.ip6.arpa. PTR",
    ],
)  # fmt: skip
def test_public_reverse_names_are_asked(question: str) -> None:
    front = PureFront("--bogus-priv", "--server=8.8.8.8")
    assert not front.ask(question).answered


def test_reverse_domain_with_a_server_of_its_own_is_asked() -> None:
    front = PureFront("--bogus-priv", "--server=/in-addr.arpa/127.0.0.1#10053")
    assert not front.ask("1.0.0.10.in-addr.arpa. PTR").answered


def test_private_address_that_is_known_has_its_name() -> None:
    front = PureFront("--bogus-priv", "--host-record=h.test,10.0.0.1")
    assert front.ask("1.0.0.10.in-addr.arpa. PTR").reply.data == ["h.test."]
    assert front.ask("10.in-addr.arpa. PTR").reply.rcode == "NOERROR"
