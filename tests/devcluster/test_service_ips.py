"""The pools never give an address twice, and know when they are empty."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from devcluster.service_ips import AddressError, Family, ServiceAddresses, family_of


def small() -> ServiceAddresses:
    return ServiceAddresses(ipv4_cidr="10.0.0.0/29", ipv6_cidr="fd00::/125")


@given(st.lists(st.tuples(st.sampled_from(["take", "free"]), st.integers(0, 7)), max_size=60))
def test_no_address_is_held_twice(steps: list[tuple[str, int]]) -> None:
    pools = small()
    held: list[str] = []
    for step, pick in steps:
        if step == "take" and len(held) < 6:
            address = pools.allocate("IPv4")
            assert address not in held
            held.append(address)
        elif step == "take":
            with pytest.raises(AddressError, match="range is full"):
                pools.allocate("IPv4")
        elif held:
            pools.release([held.pop(pick % len(held))])
    assert all(pools.holds(address) for address in held)


def test_low_addresses_are_left_to_those_who_ask() -> None:
    pools = ServiceAddresses()
    assert pools.allocate("IPv4") == "10.96.1.0"
    assert pools.allocate("IPv6") == "fd00:10:96::100"


@pytest.mark.parametrize(
    "address, words",
    [
        ("10.0.0.1", "already allocated"),
        ("10.1.0.1", "does not match"),
        ("fd01::1", "does not match"),
        ("ten", "valid IP address"),
        ("010.0.0.1", "valid IP address"),
    ],
)
def test_claims_that_are_refused(address: str, words: str) -> None:
    pools = small()
    pools.claim("10.0.0.1")
    with pytest.raises(AddressError, match=words):
        pools.claim(address)


@pytest.mark.parametrize("address, family", [("10.0.0.1", "IPv4"), ("::1", "IPv6")])
def test_family(address: str, family: Family) -> None:
    assert family_of(address) == family
