"""The image's recipe names what is there; building it needs an engine that tests do without."""

from __future__ import annotations

from configparser import ConfigParser

from tests.manifests.documents import ROOT, container

LINES = (ROOT / "Dockerfile").read_text(encoding="utf-8").splitlines()


def copied() -> set[str]:
    """What is copied from the source tree."""
    words = [line.split() for line in LINES if line.startswith("COPY ")]
    return {source for line in words if "--from=build" not in line for source in line[1:-1]}


def test_everything_copied_is_there_and_not_kept_out() -> None:
    allowed = (ROOT / ".dockerignore").read_text(encoding="utf-8").split()
    for source in copied():
        assert (ROOT / source).exists(), source
        assert f"!{source}" in allowed


def test_every_package_of_the_project_is_in_the_image() -> None:
    config = ConfigParser()
    config.read(ROOT / "setup.cfg")
    packages = config["options.packages.find"]["include"].split()
    assert {package.rstrip("*") for package in packages} <= copied()


def test_the_image_runs_as_the_user_of_the_pod() -> None:
    assert "USER 65532:65532" in LINES


def test_the_manifests_use_the_image_of_this_version() -> None:
    config = ConfigParser()
    config.read(ROOT / "setup.cfg")
    image = f"{config['metadata']['name']}:{config['metadata']['version']}"
    assert container("kubedns")["image"] == image
    assert any(image in line for line in LINES)
