"""--pods: whether a pod name has to be that of a pod."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kubedns.pod_index import PodIndex
from kubedns.rows import ENDPOINT_SLICES, PODS, SERVICES
from tests.kubedns_zone.served import ServedZone, make_query, pod_row

POD = "shop.pod.cluster.local."


@pytest.fixture
def verified() -> ServedZone:
    zone = ServedZone(pods="verified")
    zone.pod("a", "10.1.0.1 fd00::1", ns="shop")
    zone.pod("b", "10.1.0.2", ns="shop")
    return zone


@pytest.mark.parametrize(
    ("question", "addresses"),
    [
        (f"10-1-0-1.{POD} A", ["10.1.0.1"]),
        (f"10-1-0-1.{POD} AAAA", ["fd00::1"]),  # all addresses, by whichever it is named
        (f"fd00--1.{POD} A", ["10.1.0.1"]),
        (f"fd00--1.{POD} AAAA", ["fd00::1"]),
        (f"FD00-0--1.{POD} AAAA", ["fd00::1"]),
        (f"10-1-0-2.{POD} A", ["10.1.0.2"]),
    ],
)
def test_a_pod_resolves(verified: ServedZone, question: str, addresses: list[str]) -> None:
    assert verified.addresses(question) == addresses


@pytest.mark.parametrize(
    ("name", "is_there"),
    [
        (f"10-1-0-2.{POD}", True), (POD, True), ("pod.cluster.local.", True),
        (f"10-1-0-3.{POD}", False), ("10-1-0-1.other.pod.cluster.local.", False),
        (f"blah.{POD}", False), (f"x.10-1-0-1.{POD}", False), ("other.pod.cluster.local.", False),
        (f"*.{POD}", False), (r"\000.pod.cluster.local.", False),
        (r"10-1-0-1.\000.pod.cluster.local.", False), (r"fd00--1.a\000.pod.cluster.local.", False),
    ],
)  # fmt: skip
@pytest.mark.parametrize("rdtype", ["AAAA", "SRV", "HTTPS", "TXT", "SOA"])
def test_what_is_no_pod_is_nxdomain(
    verified: ServedZone, name: str, rdtype: str, *, is_there: bool
) -> None:
    reply = verified.ask(f"{name} {rdtype}")
    assert reply.is_nodata if is_there else reply.is_nxdomain


@pytest.mark.parametrize("rdtype", ["A", "AAAA", "SRV"])
@pytest.mark.parametrize("name", ["10-1-0-1.shop.pod", "shop.pod", "pod", "blah.shop.pod"])
def test_disabled_there_are_none(name: str, rdtype: str) -> None:
    zone = ServedZone(pods="disabled")
    zone.namespace("shop")
    assert zone.ask(f"{name}.cluster.local. {rdtype}").is_nxdomain


def test_pods_come_change_and_go(verified: ServedZone) -> None:
    name = f"10-1-0-9.{POD}"
    query = make_query(name, "A")
    assert verified.ask(f"{name} A").is_nxdomain
    assert verified.pod("c", "10.1.0.9", ns="shop") == {name}
    assert verified.addresses(f"{name} A") == ["10.1.0.9"]
    assert query[2:] in verified.handler.prebuilt
    assert verified.pod("d", "10.1.0.8", ns="shop") == {f"10-1-0-8.{POD}"}
    assert query[2:] in verified.handler.prebuilt
    assert verified.pod("c", "10.1.0.9", ns="shop") == set()
    assert verified.pod("c", "10.1.0.7", ns="shop") == {name, f"10-1-0-7.{POD}"}
    assert verified.ask(f"{name} A").is_nxdomain
    assert verified.no_pod("c", ns="shop") == {f"10-1-0-7.{POD}"}
    assert verified.no_pod("c", ns="shop") == set()
    # An IPv6 address has many spellings: all names of the namespace.
    assert POD in verified.pod("a", "10.1.0.1 fd00::2", ns="shop")
    assert verified.addresses(f"fd00--2.{POD} A") == ["10.1.0.1"]
    assert verified.ask(f"fd00--1.{POD} A").is_nxdomain


def test_pods_of_the_hosts_network_share_an_address(verified: ServedZone) -> None:
    verified.pod("h1", "192.0.2.1 fd00::51", ns="shop")
    verified.pod("h2", "192.0.2.1", ns="shop")
    assert verified.addresses(f"192-0-2-1.{POD} AAAA") == ["fd00::51"]
    verified.no_pod("h1", ns="shop")
    assert verified.addresses(f"192-0-2-1.{POD} A") == ["192.0.2.1"]
    assert verified.ask(f"192-0-2-1.{POD} AAAA").is_nodata
    verified.no_pod("h2", ns="shop")
    assert verified.ask(f"192-0-2-1.{POD} A").is_nxdomain


def test_a_pod_without_an_address_is_none_yet(verified: ServedZone) -> None:
    assert verified.pod("new", "", ns="shop") == set()
    assert len(verified.tree.pods) == 2


def test_readiness_waits_for_the_pods() -> None:
    zone = ServedZone(synced=False, pods="verified")
    zone.apply(SERVICES, [], synced=True)
    zone.apply(ENDPOINT_SLICES, [], synced=True)
    assert not zone.tree.synced
    assert zone.ask(f"10-1-0-1.{POD} A").rcode == "SERVFAIL"
    zone.apply(PODS, [(("shop", "a"), pod_row("a", "10.1.0.1", ns="shop"))], synced=True)
    assert zone.tree.synced
    assert zone.addresses(f"10-1-0-1.{POD} A") == ["10.1.0.1"]


def test_otherwise_pods_are_not_kept(zone: ServedZone) -> None:
    assert zone.pod("a", "10.1.0.1", ns="shop") == set()
    assert len(zone.tree.pods) == 0


def test_an_external_name_may_lead_to_a_pod(verified: ServedZone) -> None:
    verified.service("x", external=f"10-1-0-9.{POD}")
    name = "x.default.svc.cluster.local."
    assert verified.ask(f"{name} A").rcode == "NXDOMAIN"
    assert name in verified.pod("c", "10.1.0.9", ns="shop")
    assert verified.ask(f"{name} A").rcode == "NOERROR"


ADDRESSES = st.sampled_from([bytes((10, 0, 0, n)) for n in range(3)] + [bytes(15) + b"\1"])
STEPS = st.tuples(st.sampled_from([b"n", b"m"]), st.sampled_from("abc"), st.lists(ADDRESSES))


@given(st.lists(STEPS, max_size=30))
def test_the_index_says_what_a_plain_dictionary_says(
    steps: list[tuple[bytes, str, list[bytes]]],
) -> None:
    index, model = PodIndex(), dict[tuple[bytes, str], set[bytes]]()
    for namespace, name, addresses in steps:
        before = model.get((namespace, name), set())
        row = pod_row(name, "")
        touched = index.set(namespace, name, type(row)(row.namespace, name, tuple(addresses)))
        model[namespace, name] = set(addresses)
        assert touched == (before | set(addresses) if before != set(addresses) else set())
    for namespace in (b"n", b"m"):
        pods = [held for (ns, _), held in model.items() if ns == namespace]
        assert index.has_namespace(namespace) is any(pods)
        for address in (bytes((10, 0, 0, 0)), bytes(15) + b"\1"):
            expected = set().union(*[held for held in pods if address in held])
            found = index.addresses(namespace, address)
            assert set(found) == expected and len(found) == len(expected)
    assert len(index) == sum(map(bool, model.values()))
