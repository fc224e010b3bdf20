"""--config-map: the one ConfigMap of that name, as it comes, changes, turns bad and goes."""

from __future__ import annotations

import json
from typing import Any

from devcluster.cluster import DevCluster
from tests.fakes.dns_server import DnsServer
from tests.kubedns_process.daemon import Kubedns
from tests.waiting import eventually

STUB = "www.acme.example. 30 IN A 192.0.2.{}\n"
NAME = "www.acme.example."


def config_map(name: str, **data: str) -> dict[str, Any]:
    return {
        "apiVersion": "v1",
        "kind": "ConfigMap",
        "metadata": {"name": name, "namespace": "kube-system"},
        "data": data,
    }


def stubs(server: DnsServer) -> str:
    return json.dumps({"acme.example": [str(server.address)]})


def addresses(kubedns: Kubedns) -> list[str]:
    return [line.split()[-1] for line in kubedns.answers(NAME)]


def test_the_life_of_a_config_map() -> None:
    with (
        DevCluster() as cluster,
        DnsServer(STUB.format(1)) as first,
        DnsServer(STUB.format(2)) as second,
        Kubedns("--config-map=dns", "--v=2", api=cluster.url) as kubedns,
    ):
        # Missing at the start: defaults, and no reason not to be ready.
        kubedns.wait_ready()
        eventually(lambda: "configuration in use version=empty" in kubedns.log)

        cluster.create(config_map("dns", stubDomains=stubs(first)))
        eventually(lambda: addresses(kubedns) == ["192.0.2.1"])

        # Another one of the namespace is none of ours, whatever happens to it.
        cluster.create(config_map("other", stubDomains=stubs(second)))
        cluster.delete("configmaps", "other", "kube-system")
        cluster.replace(config_map("dns", stubDomains=stubs(second)))
        eventually(lambda: addresses(kubedns) == ["192.0.2.2"])

        cluster.replace(config_map("dns", stubDomains="{"))
        eventually(lambda: "configuration not used" in kubedns.log)
        assert 'source="ConfigMap kube-system/dns"' in kubedns.log
        assert addresses(kubedns) == ["192.0.2.2"]

        cluster.delete("configmaps", "dns", "kube-system")
        eventually(lambda: kubedns.log.count("version=empty") == 2)
        assert kubedns.log.count("configuration not used") == 1
        listed = {seen.path for seen in cluster.requests if "configmaps" in seen.path}
        assert listed == {"/api/v1/namespaces/kube-system/configmaps"}
