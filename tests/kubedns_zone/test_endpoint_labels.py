"""Labels of endpoints: hostname, kube-dns's hash, the address with dashes."""

from __future__ import annotations

import ipaddress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kubedns.endpoint_names import dashed_address, hash_label, is_hash_label
from tests.kubedns_zone.served import ServedZone

DB = "db.default.svc.cluster.local."


@pytest.mark.parametrize(
    ("address", "label"),
    [
        ("10.0.0.1", "3234633364383235"),
        ("10.0.0.2", "6661613463623165"),
        ("10.0.0.3", "3231383531646337"),
        ("10.0.0.4", "3736326465633930"),
        ("1.2.3.4", "6263626163303737"),
        ("10.96.0.1", "6266366134663036"),
        ("10.96.0.10", "6464633335393634"),
        ("10.32.0.1", "33626633626263"),
        ("2001:db8::8a2e:370:7334", "3535663862643933"),
        ("10.254.197.54", "3339386563373339"),
    ],
)
def test_hash_labels_are_those_of_kube_dns(zone: ServedZone, address: str, label: str) -> None:
    packed = ipaddress.ip_address(address).packed
    assert hash_label(packed).decode() == label
    assert is_hash_label(label.encode())
    zone.service("db", headless=True)
    zone.slice("a", "db", address)
    rdtype = "A" if len(packed) == 4 else "AAAA"
    assert zone.addresses(f"{label}.{DB} {rdtype}") == [address]


@pytest.mark.parametrize(
    ("label", "address"),
    [
        ("10-1-0-9", "10.1.0.9"),
        ("fd00--9", "fd00::9"),
        ("fd00-0-0-0-0-0-0-9", "fd00::9"),
        ("FD00--9", "fd00::9"),
        ("fd00-9--0", "fd00:9::"),
        ("--1", "::1"),
    ],
)
def test_an_address_with_dashes_resolves(zone: ServedZone, label: str, address: str) -> None:
    zone.service("db", headless=True)
    zone.slice("a", "db", "named@10.1.0.9")
    zone.slice("b", "db", "fd00::9 fd00:9:: ::1")
    rdtype = "AAAA" if ":" in address else "A"
    assert zone.addresses(f"{label}.{DB} {rdtype}") == [address]


@pytest.mark.parametrize(
    "label", ["10-1-0-8", "nobody", "3234633364383235", "10-1-0-09", "1-2-3", "ffff"]
)
def test_other_labels_are_nxdomain(zone: ServedZone, label: str) -> None:
    zone.service("db", headless=True)
    zone.slice("a", "db", "named@10.1.0.9")
    assert zone.ask(f"{label}.{DB} A").is_nxdomain
    assert zone.ask(f"{label}.missing.default.svc.cluster.local. A").is_nxdomain


def test_a_hostname_resolves_and_nothing_is_below_it(zone: ServedZone) -> None:
    zone.service("db", headless=True)
    zone.slice("a", "db", "db-0@10.1.0.9", ports="pg/tcp:5432")
    assert zone.addresses(f"db-0.{DB} A") == ["10.1.0.9"]
    assert zone.ask(f"db-0.{DB} AAAA").is_nodata
    assert zone.ask(f"x.db-0.{DB} A").is_nxdomain


def test_cluster_ips_have_labels_as_well(zone: ServedZone) -> None:
    zone.service("web", ips="10.0.0.1")
    for label in ("3234633364383235", "10-0-0-1"):
        assert zone.addresses(f"{label}.web.default.svc.cluster.local. A") == ["10.0.0.1"]


def test_srv_of_one_endpoint(zone: ServedZone) -> None:
    zone.service("db", headless=True)
    zone.slice("a", "db", "db-0@10.1.0.9 db-1@10.1.0.10", ports="pg/tcp:5432")
    assert zone.ask(f"db-1.{DB} SRV").answers == [f"db-1.{DB} 30 IN SRV 10 100 0 db-1.{DB}"]
    one = f"db-1._pg._tcp.{DB}"
    assert zone.ask(f"{one} SRV").answers == [f"{one} 30 IN SRV 10 100 5432 db-1.{DB}"]
    assert zone.ask(f"db-2._pg._tcp.{DB} SRV").is_nxdomain
    assert zone.ask(f"x.db-1._pg._tcp.{DB} SRV").is_nxdomain


def test_labels_follow_the_endpoints(zone: ServedZone) -> None:
    zone.service("db", headless=True)
    zone.slice("a", "db", "10.0.0.1")
    assert zone.addresses(f"3234633364383235.{DB} A") == ["10.0.0.1"]
    zone.slice("a", "db", "10.0.0.2")
    assert zone.ask(f"3234633364383235.{DB} A").is_nxdomain
    assert zone.addresses(f"6661613463623165.{DB} A") == ["10.0.0.2"]


def test_a_hostname_that_is_no_label_counts_as_none(zone: ServedZone) -> None:
    zone.service("db", headless=True)
    zone.slice("a", "db", f"not.one@10.0.0.1 {'x' * 64}@10.0.0.2")
    targets = [line.split()[-1] for line in zone.ask(f"{DB} SRV", edns=1232).answers]
    assert targets == [f"3234633364383235.{DB}", f"6661613463623165.{DB}"]


def test_a_target_that_would_be_too_long_a_name_is_left_out() -> None:
    served = ServedZone(domain=".".join(["d" * 40, "e" * 40, "f" * 37]))
    long = "s" * 63
    served.service(long, ns="n" * 63, headless=True)
    served.slice("a", long, "10.0.0.1 h@10.0.0.2", ns="n" * 63)
    name = f"{long}.{'n' * 63}.svc.{'d' * 40}.{'e' * 40}.{'f' * 37}."
    assert sorted(served.addresses(f"{name} A")) == ["10.0.0.1", "10.0.0.2"]
    assert served.ask(f"{name} SRV").rcode == "NOERROR"
    assert served.failures == []


@given(st.binary(max_size=63))
def test_any_label_is_an_address_or_none(label: bytes) -> None:
    address = dashed_address(label.lower())
    assert address is None or len(address) in (4, 16)


@given(st.ip_addresses())
def test_every_address_has_a_dashed_label(address: ipaddress.IPv4Address) -> None:
    text = str(address).replace(".", "-").replace(":", "-")
    assert dashed_address(text.encode()) == address.packed
    assert is_hash_label(hash_label(address.packed))


def test_octets_of_two_neighbours_are_no_address(zone: ServedZone) -> None:
    zone.service("db", headless=True)
    zone.slice("a", "db", "10.1.0.1 10.1.0.2")
    assert zone.ask(f"1-10-1-0.{DB} A").is_nxdomain
    zone.slice("b", "db", "10.1.0.3 1.10.1.0")
    assert zone.addresses(f"1-10-1-0.{DB} A") == ["1.10.1.0"]
