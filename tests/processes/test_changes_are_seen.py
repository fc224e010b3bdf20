"""What changes in the cluster shows through the front within the second."""

from __future__ import annotations

import json
from functools import partial

import pytest

from tests.processes.pod import Pod, service
from tests.waiting import eventually

SEEN_S = 1.0


@pytest.mark.needs_kubectl
def test_service_made_and_deleted_with_kubectl(pod: Pod) -> None:
    question = "made.shop.svc.cluster.local. A"
    assert pod.rcode(question) == "NXDOMAIN"
    pod.kubectl(
        "create",
        "--validate=false",
        "-f",
        "-",
        stdin=json.dumps(service("made", "shop", "10.96.7.1")),
    )
    eventually(lambda: pod.rcode(question) == "NOERROR", SEEN_S, "does not resolve")
    assert pod.answer(question) == ["made.shop.svc.cluster.local. A 10.96.7.1"]
    pod.kubectl("delete", "service", "made", "--namespace=shop")
    eventually(lambda: pod.rcode(question) == "NXDOMAIN", SEEN_S, "still resolves")


def is_answered(pod: Pod, question: str, line: str) -> bool:
    return pod.answer(question) == [line]


def test_service_made_and_deleted_over_http(pod: Pod) -> None:
    question = "posted.shop.svc.cluster.local. A"
    services = "/api/v1/namespaces/shop/services"
    assert pod.rcode(question) == "NXDOMAIN"
    pod.api("POST", services, service("posted", "shop", "10.96.7.2"))
    eventually(lambda: pod.rcode(question) == "NOERROR", SEEN_S, "does not resolve")
    ptr = "2.7.96.10.in-addr.arpa. PTR"
    eventually(lambda: pod.answer(ptr) != [], SEEN_S, "address has no name")
    pod.api("DELETE", f"{services}/posted")
    eventually(lambda: pod.rcode(question) == "NXDOMAIN", SEEN_S, "still resolves")


def test_recreated_service_has_its_new_address(pod: Pod) -> None:
    question = "again.shop.svc.cluster.local. A"
    services = "/api/v1/namespaces/shop/services"
    for number in range(3):
        pod.api("POST", services, service("again", "shop", f"10.96.8.{number + 1}"))
        expected = f"again.shop.svc.cluster.local. A 10.96.8.{number + 1}"
        eventually(partial(is_answered, pod, question, expected), SEEN_S, "old address")
        pod.api("DELETE", f"{services}/again")


def test_endpoints_that_come_and_go(pod: Pod) -> None:
    question = "crew.prod.svc.cluster.local. A"
    headless = service("crew", "prod", "None")
    pod.api("POST", "/api/v1/namespaces/prod/services", headless)
    slices = "/apis/discovery.k8s.io/v1/namespaces/prod/endpointslices"

    def endpoints(*addresses: str) -> list[dict[str, object]]:
        return [{"addresses": [a], "conditions": {"ready": True}} for a in addresses]

    def found() -> list[str]:
        return [line.rsplit(" ", 1)[1] for line in pod.answer(question)]

    pod.api(
        "POST",
        slices,
        {
            "apiVersion": "discovery.k8s.io/v1",
            "kind": "EndpointSlice",
            "metadata": {
                "name": "crew-1",
                "namespace": "prod",
                "labels": {"kubernetes.io/service-name": "crew"},
            },
            "addressType": "IPv4",
            "endpoints": endpoints("10.244.5.1", "10.244.5.2"),
            "ports": [{"name": "http", "port": 8080, "protocol": "TCP"}],
        },
    )
    eventually(lambda: found() == ["10.244.5.1", "10.244.5.2"], SEEN_S, "no endpoints")
    pod.api("PATCH", f"{slices}/crew-1", {"endpoints": endpoints("10.244.5.2", "10.244.5.3")})
    eventually(lambda: found() == ["10.244.5.2", "10.244.5.3"], SEEN_S, "old endpoints")
    not_ready = [{"addresses": ["10.244.5.2"], "conditions": {"ready": False}}]
    pod.api("PATCH", f"{slices}/crew-1", {"endpoints": not_ready})
    eventually(lambda: pod.rcode(question) == "NXDOMAIN", SEEN_S, "unready endpoint is served")
