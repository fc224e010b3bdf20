"""kube-dns-explain asks the running processes, and names what decided in the cluster."""

from __future__ import annotations

import json
import subprocess
import sys
from typing import Any

import pytest

from localrun.plan import HOST
from sidecar.explain.cli import main
from tests.fakes.dns_server import DnsServer
from tests.ports import free_port
from tests.processes.pod import Pod, service
from tests.waiting import eventually

Json = dict[str, Any]


def where(pod: Pod) -> tuple[str, ...]:
    """Flags that lead to the processes of a run."""
    ports = pod.options
    return (
        f"--front={HOST}:{ports.front_port}",
        f"--front-page=http://{HOST}:{ports.front_status_port}/explain",
        f"--kubedns-page=http://{HOST}:{ports.kubedns_health_port}/explain",
    )


class Explained:
    """Runs the command in this process and reads its JSON."""

    def __init__(self, pod: Pod, capsys: pytest.CaptureFixture[str]) -> None:
        self._pod = pod
        self._capsys = capsys

    def __call__(self, question: str, *flags: str) -> Json:
        """Everything that is said of `NAME [TYPE]`."""
        status = main([*question.split(), "--json", *where(self._pod), *flags])
        view: Json = json.loads(self._capsys.readouterr().out)
        assert status == (0 if view["found"] else 1)
        return view

    def last(self, question: str, *flags: str) -> Json:
        """The last of the names that are tried."""
        view = self(question, *flags)
        assert view["problems"] == []
        found: Json = view["tries"][-1]
        return found


@pytest.fixture
def explained(pod: Pod, capsys: pytest.CaptureFixture[str]) -> Explained:
    return Explained(pod, capsys)


def test_the_command_as_people_run_it(pod: Pod) -> None:
    words = ("web.shop", "--pod=prod/db-0", *where(pod))
    done = subprocess.run(
        [sys.executable, "-m", "sidecar.explain", *words],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, "")
    assert "1. web.shop.prod.svc.cluster.local. A: NXDOMAIN" in done.stdout
    assert "Namespace prod has no Service shop." in done.stdout
    assert "2. web.shop.svc.cluster.local. A: ANSWER" in done.stdout
    assert "decided by Service shop/web, resourceVersion " in done.stdout


def test_a_new_service_and_who_knew_it(pod: Pod, explained: Explained) -> None:
    name = "told.shop.svc.cluster.local."
    missing = explained.last(name)
    assert (missing["outcome"], missing["cause"]) == ("NXDOMAIN", "no-such-service")
    again = explained.last(name)
    assert (again["who"], again["cause"]) == ("front cache", "no-such-service")
    assert "no such name is kept for another" in again["reasons"][0]

    made = pod.api("POST", "/api/v1/namespaces/shop/services", service("told", "shop", "10.96.7.9"))
    eventually(lambda: explained.last(name)["outcome"] == "ANSWER", message="does not resolve")
    eventually(lambda: explained.last(name)["who"] == "front cache", message="is not kept")
    found = explained.last(name)
    assert found["answers"] == [f"{name} A 10.96.7.9"]
    assert found["object"] == {
        "kind": "Service",
        "namespace": "shop",
        "name": "told",
        "resource_version": made["metadata"]["resourceVersion"],
    }
    assert found["changed"]["exact"]
    assert 0 < found["ttl_s"] <= 30

    pod.api("DELETE", "/api/v1/namespaces/shop/services/told")
    eventually(lambda: explained.last(name)["outcome"] == "NXDOMAIN", message="still resolves")


def test_endpoints_that_are_not_ready_are_listed(pod: Pod, explained: Explained) -> None:
    pod.api("POST", "/api/v1/namespaces/prod/services", service("idle", "prod", "None"))
    endpoint = {
        "addresses": ["10.244.6.1"],
        "conditions": {"ready": False},
        "targetRef": {"kind": "Pod", "namespace": "prod", "name": "idle-0"},
    }
    pod.api(
        "POST",
        "/apis/discovery.k8s.io/v1/namespaces/prod/endpointslices",
        {
            "apiVersion": "discovery.k8s.io/v1",
            "kind": "EndpointSlice",
            "metadata": {
                "name": "idle-1",
                "namespace": "prod",
                "labels": {"kubernetes.io/service-name": "idle"},
            },
            "addressType": "IPv4",
            "endpoints": [endpoint],
            "ports": [{"name": "http", "port": 8080, "protocol": "TCP"}],
        },
    )
    name = "idle.prod.svc.cluster.local."
    cause = "no-ready-endpoints"
    eventually(lambda: explained.last(name)["cause"] == cause, message="is not explained")
    found = explained.last(name)
    assert found["not_ready"] == ["10.244.6.1 (Pod idle-0): not ready"]
    assert (found["object"]["kind"], found["object"]["name"]) == ("Service", "idle")


def test_a_name_of_the_world_outside(explained: Explained, upstream: DnsServer) -> None:
    found = explained.last("explained.example.com. TXT")
    assert (found["outcome"], found["who"], found["cause"]) == ("ANSWER", "upstream", "default")
    assert found["servers"] == [f"{HOST}:{upstream.port}"]
    assert found["object"] is None
    assert explained.last("explained.example.com. TXT")["who"] == "front cache"


def test_an_address_is_asked_for_as_its_reverse_name(explained: Explained) -> None:
    found = explained.last("10.96.0.20")
    assert found["name"] == "20.0.96.10.in-addr.arpa."
    assert (found["type"], found["cause"]) == ("PTR", "pointer")


def test_without_kubedns_page_the_front_is_all_there_is(explained: Explained) -> None:
    nobody = f"--kubedns-page=http://{HOST}:{free_port()}/explain"
    view = explained("web.shop.svc.cluster.local.", nobody)
    assert view["found"]
    (problem,) = view["problems"]
    assert problem.startswith("kubedns does not explain itself: ")


@pytest.mark.parametrize(
    ("path", "reason"),
    [
        ("/explain", "no name"),
        ("/explain?name=a..b", "1 to 63"),
        ("/explain?name=web&type=FOO", "FOO"),
        (f"/explain?name={'a.' * 200}", "255"),
        ("/explain?" + "&".join("name=a" for _ in range(99)), ""),
    ],
)
def test_what_is_no_question_is_refused(pod: Pod, path: str, reason: str) -> None:
    for port in (pod.options.front_status_port, pod.options.kubedns_health_port):
        status, text = pod.get(port, path)
        assert status == 400
        assert reason in text
