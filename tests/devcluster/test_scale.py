"""Thousands of objects are made and listed in seconds."""

from __future__ import annotations

import time

from devcluster.cluster import DevCluster, Settings
from tests.devcluster.support import SERVICES, SLICES, Json, call, namespace, service

COUNT = 10_000


def endpoint_slice(number: int) -> Json:
    return {
        "apiVersion": "discovery.k8s.io/v1",
        "kind": "EndpointSlice",
        "metadata": {
            "name": f"s{number}",
            "namespace": "big",
            "labels": {"kubernetes.io/service-name": f"s{number}"},
        },
        "addressType": "IPv4",
        "endpoints": [{"addresses": [f"10.1.{n}.1"]} for n in range(15)],
    }


def test_ten_thousand_services_and_slices() -> None:
    with DevCluster(Settings()) as cluster:
        cluster.create(namespace("big"))
        started = time.monotonic()
        for number in range(COUNT):
            cluster.create(service(f"s{number}", "big"))
            cluster.create(endpoint_slice(number))
        assert time.monotonic() - started < 20
        started = time.monotonic()
        token, services = "", 0
        while True:
            page = call(cluster, "GET", f"{SERVICES}?limit=500&continue={token}").json
            services += len(page["items"])
            token = page["metadata"].get("continue", "")
            if not token:
                break
        slices = len(call(cluster, "GET", SLICES).json["items"])
        assert (services, slices) == (COUNT + 1, COUNT + 1)
        assert time.monotonic() - started < 20


def test_pods_of_many_services_cost_only_their_own() -> None:
    with DevCluster(Settings()) as cluster:
        for number in range(2000):
            cluster.create(service(f"s{number}", selector={"app": f"a{number}"}))
        started = time.monotonic()
        for number in range(2000):
            pod: Json = {
                "apiVersion": "v1",
                "kind": "Pod",
                "metadata": {"name": f"p{number}", "labels": {"app": f"a{number}"}},
                "status": {"podIP": f"10.1.{number // 250}.{number % 250}"},
            }
            cluster.create(pod)
        assert time.monotonic() - started < 10
        assert sum(len(s["endpoints"] or ()) for s in cluster.objects("endpointslices")) == 2001
