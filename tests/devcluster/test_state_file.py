"""A restarted server has the same objects, and no watcher is left waiting in the past."""

from __future__ import annotations

from pathlib import Path

import pytest

from devcluster.cluster import DevCluster, Settings
from devcluster.state import StateError, load, write_atomically
from tests.devcluster.support import SERVICES, Watching, brief, pod, service
from tests.waiting import eventually


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(state=tmp_path / "deep" / "state.json", sample=True)


def test_objects_and_versions_survive(settings: Settings) -> None:
    with DevCluster(settings) as first:
        first.create(service("a"))
        first.delete("services", "supplier", "shop")
        services, slices = first.objects("services"), first.objects("endpointslices")
        version = first.resource_version
    with DevCluster(settings) as second:
        assert second.objects("services") == services
        assert second.objects("endpointslices") == slices
        assert second.resource_version == version


def test_watch_resumes_after_a_clean_end(settings: Settings) -> None:
    with DevCluster(settings) as first:
        version = first.resource_version
    with (
        DevCluster(settings) as second,
        Watching(second, SERVICES, f"resourceVersion={version}") as watch,
    ):
        second.create(service("a"))
        assert brief(watch.next()) == ("ADDED", "a")


def test_watch_from_before_a_crash_is_too_old(settings: Settings, tmp_path: Path) -> None:
    assert settings.state is not None
    with DevCluster(settings) as first:
        version = first.resource_version
        crashed = settings.state.read_bytes()
    settings.state.write_bytes(crashed)  # What a killed server leaves behind.
    with (
        DevCluster(settings) as second,
        Watching(second, SERVICES, f"resourceVersion={version}") as watch,
    ):
        assert second.resource_version > version
        assert watch.next()["object"]["code"] == 410


def test_restored_cluster_goes_on_working(settings: Settings) -> None:
    with DevCluster(settings) as first:
        address = first.create(service("a", selector={"app": "x"}))["spec"]["clusterIP"]
    with DevCluster(settings) as second:
        assert second.create(service("b"))["spec"]["clusterIP"] != address
        second.create(pod("p", "10.1.0.1", labels={"app": "x"}))
        [piece] = second.objects("endpointslices", labels="kubernetes.io/service-name=a")
        assert piece["endpoints"][0]["addresses"] == ["10.1.0.1"]
        second.delete("services", "a", "default")
        assert second.objects("endpointslices", labels="kubernetes.io/service-name=a") == []


def test_changes_reach_the_file_while_running(settings: Settings) -> None:
    assert settings.state is not None
    with DevCluster(settings) as cluster:
        cluster.create(service("a"))

        def names() -> list[str]:
            assert settings.state is not None
            saved = load(settings.state)
            return [o["metadata"]["name"] for o in saved.objects["services"]] if saved else []

        eventually(lambda: "a" in names())


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"{",
        b"[]",
        b'{"format":1}',
        b'{"format":2,"clean":true,"resourceVersion":1,"objects":{}}',
        b'{"format":1,"clean":true,"resourceVersion":1,"objects":{"gadgets":[]}}',
    ],
)
def test_file_that_cannot_be_used_is_an_error(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "state"
    path.write_bytes(content)
    with pytest.raises(StateError, match="state file"):
        DevCluster(Settings(state=path))
    assert path.read_bytes() == content


def test_writing_leaves_only_the_file(tmp_path: Path) -> None:
    path = tmp_path / "state"
    write_atomically(path, b"one")
    write_atomically(path, b"two")
    assert [entry.name for entry in tmp_path.iterdir()] == ["state"]
    assert path.read_bytes() == b"two"
