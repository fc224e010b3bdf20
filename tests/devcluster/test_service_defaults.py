"""What a Service looks like after the server has completed it, and which are refused."""

from __future__ import annotations

import ipaddress
from typing import Any

import pytest

from devcluster.cluster import DevCluster
from tests.devcluster.support import Json, call, service

PATH = "/api/v1/namespaces/default/services"


def created(cluster: DevCluster, **spec: Any) -> Json:
    result: Json = cluster.create(service("s", **spec))["spec"]
    return result


def test_cluster_ip_is_allocated_from_the_range(cluster: DevCluster) -> None:
    spec = created(cluster)
    assert ipaddress.ip_address(spec["clusterIP"]) in ipaddress.ip_network("10.96.0.0/16")
    assert spec["clusterIPs"] == [spec["clusterIP"]]
    assert (spec["ipFamilies"], spec["ipFamilyPolicy"]) == (["IPv4"], "SingleStack")


@pytest.mark.parametrize("policy", ["PreferDualStack", "RequireDualStack"])
def test_dual_stack_gets_one_of_each(cluster: DevCluster, policy: str) -> None:
    spec = created(cluster, ipFamilyPolicy=policy)
    assert [":" in ip for ip in spec["clusterIPs"]] == [False, True]
    assert spec["ipFamilies"] == ["IPv4", "IPv6"]


def test_ipv6_first(cluster: DevCluster) -> None:
    spec = created(cluster, ipFamilyPolicy="PreferDualStack", ipFamilies=["IPv6"])
    assert spec["ipFamilies"] == ["IPv6", "IPv4"]
    assert ":" in spec["clusterIP"]


def test_ipv6_only(cluster: DevCluster) -> None:
    spec = created(cluster, ipFamilies=["IPv6"])
    assert ipaddress.ip_address(spec["clusterIP"]) in ipaddress.ip_network("fd00:10:96::/112")
    assert spec["ipFamilyPolicy"] == "SingleStack"


def test_given_addresses_decide_the_families(cluster: DevCluster) -> None:
    spec = created(cluster, clusterIPs=["fd00:10:96::9", "10.96.0.9"])
    assert spec["ipFamilies"] == ["IPv6", "IPv4"]
    assert spec["ipFamilyPolicy"] == "RequireDualStack"


def test_headless(cluster: DevCluster) -> None:
    spec = created(cluster, clusterIP="None", selector={"a": "b"})
    assert (spec["clusterIP"], spec["clusterIPs"]) == ("None", ["None"])
    assert spec["ipFamilies"] == ["IPv4"]


def test_headless_without_selector_is_of_both_families(cluster: DevCluster) -> None:
    spec = created(cluster, clusterIP="None")
    assert (spec["ipFamilies"], spec["ipFamilyPolicy"]) == (["IPv4", "IPv6"], "RequireDualStack")


def test_headless_needs_no_ports(cluster: DevCluster) -> None:
    assert "ports" not in created(cluster, clusterIP="None", ports=[])


def test_external_name_has_no_address(cluster: DevCluster) -> None:
    spec = created(cluster, type="ExternalName", externalName="www.example.com.", ports=[])
    assert spec == {
        "type": "ExternalName",
        "sessionAffinity": "None",
        "externalName": "www.example.com.",
    }


def test_ports_are_completed(cluster: DevCluster) -> None:
    ports = [
        {"name": "a", "port": 1},
        {"name": "b", "port": 2, "protocol": "UDP", "targetPort": "x", "appProtocol": "dns"},
    ]
    assert created(cluster, ports=ports)["ports"] == [
        {"name": "a", "protocol": "TCP", "port": 1, "targetPort": 1},
        {"name": "b", "protocol": "UDP", "port": 2, "targetPort": "x", "appProtocol": "dns"},
    ]


REFUSED: list[tuple[Json, str]] = [
    ({"ports": []}, "spec.ports: Required value"),
    ({"ports": [{"port": 0}]}, "must be between 1 and 65535"),
    ({"ports": [{"port": 65536}]}, "must be between 1 and 65535"),
    ({"ports": [{"port": 1}, {"port": 2}]}, "spec.ports[0].name: Required value"),
    ({"ports": [{"name": "a", "port": 1}, {"name": "a", "port": 2}]}, "Duplicate value"),
    ({"ports": [{"name": "a", "port": 1}, {"name": "b", "port": 1}]}, "Duplicate value"),
    ({"ports": [{"name": "Http", "port": 1}]}, "lowercase RFC 1123 label"),
    ({"ports": [{"port": 1, "protocol": "ICMP"}]}, 'Unsupported value: "ICMP"'),
    ({"type": "Magic"}, 'Unsupported value: "Magic"'),
    ({"ipFamilyPolicy": "Both"}, 'Unsupported value: "Both"'),
    ({"ipFamilies": ["IPv5"]}, 'Unsupported value: "IPv5"'),
    ({"type": "ExternalName"}, "spec.externalName: Required value"),
    ({"type": "ExternalName", "externalName": "a_b"}, "spec.externalName: Invalid value"),
    ({"clusterIP": "10.96.0.256"}, "must be a valid IP address"),
    ({"clusterIP": "192.0.2.1"}, "does not match the current range"),
    ({"clusterIP": "10.96.0.1"}, "provided IP is already allocated"),
    ({"clusterIPs": ["10.96.0.5"], "clusterIP": "10.96.0.6"}, "must match `clusterIP`"),
    ({"clusterIP": "10.96.0.5", "ipFamilies": ["IPv6"]}, "expected an IPv6 address"),
]


@pytest.mark.parametrize("spec, words", REFUSED)
def test_services_that_are_refused(cluster: DevCluster, spec: Json, words: str) -> None:
    answer = call(cluster, "POST", PATH, service("s", **spec))
    assert (answer.code, answer.json["reason"]) == (422, "Invalid")
    assert answer.json["message"].startswith('Service "s" is invalid: ')
    assert words in answer.json["message"]
    assert answer.json["details"]["causes"]


def test_name_begins_with_a_letter(cluster: DevCluster) -> None:
    answer = call(cluster, "POST", PATH, service("1st"))
    assert answer.code == 422
    assert "DNS-1035 label" in answer.json["message"]


def test_refused_service_keeps_no_address(cluster: DevCluster) -> None:
    wanted = ["10.96.0.9", "fd00:10:97::1"]
    assert call(cluster, "POST", PATH, service("s", clusterIPs=wanted)).code == 422
    created(cluster, clusterIP="10.96.0.9")


def test_address_stays_over_updates_that_do_not_name_it(cluster: DevCluster) -> None:
    before = created(cluster)
    after = cluster.replace(service("s", ports=[{"port": 81}]))["spec"]
    assert after["clusterIPs"] == before["clusterIPs"]
    assert after["ports"][0]["port"] == 81


@pytest.mark.parametrize("patch", [{"clusterIP": "10.96.0.99"}, {"clusterIPs": ["10.96.0.99"]}])
def test_address_cannot_be_changed(cluster: DevCluster, patch: Json) -> None:
    created(cluster)
    answer = call(
        cluster,
        "PATCH",
        f"{PATH}/s",
        {"spec": patch},
        content_type="application/merge-patch+json",
    )
    assert answer.code == 422
    assert (
        "may not change once set" in answer.json["message"]
        or "must match" in (answer.json["message"])
    )


def test_second_family_can_be_added_and_taken_away(cluster: DevCluster) -> None:
    first = created(cluster)["clusterIP"]
    dual = cluster.patch(
        "services", "s", {"spec": {"ipFamilyPolicy": "PreferDualStack"}}, "default"
    )
    assert dual["spec"]["clusterIPs"][0] == first
    second = dual["spec"]["clusterIPs"][1]
    single = cluster.patch("services", "s", {"spec": {"ipFamilyPolicy": "SingleStack"}}, "default")
    assert single["spec"]["clusterIPs"] == [first]
    assert single["spec"]["ipFamilies"] == ["IPv4"]
    cluster.create(service("t", clusterIP=second))


def test_becoming_external_name_gives_the_address_back(cluster: DevCluster) -> None:
    address = created(cluster)["clusterIP"]
    patch = {"type": "ExternalName", "externalName": "example.com"}
    after = cluster.patch("services", "s", {"spec": patch}, "default")["spec"]
    assert "clusterIP" not in after
    cluster.create(service("t", clusterIP=address))
    back = {"type": "ClusterIP", "externalName": None}
    assert cluster.patch("services", "s", {"spec": back}, "default")["spec"]["clusterIP"]
