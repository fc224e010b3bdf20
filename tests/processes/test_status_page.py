"""The status page of the running pod, and what it says when a process is gone."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from tests.fakes.dns_server import DnsServer
from tests.processes.conftest import OUTSIDE
from tests.processes.pod import Pod
from tests.waiting import eventually


def _document(pod: Pod) -> dict[str, Any]:
    status, body = pod.get(pod.options.sidecar_port, "/status.json")
    assert status == 200
    found = json.loads(body)
    assert isinstance(found, dict)
    return found


def _states(pod: Pod) -> dict[str, str]:
    return {one["name"]: one["state"] for one in _document(pod)["processes"]}


WELL = {"kubedns": "ok", "dnsmasq_front": "ok", "sidecar": "ok"}


def _knows_all(pod: Pod) -> bool:
    pod.answer("web.shop.svc.cluster.local. A")
    pod.answer("www.example.com. A")
    found = _document(pod)
    told = all(found[name] and found[name]["document"] for name in ("kubedns", "front"))
    if not told:
        return False
    names = {one["item"] for one in found["front"]["document"]["popular"]["names"]}
    return "web.shop.svc.cluster.local." in names


def test_everything_is_on_it(pod: Pod) -> None:
    eventually(lambda: _states(pod) == WELL and _knows_all(pod), 30.0, lambda: str(_document(pod)))
    status, page = pod.get(pod.options.sidecar_port, "/")
    assert status == 200
    for part in ("endpointslices", "web.shop.svc.cluster.local.", "everything else"):
        assert part in page
    watches = _document(pod)["kubedns"]["document"]["watches"]
    assert {one["state"] for one in watches} == {"watching"}
    servers = [
        server["address"]
        for group in _document(pod)["front"]["document"]["upstreams"]
        for server in group["servers"]
    ]
    assert f"127.0.0.1:{pod.options.kubedns_port}" in servers


def test_a_name_is_explained_on_it(pod: Pod) -> None:
    status, page = pod.get(pod.options.sidecar_port, "/explain?name=web.shop&pod=default")
    assert status == 200
    assert "web.shop.svc.cluster.local." in page
    assert "Service shop/web has the cluster address 10.96.0.20." in page


def test_a_process_that_is_killed_shows_and_the_page_stays(tmp_path: Path) -> None:
    with DnsServer(OUTSIDE) as upstream, Pod(tmp_path, upstream) as pod:
        eventually(lambda: _states(pod) == WELL and _knows_all(pod), 30.0)
        pod.kill("kubedns")
        eventually(lambda: _states(pod)["kubedns"] == "failing", 30.0, lambda: str(_states(pod)))
        assert "told nothing" not in pod.get(pod.options.sidecar_port, "/")[1]
        pod.kill("dnsmasq_front")
        eventually(lambda: _states(pod)["dnsmasq_front"] == "failing", 30.0)
        assert pod.get(pod.options.sidecar_port, "/")[0] == 200
        pod.start("kubedns")
        pod.start("dnsmasq_front")
        eventually(lambda: _states(pod) == WELL, 30.0, lambda: str(_document(pod)["processes"]))
