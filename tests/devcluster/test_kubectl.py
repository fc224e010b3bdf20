"""A stock kubectl creates, gets, applies, watches, patches, replaces and deletes."""

from __future__ import annotations

import json
import os
import re
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import yaml

from devcluster.cluster import DevCluster, Settings
from gates.tools import find_command
from tests.devcluster.support import Json, config_map, service
from tests.waiting import eventually

pytestmark = pytest.mark.needs_kubectl

ROOT = Path(__file__).resolve().parent.parent.parent


@dataclass(frozen=True, slots=True)
class Kubectl:
    """A kubectl with a home of its own: it caches discovery there."""

    command: str
    home: Path
    cluster: DevCluster
    is_old: bool
    """Before 1.27: it validates with OpenAPI v2, which is not served, and cannot leave it out."""

    def start(self, *words: str) -> subprocess.Popen[str]:
        config = self.home / "kubeconfig"
        config.write_text(self.cluster.kubeconfig())
        return subprocess.Popen(
            [self.command, *words],
            env={"PATH": os.environ["PATH"], "HOME": str(self.home), "KUBECONFIG": str(config)},
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    def __call__(self, *words: str, fails: bool = False) -> str:
        child = self.start(*words)
        out, errors = child.communicate(timeout=30)
        assert (child.returncode != 0) is fails, (words, out, errors)
        return errors if fails else out

    def write(self, verb: str, *words: str, fails: bool = False) -> str:
        """A command that sends whole objects from files."""
        validate = ["--validate=false"] if self.is_old else []
        return self(verb, *words, *validate, fails=fails)

    def get(self, *words: str) -> Any:
        return json.loads(self("get", *words, "-o", "json"))


@pytest.fixture
def kubectl(tmp_path: Path) -> Iterator[Kubectl]:
    command = find_command("kubectl")
    assert command
    version = json.loads(
        subprocess.run(
            [command, "version", "--client", "-o", "json"],
            env={"PATH": os.environ["PATH"], "HOME": str(tmp_path)},
            capture_output=True,
            text=True,
            check=True,
        ).stdout
    )["clientVersion"]
    minor = int(re.sub(r"\D.*", "", version["minor"]))
    with DevCluster(Settings(sample=True)) as cluster:
        yield Kubectl(command, tmp_path, cluster, is_old=minor < 27)


def manifest(kubectl: Kubectl, *objects: Json) -> str:
    path = kubectl.home / "objects.yaml"
    path.write_text(yaml.safe_dump_all(objects))
    return str(path)


def test_create_get_and_create_again(kubectl: Kubectl) -> None:
    path = manifest(kubectl, service("a", "shop"), config_map("b", "shop"))
    assert kubectl.write("create", "-f", path) == "service/a created\nconfigmap/b created\n"
    assert kubectl.get("svc", "-n", "shop", "a")["spec"]["clusterIP"].startswith("10.96.")
    assert "AlreadyExists" in kubectl.write("create", "-f", path, fails=True)


def test_project_manifests_are_accepted(kubectl: Kubectl) -> None:
    # The sample has two of them already.
    kubectl("delete", "-n", "kube-system", "configmap/kube-dns", "service/kube-dns")
    files = sorted((ROOT / "manifests").glob("kubedns-*.yaml"))
    assert files
    created = kubectl.write("create", *(f"--filename={path}" for path in files)).splitlines()
    kinds = {line.partition("/")[0] for line in created}
    assert {"configmap", "deployment.apps", "service", "serviceaccount"} <= kinds
    deployment = kubectl.get("deploy", "-n", "kube-system")["items"][0]
    assert deployment["spec"]["template"]["spec"]["containers"]
    assert len(kubectl.get(*(f"--filename={path}" for path in files))["items"]) == len(created)


def test_apply_creates_then_changes(kubectl: Kubectl) -> None:
    obj = service("a", "shop")
    assert kubectl.write("apply", "-f", manifest(kubectl, obj)) == "service/a created\n"
    assert kubectl.write("apply", "-f", manifest(kubectl, obj)) == "service/a unchanged\n"
    changed = service("a", "shop", ports=[{"port": 81}])
    assert kubectl.write("apply", "-f", manifest(kubectl, changed)) == "service/a configured\n"
    assert [p["port"] for p in kubectl.get("svc", "-n", "shop", "a")["spec"]["ports"]] == [81]


def test_server_side_apply(kubectl: Kubectl) -> None:
    words = ("apply", "--server-side", "-f", manifest(kubectl, service("a", "shop")))
    assert kubectl.write(*words) == "service/a serverside-applied\n"
    assert kubectl.write(*words) == "service/a serverside-applied\n"


def test_get_lists_across_namespaces(kubectl: Kubectl) -> None:
    names = kubectl("get", "services", "-A", "-o", "name").split()
    assert "service/kubernetes" in names and "service/web" in names
    lines = [line.split() for line in kubectl("get", "svc", "-A").splitlines()]
    assert lines[0] == ["NAMESPACE", "NAME", "TYPE", "CLUSTER-IP", "EXTERNAL-IP", "PORT(S)", "AGE"]
    assert ["kube-system", "kube-dns", "ClusterIP", "10.96.0.10", "<none>", "53/UDP,53/TCP"] in [
        line[:-1] for line in lines
    ]


def test_get_pages_a_long_list(kubectl: Kubectl) -> None:
    for number in range(7):
        kubectl.cluster.create(config_map(f"c{number}", "prod"))
    words = ("get", "cm", "-n", "prod", "--chunk-size=3", "-o", "name")
    assert len(kubectl(*words).split()) == 7
    paged = [seen for seen in kubectl.cluster.requests if "continue" in seen.query]
    assert len(paged) == 2


def test_selectors(kubectl: Kubectl) -> None:
    assert kubectl("get", "pods", "-n", "shop", "-l", "app in (web)", "-o", "name").split() == [
        "pod/web-1",
        "pod/web-2",
    ]
    by_node = ("get", "pods", "-A", "--field-selector=spec.nodeName=node-a", "-o", "name")
    assert "pod/web-1" in kubectl(*by_node) and "pod/web-2" not in kubectl(*by_node)


def test_get_watch_shows_changes(kubectl: Kubectl) -> None:
    child = kubectl.start("get", "svc", "-n", "shop", "-o", "name", "--watch-only")
    try:
        eventually(lambda: kubectl.cluster.open_watches("services") == 1)
        kubectl.cluster.create(service("late", "shop"))
        assert child.stdout is not None
        assert child.stdout.readline() == "service/late\n"
    finally:
        child.kill()
        child.communicate()


def test_get_watch_prints_a_table(kubectl: Kubectl) -> None:
    child = kubectl.start("get", "svc", "-n", "shop", "--watch")
    try:
        assert child.stdout is not None
        first = [child.stdout.readline() for _ in range(6)]
        assert first[0].startswith("NAME") and len(first) == 6
        eventually(lambda: kubectl.cluster.open_watches("services") == 1)
        for name in ("late1", "late2"):
            kubectl.cluster.create(service(name, "shop"))
            assert child.stdout.readline().split()[:2] == [name, "ClusterIP"]
    finally:
        child.kill()
        child.communicate()


def test_patch_label_and_annotate(kubectl: Kubectl) -> None:
    web = ("svc", "-n", "shop", "web")
    kubectl("patch", *web, "-p", '{"spec":{"ports":[{"port":80,"name":"www"}]}}')
    kubectl("patch", *web, "--type=merge", "-p", '{"metadata":{"labels":{"m":"1"}}}')
    operation = '[{"op":"add","path":"/metadata/labels/j","value":"2"}]'
    kubectl("patch", *web, "--type=json", "-p", operation)
    kubectl("label", *web, "l=3")
    kubectl("annotate", *web, "a=4")
    after = kubectl.get(*web)
    assert after["metadata"]["labels"] == {"app": "web", "m": "1", "j": "2", "l": "3"}
    assert after["metadata"]["annotations"] == {"a": "4"}
    assert [(p["name"], p["targetPort"]) for p in after["spec"]["ports"]] == [
        ("www", "http"),
        ("metrics", 9090),
    ]


def test_replace_as_an_editor_does(kubectl: Kubectl) -> None:
    before = kubectl.get("svc", "-n", "shop", "web")
    before["spec"]["ports"][0]["port"] = 8000
    path = manifest(kubectl, before)
    assert kubectl.write("replace", "-f", path) == "service/web replaced\n"
    assert "Conflict" in kubectl.write("replace", "-f", path, fails=True)


def test_delete_waits_until_it_is_gone(kubectl: Kubectl) -> None:
    out = kubectl("delete", "svc", "-n", "shop", "web")
    assert out.startswith('service "web" deleted')
    assert "NotFound" in kubectl("get", "svc", "-n", "shop", "web", fails=True)


def test_delete_namespace_and_collection(kubectl: Kubectl) -> None:
    kubectl("delete", "pods", "-n", "prod", "--all")
    assert kubectl.get("pods", "-n", "prod")["items"] == []
    kubectl("delete", "ns", "shop")
    assert kubectl.get("svc", "-n", "shop")["items"] == []


def test_wait_sees_a_deletion(kubectl: Kubectl) -> None:
    child = kubectl.start("wait", "--for=delete", "svc/web", "-n", "shop", "--timeout=20s")
    eventually(
        lambda: (
            any(
                seen.query.get("fieldSelector") == "metadata.name=web"
                for seen in kubectl.cluster.requests
            )
            or kubectl.cluster.open_watches("services") > 0
        )
    )
    kubectl.cluster.delete("services", "web", "shop")
    child.communicate(timeout=30)
    assert child.returncode == 0


def test_dry_run_on_the_server(kubectl: Kubectl) -> None:
    path = manifest(kubectl, service("a", "shop"))
    words = ("create", "-f", path, "--dry-run=server")
    if kubectl.is_old:
        # It asks OpenAPI v2 whether the server can try things; that is not served.
        assert "failed to download openapi" in kubectl.write(*words, fails=True)
    else:
        assert "created (server dry run)" in kubectl.write(*words)
    assert "NotFound" in kubectl("get", "svc", "-n", "shop", "a", fails=True)


def test_describe_and_api_resources(kubectl: Kubectl) -> None:
    assert "10.244.1.5" in kubectl("describe", "svc", "-n", "shop", "web")
    assert "endpointslices" in kubectl("api-resources")


def test_refused_resource_is_said_plainly(kubectl: Kubectl) -> None:
    kubectl.cluster.faults.forbid("services")
    errors = kubectl("get", "svc", fails=True)
    assert "services is forbidden" in errors


def test_version(kubectl: Kubectl) -> None:
    assert json.loads(kubectl("version", "-o", "json"))["serverVersion"]["major"] == "1"
