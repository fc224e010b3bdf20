"""`kubectl create -f manifests/` makes every object, and a second time changes nothing."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from gates.tools import find_command
from localrun.plan import HttpReady
from localrun.readiness import why_not_ready
from tests.manifests.documents import MANIFESTS, documents
from tests.ports import free_port
from tests.waiting import eventually

pytestmark = pytest.mark.needs_kubectl


@pytest.fixture
def kubeconfig(tmp_path: Path) -> Iterator[Path]:
    """Of an empty cluster that runs as long as the test."""
    path, log_path, port = tmp_path / "kubeconfig", tmp_path / "log", free_port()
    with log_path.open("wb") as log:
        cluster = subprocess.Popen(
            [
                *(sys.executable, "-m", "devcluster"),
                *(f"--listen=127.0.0.1:{port}", f"--kubeconfig-out={path}"),
            ],
            stdout=log,
            stderr=subprocess.STDOUT,
        )

    def is_ready() -> bool:
        assert cluster.poll() is None, log_path.read_text()
        return why_not_ready(HttpReady(port, "/readyz")) == ""

    try:
        eventually(is_ready, 20, log_path.read_text)
        yield path
    finally:
        cluster.kill()
        cluster.wait()


def kubectl(kubeconfig: Path, *words: str) -> subprocess.CompletedProcess[str]:
    command = find_command("kubectl")
    assert command
    return subprocess.run(
        [command, f"--kubeconfig={kubeconfig}", *words],
        # kubectl keeps what it discovered of a server under HOME.
        env={**os.environ, "HOME": str(kubeconfig.parent)},
        capture_output=True,
        text=True,
        timeout=60,
    )


def test_every_object_is_made_and_can_be_read_back(kubeconfig: Path) -> None:
    # Without validation: kubectl 1.20 asks for a schema document that only old servers have.
    done = kubectl(kubeconfig, "create", "--validate=false", "-f", str(MANIFESTS))
    assert done.stderr == ""
    assert done.returncode == 0
    assert done.stdout.count(" created\n") == len(documents())
    for document in documents():
        metadata = document["metadata"]
        words = [f"--namespace={metadata['namespace']}"] if "namespace" in metadata else []
        read = kubectl(kubeconfig, "get", document["kind"], metadata["name"], "-o=name", *words)
        assert read.returncode == 0, read.stderr

    again = kubectl(kubeconfig, "create", "--validate=false", "-f", str(MANIFESTS))
    assert again.returncode != 0
    assert again.stderr.count("already exists") == len(documents())
