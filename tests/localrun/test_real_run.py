"""`python -m localrun` with the real programs: it comes up, answers, and leaves nothing."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from http.client import HTTPConnection
from pathlib import Path

import dns.message
import dns.query
import pytest

from localrun.options import PORT_HELP
from localrun.plan import PROBE_NAME
from tests.localrun.processes import is_running
from tests.ports import free_port
from tests.waiting import eventually

UP_S = 60.0


class RealRun:
    """A run on free ports, in a directory of its own."""

    def __init__(self, run_dir: Path, *words: str) -> None:
        self.ports = {name: free_port() for name in PORT_HELP}
        self.output_path = run_dir.parent / f"{run_dir.name}.output"
        flags = [f"--{name.replace('_', '-')}={port}" for name, port in self.ports.items()]
        with self.output_path.open("wb") as output:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "localrun", f"--run-dir={run_dir}", *flags, *words],
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )

    def output(self) -> str:
        return self.output_path.read_text(encoding="utf-8")

    def wait_until_up(self) -> None:
        def is_up() -> bool:
            assert self.process.poll() is None, self.output()
            return "Cluster DNS is up" in self.output()

        eventually(is_up, UP_S, self.output)

    def children(self) -> list[int]:
        """The processes that it started."""
        path = Path(f"/proc/{self.process.pid}/task/{self.process.pid}/children")
        return [int(word) for word in path.read_text(encoding="ascii").split()]

    def ask(self, name: str, kind: str) -> dns.message.Message:
        query = dns.message.make_query(name, kind)
        return dns.query.udp(query, "127.0.0.1", timeout=5, port=self.ports["front_port"])

    def get(self, port_name: str, path: str) -> tuple[int, bytes]:
        connection = HTTPConnection("127.0.0.1", self.ports[port_name], timeout=5)
        try:
            connection.request("GET", path)
            response = connection.getresponse()
            return response.status, response.read()
        finally:
            connection.close()

    def is_healthy(self, label: str) -> bool:
        """What the sidecar's last probe said."""
        return bool(json.loads(self.get("sidecar_port", f"/healthcheck/{label}")[1])["IsOk"])

    def press_ctrl_c(self) -> None:
        os.killpg(self.process.pid, signal.SIGINT)


@contextmanager
def real_run(run_dir: Path, *words: str) -> Iterator[RealRun]:
    run = RealRun(run_dir, *words)
    try:
        run.wait_until_up()
        yield run
    finally:
        run.process.kill()
        run.process.wait()


def assert_ends_clean(run: RealRun, *, programs: int) -> None:
    children = run.children()
    assert len(children) == programs
    run.press_ctrl_c()
    assert run.process.wait(timeout=60) == 0, run.output()
    assert not [pid for pid in children if is_running(pid)]
    assert run.output().count("exit status 0") == programs, run.output()


def test_it_comes_up_answers_and_leaves_nothing(tmp_path: Path) -> None:
    with real_run(tmp_path / "run") as run:
        answer = run.ask(PROBE_NAME, "A").answer
        assert [record.to_text() for record in answer[0]] == ["10.96.0.1"]
        assert run.get("kubedns_health_port", "/readiness")[0] == 200
        assert run.get("kubedns_metrics_port", "/metrics")[0] == 200
        for label in ("kubedns", "dnsmasq"):
            eventually(partial(run.is_healthy, label), 15, f"{label} stays unhealthy")
        assert_ends_clean(run, programs=4)


@pytest.mark.needs_curl
@pytest.mark.needs_dig
@pytest.mark.needs_kubectl
def test_every_command_that_is_shown_works_as_it_stands(tmp_path: Path) -> None:
    with real_run(tmp_path / "run") as run:
        lines = [line.strip() for line in run.output().splitlines() if line.startswith("  ")]
        shown = [line for line in lines if line.split()[0] in ("dig", "kubectl", "curl", "echo")]
        assert len(shown) >= 10
        for command in shown:
            eventually(partial(prints_something, command, home=tmp_path), 5, command)


def prints_something(command: str, *, home: Path) -> bool:
    """Whether a shell runs it with success and with an answer: `dig` ends well on NXDOMAIN too."""
    done = subprocess.run(
        command,
        shell=True,
        # kubectl keeps what it discovered of a server under HOME.
        env={**os.environ, "HOME": str(home)},
        capture_output=True,
        text=True,
        timeout=30,
    )
    assert done.returncode == 0, f"{command}\n{done.stderr}"
    return bool(done.stdout.strip()) and "ANSWER: 0" not in done.stdout


def test_another_clusters_kubeconfig_does_without_devcluster(tmp_path: Path) -> None:
    with real_run(tmp_path / "first") as first:
        kubeconfig = tmp_path / "first" / "kubeconfig"
        with real_run(tmp_path / "second", f"--kubeconfig={kubeconfig}") as second:
            assert second.ask(PROBE_NAME, "A").answer
            assert f"kubectl --kubeconfig={kubeconfig} get" in second.output()
            assert_ends_clean(second, programs=3)
        assert_ends_clean(first, programs=4)


def test_a_kubeconfig_that_is_not_there_is_one_line(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "localrun", f"--kubeconfig={tmp_path}/none"],
        capture_output=True,
        text=True,
        timeout=20,
    )
    assert done.returncode == 1
    assert done.stderr == f"localrun: KUBECONFIG={tmp_path}/none: there is no such file\n"
