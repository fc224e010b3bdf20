"""`python -m devcluster` as a process: it says when it is ready, and ends when told."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
import yaml

import devcluster

ROOT = Path(devcluster.__file__).resolve().parent.parent


@contextmanager
def process(*words: str) -> Iterator[subprocess.Popen[str]]:
    child = subprocess.Popen(
        [sys.executable, "-m", "devcluster", *words],
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        yield child
    finally:
        child.kill()
        child.communicate()


def ready_url(child: subprocess.Popen[str]) -> str:
    assert child.stdout is not None
    line = child.stdout.readline()
    assert line.startswith("devcluster ready on http://127.0.0.1:")
    return line.split()[-1]


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_ready_line_kubeconfig_and_clean_end(tmp_path: Path, number: signal.Signals) -> None:
    out = tmp_path / "run" / "kubeconfig"
    words = ("--listen=127.0.0.1:0", "--sample", f"--kubeconfig-out={out}", "--token=secret")
    with process(*words) as child:
        url = ready_url(child)
        config = yaml.safe_load(out.read_text())
        assert config["clusters"][0]["cluster"]["server"] == url
        assert config["users"][0]["user"]["token"] == "secret"
        assert out.stat().st_mode & 0o077 == 0
        child.send_signal(number)
        assert child.wait(timeout=10) == 0


def test_port_in_use_is_one_line_that_names_port_and_flag() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with process(f"--listen=127.0.0.1:{port}") as child:
            _, errors = child.communicate(timeout=10)
    assert child.returncode == 1
    assert len(errors.splitlines()) == 1
    assert str(port) in errors and "--listen" in errors


@pytest.mark.parametrize(
    "words, code, named",
    [
        (("--colour",), 2, "--colour"),
        (("--listen=x",), 2, "--listen"),
        (("--listen=192.0.2.1:0",), 1, "--listen"),
        (("--listen=127.0.0.1:0", "--state=/dev/null/x"), 1, "--state"),
        (("--listen=127.0.0.1:0", "--kubeconfig-out=/dev/null/x"), 1, "--kubeconfig-out"),
    ],
)
def test_what_a_person_must_change_is_one_line(
    words: tuple[str, ...], code: int, named: str
) -> None:
    with process(*words) as child:
        _, errors = child.communicate(timeout=10)
    assert child.returncode == code
    assert named in errors.splitlines()[-1]
    assert "Traceback" not in errors


@pytest.mark.parametrize("word, start", [("--help", "usage:"), ("--version", "devcluster ")])
def test_help_and_version(word: str, start: str) -> None:
    with process(word) as child:
        out, _ = child.communicate(timeout=10)
    assert child.returncode == 0
    assert out.startswith(start)


def test_state_file_brings_a_killed_server_back(tmp_path: Path) -> None:
    words = ("--listen=127.0.0.1:0", "--sample", f"--state={tmp_path / 'state'}")
    with process(*words) as child:
        ready_url(child)
        child.kill()
    with process(*words) as child:
        ready_url(child)
        child.terminate()
        assert child.wait(timeout=10) == 0
