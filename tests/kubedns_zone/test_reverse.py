"""Pointers (specification 2.3.3, 2.4.3): one for each service that has the address."""

from __future__ import annotations

import ipaddress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kubedns.changes import REVERSE_MAX
from kubedns.reverse import ReverseIndex, reverse_address, reverse_name
from tests.kubedns_zone.served import ServedZone

SUFFIX = "default.svc.cluster.local."


def pointers(zone: ServedZone, address: str) -> list[str]:
    name = ipaddress.ip_address(address).reverse_pointer
    return [line.split()[-1] for line in zone.ask(f"{name}. PTR", edns=1232).answers]


@pytest.mark.parametrize("address", ["10.0.0.1", "fd00::1", "255.255.255.255", "::"])
def test_a_cluster_ip_points_to_its_service(zone: ServedZone, address: str) -> None:
    zone.service("web", ips=address)
    name = ipaddress.ip_address(address).reverse_pointer
    reply = zone.ask(f"{name}. PTR")
    assert reply.answers == [f"{name}. 30 IN PTR web.{SUFFIX}"]
    assert reply.flags == "QR AA RD RA"


def test_a_service_that_becomes_headless_at_its_endpoints_address_is_told_of(
    zone: ServedZone,
) -> None:
    zone.service("web", ips="10.0.0.1")
    zone.slice("a", "web", "pod@10.0.0.1")
    assert pointers(zone, "10.0.0.1") == [f"web.{SUFFIX}"]
    assert "1.0.0.10.in-addr.arpa." in zone.service("web", headless=True)
    assert pointers(zone, "10.0.0.1") == [f"pod.web.{SUFFIX}"]
    assert "1.0.0.10.in-addr.arpa." in zone.service("web", ips="10.0.0.1")
    assert pointers(zone, "10.0.0.1") == [f"web.{SUFFIX}"]


def test_an_endpoint_points_to_its_hostname_or_its_hash_label(zone: ServedZone) -> None:
    zone.service("db", headless=True)
    zone.slice("a", "db", "db-0@10.0.0.3 10.0.0.1")
    assert pointers(zone, "10.0.0.3") == [f"db-0.db.{SUFFIX}"]
    assert pointers(zone, "10.0.0.1") == [f"3234633364383235.db.{SUFFIX}"]


def test_each_service_has_a_pointer_and_hostnames_come_first(zone: ServedZone) -> None:
    for name in ("a", "b", "c"):
        zone.service(name, headless=True)
    zone.slice("a-1", "a", "10.0.0.1")
    zone.slice("c-1", "c", "own@10.0.0.1")
    zone.slice("b-1", "b", "10.0.0.1")
    zone.slice("b-2", "b", "10.0.0.1")
    reply = zone.ask("1.0.0.10.in-addr.arpa. PTR", edns=1232)
    assert [rdata.to_text() for rdata in reply.message.answer[0]] == [
        f"own.c.{SUFFIX}",
        f"3234633364383235.a.{SUFFIX}",
        f"3234633364383235.b.{SUFFIX}",
    ]


def test_a_moved_hostname_takes_its_pointer_along(zone: ServedZone) -> None:
    zone.service("db", headless=True)
    zone.slice("a", "db", "foo@10.0.0.1")
    assert zone.slice("a", "db", "foo@10.0.0.2") == {
        f"db.{SUFFIX}", "1.0.0.10.in-addr.arpa.", "2.0.0.10.in-addr.arpa."
    }  # fmt: skip
    assert pointers(zone, "10.0.0.1") == []
    assert pointers(zone, "10.0.0.2") == [f"foo.db.{SUFFIX}"]


def test_a_new_hostname_of_the_same_address_is_a_change(zone: ServedZone) -> None:
    zone.service("db", headless=True)
    zone.slice("a", "db", "foo@10.0.0.1 same@10.0.0.2")
    assert zone.slice("a", "db", "bar@10.0.0.1 same@10.0.0.2") == {
        f"db.{SUFFIX}", "1.0.0.10.in-addr.arpa."
    }  # fmt: skip
    assert pointers(zone, "10.0.0.1") == [f"bar.db.{SUFFIX}"]


def test_pointers_go_with_the_service_whatever_goes_first(zone: ServedZone) -> None:
    for slices_first in (True, False):
        zone.service("db", headless=True)
        zone.slice("a", "db", "foo@10.0.0.1")
        for _ in range(2):
            if slices_first:
                zone.no_slice("a")
            else:
                zone.no_service("db")
            slices_first = not slices_first
        assert pointers(zone, "10.0.0.1") == []
        assert zone.tree.addresses == 0


@pytest.mark.parametrize(
    "name",
    [
        "9.9.9.9.in-addr.arpa.",
        "1.0.10.in-addr.arpa.",
        "1.1.0.0.10.in-addr.arpa.",
        "01.0.0.10.in-addr.arpa.",
        "1.0.0.322.in-addr.arpa.",
        "in-addr.arpa.",
        "1.0.0.10.ip6.arpa.",
        "b._dns-sd._udp.0.0.0.10.in-addr.arpa.",
        "z." * 32 + "ip6.arpa.",
        "0." * 33 + "ip6.arpa.",
    ],
)
def test_what_we_hold_nothing_for_is_forwarded(zone: ServedZone, name: str) -> None:
    zone.service("web", ips="10.0.0.1 ::")
    zone.ask(f"{name} PTR")
    assert zone.upstream.forwarded == [name]


def test_other_types_of_a_known_reverse_name_are_nodata_for_that_name(zone: ServedZone) -> None:
    zone.service("web", ips="10.0.0.1")
    reply = zone.ask("1.0.0.10.in-addr.arpa. A")
    assert (reply.rcode, reply.answers) == ("NOERROR", [])
    assert reply.authority == ["1.0.0.10.in-addr.arpa. 60 IN SOA"]
    assert zone.upstream.forwarded == []


def test_very_many_changed_addresses_are_one_name(zone: ServedZone) -> None:
    zone.service("db", headless=True)
    many = " ".join(f"10.1.{n >> 8}.{n & 255}" for n in range(REVERSE_MAX + 1))
    assert zone.slice("a", "db", many) == {f"db.{SUFFIX}", "in-addr.arpa."}
    pointers(zone, "10.1.0.7")
    assert zone.slice("a", "db", "") == {f"db.{SUFFIX}", "in-addr.arpa."}
    assert pointers(zone, "10.1.0.7") == []


@given(st.ip_addresses())
def test_names_and_addresses_convert_both_ways(address: ipaddress.IPv4Address) -> None:
    name = reverse_name(address.packed)
    labels = address.reverse_pointer.encode().split(b".")
    assert name == b"".join(bytes((len(x),)) + x for x in labels) + b"\0"
    assert reverse_address(name) == address.packed


@pytest.mark.parametrize("parts", [1, 64])
@given(st.lists(st.tuples(st.booleans(), st.integers(0, 3), st.sampled_from("abc"))))
def test_the_index_is_a_set_of_owners_per_address(
    parts: int, steps: list[tuple[bool, int, str]]
) -> None:
    index: ReverseIndex[str] = ReverseIndex(parts=parts)
    expected: dict[bytes, set[str]] = {}
    for add, number, owner in steps:
        address = number.to_bytes(4 if number % 2 else 16, "big")
        owners = expected.setdefault(address, set())
        if add:
            index.add_all([address], owner)
            owners.add(owner)
        else:
            index.discard(address, owner)
            owners.discard(owner)
    for address, owners in expected.items():
        assert sorted(index.owners(address)) == sorted(owners)
    assert len(index) == sum(bool(owners) for owners in expected.values())
