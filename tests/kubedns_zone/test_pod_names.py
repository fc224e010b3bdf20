"""Pod names, as kube-dns has them, and IPv6, which it cannot have."""

from __future__ import annotations

import pytest

from tests.kubedns_zone.served import ServedZone


@pytest.mark.parametrize(
    ("label", "rdtype", "address"),
    [
        ("1-2-3-4", "A", "1.2.3.4"),
        ("fd00-77-20-0-3--d", "AAAA", "fd00:77:20:0:3::d"),
        ("--1", "AAAA", "::1"),
        ("0-0-0-0", "A", "0.0.0.0"),
    ],
)
def test_a_name_spells_an_address(zone: ServedZone, label: str, rdtype: str, address: str) -> None:
    assert zone.addresses(f"{label}.any.pod.cluster.local. {rdtype}") == [address]


@pytest.mark.parametrize(
    "rdtype",
    ["AAAA", "SRV", "HTTPS", "SVCB", "SOA", "PTR", "DS", "CAA", "TXT", "CNAME", "TYPE65280"],
)
def test_other_types_are_nodata(zone: ServedZone, rdtype: str) -> None:
    # One HTTPS query for a pod name ended kube-dns.
    assert zone.ask(f"1-2-3-4.any.pod.cluster.local. {rdtype}").is_nodata


@pytest.mark.parametrize(
    "label",
    ["blah", "1-2-3", "1-2-3-4-5", "1-2-3-256", "01-2-3-4", "1.2.3.4", "-", "*", "x.1-2-3-4"],
)
@pytest.mark.parametrize("rdtype", ["A", "AAAA", "HINFO"])
def test_what_is_no_address_is_nxdomain(zone: ServedZone, label: str, rdtype: str) -> None:
    assert zone.ask(f"{label}.any.pod.cluster.local. {rdtype}").is_nxdomain


def test_names_above_pods_are_empty(zone: ServedZone) -> None:
    assert zone.ask("pod.cluster.local. A").is_nodata
    assert zone.ask("any.pod.cluster.local. A").is_nodata
