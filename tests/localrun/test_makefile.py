"""`make` as a newcomer meets it: help, clear errors, and which cluster `make run` reads."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

import pytest

from localrun.options import PORT_HELP, Options, parse_options

ROOT = Path(__file__).resolve().parent.parent.parent


def outside_of_make() -> dict[str, str]:
    """The environment without what a make above this test run hands down."""
    return {k: v for k, v in os.environ.items() if not k.startswith(("MAKE", "MFLAGS"))}


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    """The files that make reads, in a place with no environment made yet."""
    shutil.copy(ROOT / "Makefile", tmp_path)
    shutil.copy(ROOT / "setup.cfg", tmp_path)
    shutil.copytree(ROOT / "constraints", tmp_path / "constraints")
    return tmp_path


def make(tree: Path, *words: str, **env: str) -> subprocess.CompletedProcess[str]:
    # Within `make test` the outer make's own words must not become this one's.
    inherited = outside_of_make()
    inherited = {k: v for k, v in inherited.items() if not k.endswith("_PORT") and k != "CI"}
    return subprocess.run(
        ["make", *words],
        cwd=tree,
        env={**inherited, **env},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=60,
    )


def fake_python(tree: Path, name: str, script: str) -> str:
    path = tree / name
    path.write_text(f"#!/bin/sh\n{script}\n", encoding="utf-8")
    path.chmod(0o755)
    return str(path)


def run_command(tree: Path, *words: str, **env: str) -> str:
    """The command that `make run` would end in."""
    lines = make(tree, "--dry-run", "run", *words, **env).stdout.replace("\\\n", "").splitlines()
    return " ".join(next(line for line in lines if "-m localrun" in line).split())


def test_make_alone_prints_help(tree: Path) -> None:
    done = make(tree)
    assert done.returncode == 0
    for target in ("make run", "make test", "make check", "make clean"):
        assert target in done.stdout


def test_an_old_python_is_one_clear_line(tree: Path) -> None:
    old = fake_python(tree, "python3.8", "exit 1")
    done = make(tree, "run", f"PYTHON={old}")
    assert done.returncode != 0
    said = [line for line in done.stderr.splitlines() if not line.startswith("make: ***")]
    assert len(said) == 1
    assert "Python 3.11 or later is needed" in said[0]
    assert "make run PYTHON=" in said[0]
    assert not (tree / ".venv").exists()


def test_a_python_without_venv_is_one_clear_line(tree: Path) -> None:
    bare = fake_python(tree, "bare", 'case "$2" in *ensurepip*) exit 1;; esac; exit 0')
    done = make(tree, "run", f"PYTHON={bare}")
    assert done.returncode != 0
    said = [line for line in done.stderr.splitlines() if not line.startswith("make: ***")]
    assert len(said) == 1
    assert "python3-venv" in said[0]


def test_a_kubeconfig_of_the_shell_is_not_used(tree: Path) -> None:
    assert "kubeconfig" not in run_command(tree, KUBECONFIG="/production")


def test_a_kubeconfig_of_the_command_line_is_used(tree: Path) -> None:
    command = run_command(tree, "KUBECONFIG=/chosen", KUBECONFIG="/production")
    assert "--kubeconfig='/chosen'" in command
    assert "/production" not in command


def test_each_port_variable_reaches_the_run(tree: Path) -> None:
    words = [f"{name.upper()}={2000 + n}" for n, name in enumerate(PORT_HELP)]
    command = run_command(tree, *words)
    for n, name in enumerate(PORT_HELP):
        assert f"--{name.replace('_', '-')}={2000 + n}" in command


def test_defaults_of_the_makefile_are_those_of_the_program(tree: Path) -> None:
    words = run_command(tree).partition("-m localrun ")[2].replace("'", "").split()
    assert parse_options(words) == Options()


def test_ci_runs_make_test(tree: Path) -> None:
    (tree / ".ci").mkdir()
    shutil.copy(ROOT / ".ci" / "run", tree / ".ci" / "run")
    (tree / "Makefile").write_text("test:\n\t@echo the tests; exit 3\n", encoding="utf-8")
    done = subprocess.run(
        ["bash", ".ci/run"],
        cwd=tree,
        env={**outside_of_make(), "CI": "true"},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert done.stdout == "the tests\n"
    assert done.returncode != 0
