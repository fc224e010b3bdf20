"""Every manifest is what the Kubernetes schemas and the YAML style allow."""

from __future__ import annotations

import subprocess
import sys

import kubernetes_validate
import pytest

from tests.manifests.documents import ROOT, Document, documents, files


def test_the_five_files_of_kube_dns() -> None:
    assert [path.name for path in files()] == [
        "kubedns-cm.yaml",
        "kubedns-controller.yaml",
        "kubedns-rbac.yaml",
        "kubedns-sa.yaml",
        "kubedns-svc.yaml",
    ]


# The oldest release where the sysctl, the probes and the spread are all stable, and the newest
# one that there are schemas for.
@pytest.mark.parametrize("version", ["1.30", kubernetes_validate.latest_version()])
@pytest.mark.parametrize("document", documents(), ids=lambda d: d["kind"])
def test_strictly_valid(document: Document, version: str) -> None:
    kubernetes_validate.validate(document, version, strict=True)


def test_an_unknown_field_would_be_found() -> None:
    broken = {**documents()[0], "dta": {}}
    with pytest.raises(kubernetes_validate.ValidationError):
        kubernetes_validate.validate(broken, "1.30", strict=True)


def test_yaml_style() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "yamllint", "--strict", "--config-file=.yamllint.yaml", "manifests"],
        cwd=ROOT,
        capture_output=True,
        text=True,
    )
    assert (done.stdout, done.returncode) == ("", 0)


def test_all_namespaced_objects_are_in_kube_system() -> None:
    for document in documents():
        if document["kind"] not in ("ClusterRole", "ClusterRoleBinding"):
            assert document["metadata"]["namespace"] == "kube-system"
