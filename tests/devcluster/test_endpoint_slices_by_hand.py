"""EndpointSlices and Endpoints that clients write themselves."""

from __future__ import annotations

from typing import Any

import pytest

from devcluster.cluster import DevCluster
from tests.devcluster.support import Json, call

PATH = "/apis/discovery.k8s.io/v1/namespaces/default/endpointslices"


def by_hand(**fields: Any) -> Json:
    return {
        "apiVersion": "discovery.k8s.io/v1",
        "kind": "EndpointSlice",
        "metadata": {"name": "a", "namespace": "default"},
        "addressType": "IPv4",
        **fields,
    }


def test_empty_lists_come_back_as_null(cluster: DevCluster) -> None:
    answer = call(cluster, "POST", PATH, by_hand(endpoints=[], ports=[]))
    assert (answer.json["endpoints"], answer.json["ports"]) == (None, None)


def test_ports_are_completed_and_endpoints_kept(cluster: DevCluster) -> None:
    endpoint = {"addresses": ["192.0.2.1"], "hostname": "h", "conditions": {"ready": False}}
    made = cluster.create(by_hand(endpoints=[endpoint], ports=[{"port": 80}]))
    assert made["ports"] == [{"name": "", "port": 80, "protocol": "TCP"}]
    assert made["endpoints"] == [endpoint]


@pytest.mark.parametrize(
    "fields, words",
    [
        ({"addressType": None}, "addressType: Required value"),
        ({"addressType": "IPv5"}, 'Unsupported value: "IPv5"'),
        ({"endpoints": [{}]}, "must contain at least 1 address"),
        ({"endpoints": [{"addresses": ["::1"]}]}, "must be a valid IPv4 address"),
        ({"addressType": "IPv6", "endpoints": [{"addresses": ["x"]}]}, "valid IPv6 address"),
    ],
)
def test_slices_that_are_refused(cluster: DevCluster, fields: Json, words: str) -> None:
    answer = call(cluster, "POST", PATH, by_hand(**fields))
    assert (answer.code, answer.json["details"]["kind"]) == (422, "EndpointSlice")
    assert answer.json["message"].startswith('EndpointSlice.discovery.k8s.io "a" is invalid: ')
    assert words in answer.json["message"]


def test_names_are_addresses_of_type_fqdn(cluster: DevCluster) -> None:
    made = cluster.create(by_hand(addressType="FQDN", endpoints=[{"addresses": ["example.com"]}]))
    assert made["endpoints"][0]["addresses"] == ["example.com"]


def test_endpoints_without_a_selecting_service_are_kept_as_written(cluster: DevCluster) -> None:
    subsets = [{"addresses": [{"ip": "192.0.2.1"}], "ports": [{"port": 80}]}]
    made = cluster.create(
        {
            "apiVersion": "v1",
            "kind": "Endpoints",
            "metadata": {"name": "a", "namespace": "default"},
            "subsets": subsets,
        }
    )
    assert made["subsets"] == subsets


def test_apply_in_process_creates_and_replaces(cluster: DevCluster) -> None:
    first = cluster.apply(by_hand(endpoints=[{"addresses": ["192.0.2.1"]}]))
    second = cluster.apply(by_hand(endpoints=[{"addresses": ["192.0.2.2"]}]))
    assert second["metadata"]["uid"] == first["metadata"]["uid"]
    assert second["metadata"]["generation"] == 2
