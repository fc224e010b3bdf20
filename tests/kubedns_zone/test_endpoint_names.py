"""--endpoint-names: what SRV and PTR show for an endpoint; whatever it is, it resolves."""

from __future__ import annotations

import ipaddress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kubedns.endpoint_names import dashed_address, dashed_label
from tests.kubedns_zone.served import ServedZone

DB = "db.default.svc.cluster.local."
LONG = "p" * 64

SHOWN = [
    # style, endpoint, pod, label
    ("hash", "10.0.0.1", "db-x", "3234633364383235"),
    ("hash", "db-0@10.0.0.1", "db-x", "db-0"),
    ("address", "10.0.0.1", "db-x", "10-0-0-1"),
    ("address", "db-0@10.0.0.1", "db-x", "db-0"),
    ("address", "fd00::9", "-", "fd00--9"),
    ("address", "fd00::6666:0:0:0", "-", "fd00--6666-0-0-0"),
    ("address", "2001:db8:6666::", "-", "2001-db8-6666--0"),
    ("address", "::1", "-", "0--1"),
    ("address", "::", "-", "0--0"),
    ("pod", "10.0.0.1", "db-x", "db-x"),
    ("pod", "db-0@10.0.0.1", "db-x", "db-0"),
    ("pod", "10.0.0.1", "-", "10-0-0-1"),
    ("pod", "10.0.0.1", LONG, "10-0-0-1"),
    ("pod", "10.0.0.1", "with.dots", "10-0-0-1"),
    ("pod", "fd00::9", "db-x", "db-x"),
]


@pytest.mark.parametrize(("style", "endpoint", "pod", "label"), SHOWN)
def test_what_is_shown_and_that_it_resolves(
    style: str, endpoint: str, pod: str, label: str
) -> None:
    zone = ServedZone(endpoint_names=style)
    zone.service("db", headless=True)
    # Names of pods are there only if asked for, with the style `pod`.
    zone.slice("a", "db", endpoint, ports="pg/tcp:5432", pods=pod if style == "pod" else "")
    address = ipaddress.ip_address(endpoint.rpartition("@")[2])
    rdtype = "A" if address.version == 4 else "AAAA"
    target = f"{label}.{DB}"
    named = zone.ask(f"_pg._tcp.{DB} SRV")
    assert named.answers == [f"_pg._tcp.{DB} 30 IN SRV 10 100 5432 {target}"]
    assert named.additional == [f"{target} 30 IN {rdtype} {address}"]
    assert zone.ask(f"{DB} SRV").answers == [f"{DB} 30 IN SRV 10 100 0 {target}"]
    pointer = zone.ask(f"{address.reverse_pointer}. PTR").answers
    assert [line.split()[-1] for line in pointer] == [target]
    assert zone.addresses(f"{target} {rdtype}") == [str(address)]


@pytest.mark.parametrize("style", ["hash", "address", "pod"])
@pytest.mark.parametrize("label", ["3234633364383235", "10-0-0-1", "db-0"])
def test_every_kind_of_label_resolves_in_every_style(style: str, label: str) -> None:
    zone = ServedZone(endpoint_names=style)
    zone.service("db", headless=True)
    zone.slice("a", "db", "db-0@10.0.0.1", pods="db-x" if style == "pod" else "")
    assert zone.addresses(f"{label}.{DB} A") == ["10.0.0.1"]
    assert zone.ask(f"db-x.{DB} A").is_nxdomain is (style != "pod")


def test_pods_of_one_name_and_address_family_each_have_theirs() -> None:
    zone = ServedZone(endpoint_names="pod")
    zone.service("db", headless=True)
    zone.slice("a", "db", "10.0.0.1 10.0.0.2", pods="db-x db-y")
    zone.slice("b", "db", "fd00::1", pods="db-x")
    assert zone.addresses(f"db-x.{DB} A") == ["10.0.0.1"]
    assert zone.addresses(f"db-x.{DB} AAAA") == ["fd00::1"]
    zone.slice("a", "db", "10.0.0.1 10.0.0.2", pods="db-z db-y")
    assert zone.ask(f"db-x.{DB} A").is_nodata
    assert zone.addresses(f"db-z.{DB} A") == ["10.0.0.1"]


def test_a_pod_of_another_name_is_a_change() -> None:
    zone = ServedZone(endpoint_names="pod")
    zone.service("db", headless=True)
    zone.slice("a", "db", "10.0.0.1", pods="db-x")
    zone.ask("1.0.0.10.in-addr.arpa. PTR")
    changed = zone.slice("a", "db", "10.0.0.1", pods="db-y")
    assert changed == {DB, "1.0.0.10.in-addr.arpa."}
    assert zone.ask("1.0.0.10.in-addr.arpa. PTR").answers[0].endswith(f"db-y.{DB}")


def test_cluster_ips_are_shown_in_the_style_as_well() -> None:
    zone = ServedZone(endpoint_names="address")
    zone.service("web", ips="10.0.0.1")
    name = "web.default.svc.cluster.local."
    assert zone.ask(f"{name} SRV").answers == [f"{name} 30 IN SRV 10 100 0 10-0-0-1.{name}"]


def test_the_cache_page_shows_the_same_labels() -> None:
    zone = ServedZone(endpoint_names="pod")
    zone.service("db", headless=True)
    zone.slice("a", "db", "10.0.0.1 db-0@10.0.0.2", ports="pg/tcp:5432", pods="db-x db-y")
    node = zone.tree.dump()["ChildNodes"]["local"]["ChildNodes"]["cluster"]["ChildNodes"]["svc"]
    service = node["ChildNodes"]["default"]["ChildNodes"]["db"]
    assert sorted(service["Entries"]) == ["db-0", "db-x"]


@given(st.ip_addresses())
def test_a_dashed_label_is_one_and_leads_back(address: ipaddress.IPv4Address) -> None:
    label = dashed_label(address.packed)
    assert dashed_address(label) == address.packed
    assert len(label) <= 63
    assert not label.startswith(b"-")
    assert not label.endswith(b"-")
