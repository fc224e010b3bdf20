"""What kubedns may not read it does without; under the built-in role it answers from Endpoints."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from devcluster.cluster import DevCluster, Settings
from tests.kubedns_process.daemon import Kubedns
from tests.waiting import eventually

OPTIONAL = ("endpointslices", "namespaces", "pods", "configmaps", "nodes")
"""What the built-in role `system:kube-dns` does not allow."""


@pytest.fixture
def stock_role() -> Iterator[DevCluster]:
    with DevCluster(Settings(sample=True)) as cluster:
        for resource in OPTIONAL:
            cluster.faults.forbid(resource)
        yield cluster


def test_services_and_endpoints_are_enough(stock_role: DevCluster) -> None:
    flags = ("--config-map=kube-dns", "--v=2")
    with Kubedns(*flags, api=stock_role.url) as kubedns:
        kubedns.wait_ready()
        assert kubedns.answers("kubernetes.default.svc.cluster.local.") == [
            "kubernetes.default.svc.cluster.local. A 10.96.0.1"
        ]
        assert len(kubedns.answers("db.prod.svc.cluster.local.")) == 2
        assert [line.split()[1] for line in kubedns.answers("db-0.db.prod.svc.cluster.local.")] == [
            "A"
        ]
        # Each is said once, and the status page shows it.
        for resource in ("endpointslices", "namespaces", "configmaps"):
            said = [
                line
                for line in kubedns.log.splitlines()
                if "going on without" in line and f"resource={resource} " in line
            ]
            assert len(said) == 1, kubedns.log
            page = kubedns.get("/readyz?verbose").text
            assert f"[+] watch {resource}: not allowed" in page
        assert "[+] watch endpoints: watching" in kubedns.get("/readyz?verbose").text


def test_changes_of_endpoints_arrive(stock_role: DevCluster) -> None:
    with Kubedns(api=stock_role.url) as kubedns:
        kubedns.wait_ready()
        name = "db.prod.svc.cluster.local."
        assert len(kubedns.answers(name)) == 2
        stock_role.delete("endpoints", "db", "prod")
        eventually(lambda: kubedns.answers(name) == ["NXDOMAIN"])


def test_pods_that_cannot_be_verified_do_not_keep_the_rest_waiting(stock_role: DevCluster) -> None:
    with Kubedns("--pods=verified", api=stock_role.url) as kubedns:
        kubedns.wait_ready()
        assert kubedns.answers("10-244-1-7.prod.pod.cluster.local.") == ["NXDOMAIN"]


def test_slices_that_may_not_be_replaced_are_waited_for(stock_role: DevCluster) -> None:
    with Kubedns("--endpoints-source=slices", api=stock_role.url) as kubedns:
        kubedns.wait_listening()
        eventually(lambda: "watch lost resource=endpointslices" in kubedns.log)
        waited_for = "not ready: waiting for the first lists of endpointslices"
        # The Services are read by another thread, before or after the refusal.
        eventually(lambda: waited_for in kubedns.get("/readyz?verbose").text)
        stock_role.faults.allow("endpointslices")
        kubedns.wait_ready()


def test_an_empty_namespace_is_there(stock_role: DevCluster) -> None:
    name = "empty.svc.cluster.local."
    stock_role.faults.allow("namespaces")
    with Kubedns(api=stock_role.url) as kubedns:
        kubedns.wait_ready()
        assert kubedns.answers(name) == ["NXDOMAIN"]
        stock_role.create({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "empty"}})
        eventually(lambda: kubedns.answers(name) == [])
        stock_role.delete("namespaces", "empty")
        eventually(lambda: kubedns.answers(name) == ["NXDOMAIN"])
