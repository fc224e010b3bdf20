"""Rights that only some flags need: valid, bound to the pod's account, and no more than needed."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Any

import kubernetes_validate
import pytest
import yaml

from kubedns.k8s.config_maps import config_map
from kubedns.rows import CONFIG_MAPS, PODS
from tests.manifests.documents import MANIFESTS, ROOT, Document, of_kind

OPTIONAL = MANIFESTS / "optional"
FILES = sorted(OPTIONAL.glob("*.yaml"))


def read(path: Path) -> tuple[Document, Document]:
    """The role and its binding."""
    role, binding = yaml.safe_load_all(path.read_text(encoding="utf-8"))
    return role, binding


def rules(name: str) -> Any:
    return read(OPTIONAL / name)[0]["rules"]


def test_each_right_has_its_file() -> None:
    pods = {"apiGroups": [""], "resources": [PODS], "verbs": ["list", "watch"]}
    nodes = {"apiGroups": [""], "resources": ["nodes"], "verbs": ["list"]}
    one = {
        "apiGroups": [""],
        "resources": [CONFIG_MAPS],
        "resourceNames": ["kube-dns"],
        "verbs": ["list", "watch"],
    }
    assert [path.name for path in FILES] == [
        "kubedns-config-map.yaml",
        "kubedns-nodes.yaml",
        "kubedns-pods.yaml",
    ]
    assert rules("kubedns-pods.yaml") == [pods]
    assert rules("kubedns-nodes.yaml") == [nodes]
    assert rules("kubedns-config-map.yaml") == [one]


def test_the_config_map_is_asked_for_in_the_way_that_a_right_by_name_allows() -> None:
    role, _ = read(OPTIONAL / "kubedns-config-map.yaml")
    [name] = role["rules"][0]["resourceNames"]
    scope = config_map(role["metadata"]["namespace"], name).scope
    assert scope.field_selector == f"metadata.name={name}"
    assert scope.namespace == of_kind("ConfigMap")["metadata"]["namespace"]
    assert name == of_kind("ConfigMap")["metadata"]["name"]


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_valid_and_bound_to_the_account(path: Path) -> None:
    role, binding = read(path)
    for document in (role, binding):
        for version in ("1.30", kubernetes_validate.latest_version()):
            kubernetes_validate.validate(document, version, strict=True)
    assert binding["kind"] == role["kind"] + "Binding"
    assert binding["metadata"] == role["metadata"]
    assert (binding["roleRef"]["kind"], binding["roleRef"]["name"]) == (
        role["kind"],
        role["metadata"]["name"],
    )
    assert binding["subjects"] == of_kind("ClusterRoleBinding")["subjects"]


def test_yaml_style() -> None:
    done = subprocess.run(
        [
            *(sys.executable, "-m", "yamllint", "--strict", "--config-file=.yamllint.yaml"),
            str(OPTIONAL),
        ],
        cwd=ROOT,
        capture_output=True,
        text=True,
    )
    assert (done.stdout, done.returncode) == ("", 0)
