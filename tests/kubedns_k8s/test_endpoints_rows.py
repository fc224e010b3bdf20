"""Endpoints as rows: one per subset and family, ready addresses only, gone when they are gone."""

from __future__ import annotations

from ipaddress import ip_address
from typing import Any

import pytest

from kubedns.k8s.endpoints import endpoints
from kubedns.k8s.errors import Gone
from kubedns.k8s.project import endpoint_slices
from kubedns.rows import ENDPOINT_SLICES, Key, SliceRow
from tests.kubedns_k8s.support import Driven, event, recorded


def an_object(rv: int, *subsets: Any, name: str = "web") -> dict[str, Any]:
    return {
        "metadata": {"name": name, "namespace": "ns", "resourceVersion": str(rv)},
        "subsets": list(subsets) or None,
    }


def subset(*addresses: str, port: int = 80, not_ready: tuple[str, ...] = ()) -> dict[str, Any]:
    """Addresses are written `10.0.0.1` or `hostname@10.0.0.1`."""
    return {
        "addresses": [entry(text) for text in addresses] or None,
        "notReadyAddresses": [entry(text) for text in not_ready] or None,
        "ports": [{"name": "http", "port": port, "protocol": "TCP"}],
    }


def entry(text: str) -> dict[str, str]:
    hostname, _, ip = text.rpartition("@")
    return {"ip": ip, "hostname": hostname} if hostname else {"ip": ip}


def shown(driven: Driven) -> dict[str, str]:
    """Addresses and ports by the name of the row."""
    found = {}
    for (_, name), row in driven.rows.items():
        assert isinstance(row, SliceRow)
        assert (row.namespace, row.name) == ("ns", name)
        size = row.family
        texts = [
            str(ip_address(row.addresses[at : at + size]))
            for at in range(0, len(row.addresses), size)
        ]
        hosts = row.hostnames or ("",) * len(texts)
        addresses = [f"{h}@{t}" if h else t for h, t in zip(hosts, texts, strict=True)]
        found[name] = " ".join([*addresses, *(f":{port.port}" for port in row.ports)])
    return found


def listed(*objects: dict[str, Any]) -> Driven:
    driven = Driven(endpoints())
    driven.listed(*objects, rv=10)
    return driven


def test_the_recorded_endpoints_say_what_the_recorded_slices_say() -> None:
    def addresses(kind: Any, name: str) -> dict[tuple[str, int], set[tuple[bytes, str]]]:
        driven = Driven(kind)
        driven.asks_list()
        driven.reflector.page(recorded(name).body, driven.now)
        driven.take()
        assert driven.bad == []
        found: dict[tuple[str, int], set[tuple[bytes, str]]] = {}
        for row in driven.rows.values():
            assert isinstance(row, SliceRow)
            if row.namespace == "prod" and row.addresses:
                size = row.family
                each = [row.addresses[n : n + size] for n in range(0, len(row.addresses), size)]
                hosts = row.hostnames or ("",) * len(each)
                found.setdefault((row.service, size), set()).update(zip(each, hosts, strict=True))
        return found

    from_endpoints = addresses(endpoints(), "endpoints-prod")
    from_slices = addresses(endpoint_slices(), "endpointslices")
    assert from_endpoints
    for key, found in from_endpoints.items():
        assert found == from_slices[key]
    # What Endpoints cannot say: the other family of a Service.
    assert {service for service, family in from_endpoints if family == 4} == {
        service for service, family in from_slices if family == 4
    }


def test_subsets_and_families_have_rows_of_their_own() -> None:
    driven = listed(an_object(2, subset("10.0.0.1", "fd00::1"), subset("10.0.0.2", port=81)))
    assert shown(driven) == {
        "web/0/4": "10.0.0.1 :80",
        "web/0/16": "fd00::1 :80",
        "web/1/4": "10.0.0.2 :81",
    }
    assert all(batch.resource == ENDPOINT_SLICES for batch in driven.batches)
    assert {row.service for row in driven.rows.values() if isinstance(row, SliceRow)} == {"web"}


def test_addresses_that_are_not_ready_do_not_count() -> None:
    driven = listed(
        an_object(2, subset("10.0.0.1", not_ready=("10.0.0.2",)), subset(not_ready=("10.0.0.3",)))
    )
    assert shown(driven) == {"web/0/4": "10.0.0.1 :80"}


def test_hostnames_and_pods() -> None:
    body = subset("a@10.0.0.1", "10.0.0.2")
    body["addresses"][0]["targetRef"] = {"kind": "Pod", "name": "web-0"}
    assert shown(listed(an_object(2, body))) == {"web/0/4": "a@10.0.0.1 10.0.0.2 :80"}
    driven = Driven(endpoints(want_pods=True))
    driven.listed(an_object(2, body), rv=10)
    [row] = driven.rows.values()
    assert isinstance(row, SliceRow)
    assert row.pods == ("web-0", "")


@pytest.mark.parametrize(
    "subsets",
    [
        [],
        [None],
        [{}],
        [{"addresses": None, "ports": None}],
        [{"addresses": [None], "ports": [{"port": 80}]}],
        [{"notReadyAddresses": [{"ip": "10.0.0.1"}]}],
    ],
)
def test_objects_without_a_ready_address_have_no_row(subsets: list[Any]) -> None:
    driven = listed(an_object(2, *subsets))
    assert driven.rows == {}
    assert driven.bad == []


def test_subsets_that_go_take_their_rows_along() -> None:
    driven = listed(an_object(2, subset("10.0.0.1", "fd00::1"), subset("10.0.0.2", port=81)))
    driven.opened()
    driven.sent(event("MODIFIED", an_object(11, subset("10.0.0.2"))))
    assert shown(driven) == {"web/0/4": "10.0.0.2 :80"}
    driven.sent(event("MODIFIED", an_object(12)))
    assert driven.rows == {}
    driven.sent(event("MODIFIED", an_object(13, subset("10.0.0.3"))))
    assert shown(driven) == {"web/0/4": "10.0.0.3 :80"}


def test_an_object_that_goes_takes_all_its_rows_along() -> None:
    whole = an_object(2, subset("10.0.0.1", "fd00::1"), subset("10.0.0.2", port=81))
    driven = listed(whole, an_object(3, subset("10.0.1.1"), name="other"))
    driven.opened()
    driven.sent(event("DELETED", whole))
    assert shown(driven) == {"other/0/4": "10.0.1.1 :80"}
    assert driven.reflector.objects == 1


def test_a_relist_is_a_diff() -> None:
    same = an_object(2, subset("10.0.0.1", "fd00::1"), name="same")
    driven = listed(same, an_object(3, subset("10.0.0.2", "fd00::2"), name="gone"))
    driven.asks_watch()
    driven.failed(Gone("410"), after_s=1000)
    [batch] = driven.listed(same, rv=20)
    assert dict(batch.changes) == {("ns", "gone/0/4"): None, ("ns", "gone/0/16"): None}


def test_rows_that_did_not_arrive_come_again_or_go_again() -> None:
    old, new = an_object(2, subset("10.0.0.1", "fd00::1")), an_object(12, subset("10.0.0.1"))
    driven = listed(old)
    driven.opened()
    driven.reflector.lines([event("MODIFIED", new)], driven.now)
    lost = driven.reflector.next_batch()
    assert lost is not None
    assert ("ns", "web/0/16") in dict(lost.changes)
    driven.reflector.undelivered(lost, driven.now)
    driven.asks_sleep()
    driven.listed(new, rv=20)
    assert shown(driven) == {"web/0/4": "10.0.0.1 :80"}

    driven.opened()
    driven.reflector.lines([event("DELETED", new)], driven.now)
    lost = driven.reflector.next_batch()
    assert lost is not None
    driven.reflector.undelivered(lost, driven.now)
    driven.asks_sleep()
    driven.listed(rv=30)
    assert driven.rows == {}
    assert driven.reflector.objects == 0


def test_a_bad_address_is_reported_once_and_the_last_good_rows_stay() -> None:
    driven = listed(an_object(2, subset("10.0.0.1")))
    driven.opened()
    bad = an_object(11, subset("10.0.0.1"), subset("10.0.0.256"))
    driven.sent(event("MODIFIED", bad), event("MODIFIED", bad))
    assert shown(driven) == {"web/0/4": "10.0.0.1 :80"}
    assert [str(error) for error in driven.bad] == ["ns/web: address '10.0.0.256'"]


def test_what_is_known_of_rows_can_be_taken_back() -> None:
    driven = listed(
        an_object(2, subset("10.0.0.1", "fd00::1")), an_object(3, subset("10.0.0.2"), name="b")
    )
    keys: set[Key] = set(driven.reflector.row_keys())
    assert keys == driven.rows.keys()
