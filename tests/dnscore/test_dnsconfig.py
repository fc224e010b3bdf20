"""What of the kube-dns ConfigMap is taken and what is refused."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dnscore.dnsconfig import (
    ClusterDnsConfig,
    ConfigError,
    parse_config,
    parse_federations,
    parse_stub_server,
)
from dnscore.net.address import Address


def test_without_keys_the_config_is_the_default() -> None:
    assert parse_config({}) == ClusterDnsConfig()
    assert parse_config({"notes": "unknown keys do not matter"}) == ClusterDnsConfig()


@pytest.mark.parametrize(
    ("key", "text"),
    [
        ("federations", ""),
        ("federations", "abc=d.e.f"),
        ("federations", " a=b , cc=dd "),
        ("stubDomains", "{}"),
        ("stubDomains", "null"),
        ("stubDomains", '{"foo.com": ["1.2.3.4"]}'),
        ("stubDomains", '{"foo.com": ["1.2.3.4:32564"]}'),
        ("stubDomains", '{"foo.com": ["ns.foo.com"]}'),
        ("stubDomains", '{"foo.com": ["1.2.3.4"], "bar.com": ["ns.bar.com", "1.2.3.4:53"]}'),
        (
            "stubDomains",
            '{"acme.local": ["2001:db8:1:1:1::1"], "google.local": ["google-public-dns-a.com"],'
            ' "widget.local": ["[2001:db8:2:2:2::2]:10053", "2001:db8:3:3:3::3"]}',
        ),
        ("stubDomains", '{"foo.com": []}'),
        ("stubDomains", '{"foo.com": null}'),
        ("upstreamNameservers", "[]"),
        ("upstreamNameservers", "null"),
        ("upstreamNameservers", '["1.2.3.4"]'),
        ("upstreamNameservers", '["1.2.3.4", "8.8.4.4", "8.8.8.8"]'),
        ("upstreamNameservers", '["1.2.3.4:53"]'),
        ("upstreamNameservers", '["[2001:db8::1]:53", "2001:db8::2"]'),
    ],
)
def test_valid(key: str, text: str) -> None:
    parse_config({key: text})


@pytest.mark.parametrize(
    ("key", "text"),
    [
        ("federations", "a.b=cde"),
        ("federations", "ccdd"),
        ("federations", "a=b,ccdd"),
        ("federations", "a=b,"),
        ("federations", "-"),
        ("federations", "a.b.c=d.e.f"),
        ("federations", "a="),
        ("federations", "Abc=def"),
        ("stubDomains", ""),
        ("stubDomains", "[]"),
        ("stubDomains", '"foo.com"'),
        ("stubDomains", '{"": ["1.2.3.4"]}'),
        ("stubDomains", '{"$$$$": ["1.2.3.4"]}'),
        ("stubDomains", '{"Foo.com": ["1.2.3.4"]}'),
        ("stubDomains", '{"foo.com.": ["1.2.3.4"]}'),
        ("stubDomains", '{"*.foo.com": ["1.2.3.4"]}'),
        ("stubDomains", '{"foo": ["$$$$"]}'),
        ("stubDomains", '{"foo": ["1.1.1.1:65564"]}'),
        ("stubDomains", '{"foo": ["1.1.1.1:0"]}'),
        ("stubDomains", '{"foo": ["1.1.1.1:"]}'),
        ("stubDomains", '{"foo": ["ns.foo.com:53"]}'),
        ("stubDomains", '{"foo": ["[2001:db8::1]"]}'),
        ("stubDomains", '{"foo": ["::ffff:1.2.3.4"]}'),
        ("stubDomains", '{"foo": ["010.0.0.1"]}'),
        ("stubDomains", '{"foo": "1.1.1.1"}'),
        ("stubDomains", '{"foo": [1]}'),
        ("upstreamNameservers", ""),
        ("upstreamNameservers", "{}"),
        ("upstreamNameservers", '["1.1.1.1", "2.2.2.2", "3.3.3.3", "4.4.4.4"]'),
        ("upstreamNameservers", '["1.1.1.1:abc"]'),
        ("upstreamNameservers", '["1.1.1.1:"]'),
        ("upstreamNameservers", '["1.1.1.1:123456789"]'),
        ("upstreamNameservers", '["1.1.1.1:0"]'),
        ("upstreamNameservers", '["dns.example.com"]'),
        ("upstreamNameservers", '["[2001:db8::1]"]'),
        ("upstreamNameservers", '["2001:DB8::1"]'),
        ("upstreamNameservers", '["fe80::1%eth0"]'),
        ("upstreamNameservers", "[" * 100_000),
        ("upstreamNameservers", "[" + "1" * 10_000 + "]"),
    ],
)
def test_invalid(key: str, text: str) -> None:
    with pytest.raises(ConfigError) as caught:
        parse_config({key: text})
    assert str(caught.value).startswith(key + ": ")
    assert "\n" not in str(caught.value)


def test_values() -> None:
    config = parse_config(
        {
            "stubDomains": '{"acme.local": ["1.2.3.4", "ns.acme.com"]}',
            "upstreamNameservers": '["8.8.8.8", "[2001:db8::1]:5353"]',
            "federations": "east=example.com, west = nowhere".replace(" = ", "="),
        }
    )
    assert config.stub_domains == {"acme.local": ("1.2.3.4", "ns.acme.com")}
    assert config.upstream_nameservers == (Address("8.8.8.8", 53), Address("2001:db8::1", 5353))
    assert config.federations == {"east": "example.com", "west": "nowhere"}


def test_all_reasons_are_given_at_once() -> None:
    with pytest.raises(ConfigError) as caught:
        parse_config({"stubDomains": '{"A": ["x!"]}', "upstreamNameservers": '["y"]'})
    assert len(caught.value.reasons) == 3


def test_an_address_is_not_taken_for_a_host_name() -> None:
    assert parse_stub_server("1.2.3.4") == Address("1.2.3.4", 53)
    assert parse_stub_server("ns1.example.com") == "ns1.example.com"


@given(st.text())
def test_no_text_raises_anything_else(text: str) -> None:
    for key in ("federations", "stubDomains", "upstreamNameservers"):
        try:
            parse_config({key: text})
        except ConfigError as error:
            assert error.reasons


_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=20) | st.ip_addresses().map(str),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=9), inner),
    max_leaves=8,
)


@given(_JSON)
def test_no_json_raises_anything_else(value: object) -> None:
    for key in ("stubDomains", "upstreamNameservers"):
        try:
            parse_config({key: json.dumps(value)})
        except ConfigError as error:
            assert error.reasons


@given(st.dictionaries(st.from_regex(r"[a-z]{1,9}", fullmatch=True), st.just("d.e.f"), min_size=1))
def test_federations_round_trip(federations: dict[str, str]) -> None:
    text = ",".join(f"{name}={domain}" for name, domain in federations.items())
    assert parse_federations(text) == federations
