"""The pinned versions are exact, cover the ranges of setup.cfg, and name no place to get them."""

from __future__ import annotations

import re
from configparser import ConfigParser
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).resolve().parent.parent.parent
FILES = ["build.txt", "runtime.txt", "test.txt", "bench.txt"]


def lines_of(name: str) -> list[str]:
    text = (ROOT / "constraints" / name).read_text(encoding="utf-8")
    return [line for line in text.splitlines() if line and not line.startswith(("#", "-c "))]


def pins(*names: str) -> dict[str, str]:
    pinned = [line.partition("==") for name in names for line in lines_of(name)]
    return {canonicalize_name(package): version for package, _, version in pinned}


@pytest.mark.parametrize("name", FILES)
def test_every_line_is_one_exact_version(name: str) -> None:
    assert lines_of(name)
    for line in lines_of(name):
        assert re.fullmatch(r"[a-z0-9.-]+==[0-9][0-9a-z.]*", line), line
        assert "://" not in line


def test_no_package_is_pinned_twice() -> None:
    lines = [line.partition("==")[0] for name in FILES for line in lines_of(name)]
    assert len(lines) == len(set(lines))


@pytest.mark.parametrize(
    "section, option, files",
    [
        ("options", "install_requires", ["runtime.txt"]),
        ("options.extras_require", "test", ["runtime.txt", "test.txt"]),
        ("options.extras_require", "bench", ["bench.txt"]),
    ],
)
def test_each_requirement_is_pinned_within_its_range(
    section: str, option: str, files: list[str]
) -> None:
    config = ConfigParser()
    config.read(ROOT / "setup.cfg")
    for line in config[section][option].split("\n"):
        if line:
            requirement = Requirement(line)
            version = pins(*files)[canonicalize_name(requirement.name)]
            assert requirement.specifier.contains(version), line
