"""A port that cannot be had is one clear line, before anything is started."""

from __future__ import annotations

import socket
import subprocess
import sys
from pathlib import Path

import pytest

from localrun.options import PORT_HELP
from localrun.plan import HttpReady, Port, ProcessSpec
from localrun.ports import unusable_ports
from tests.ports import free_port

KINDS = {"tcp": socket.SOCK_STREAM, "udp": socket.SOCK_DGRAM}


def spec_with(port: Port) -> ProcessSpec:
    return ProcessSpec(name="front", argv=(), ports=(port,), ready=HttpReady(port.number, "/"))


@pytest.mark.parametrize("held", ["tcp", "udp"])
def test_a_held_port_is_named_with_its_variable(held: str) -> None:
    with socket.socket(socket.AF_INET, KINDS[held]) as holder:
        holder.bind(("127.0.0.1", free_port()))
        if held == "tcp":
            holder.listen()
        number = holder.getsockname()[1]
        lines = unusable_ports([spec_with(Port(number, "FRONT_PORT", "DNS", ("udp", "tcp")))])
    assert len(lines) == 1
    assert f"port {number} (front) is already in use by another program ({held})" in lines[0]
    assert "make run FRONT_PORT=" in lines[0]


def test_a_listener_on_loopback_is_in_the_way_of_one_everywhere() -> None:
    with socket.create_server(("127.0.0.1", 0)) as holder:
        number = holder.getsockname()[1]
        assert unusable_ports([spec_with(Port(number, "X_PORT", "web", address="0.0.0.0"))])


def test_the_other_protocol_is_not_in_the_way() -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as holder:
        holder.bind(("127.0.0.1", free_port()))
        number = holder.getsockname()[1]
        assert unusable_ports([spec_with(Port(number, "X_PORT", "web"))]) == []


def test_connections_lingering_from_an_earlier_run_are_not_in_the_way() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        number = server.getsockname()[1]
        with socket.create_connection(("127.0.0.1", number)):
            accepted, _peer = server.accept()
            accepted.close()  # The side that closes first keeps the port in TIME_WAIT.
    assert unusable_ports([spec_with(Port(number, "X_PORT", "web"))]) == []


def test_the_whole_run_ends_with_one_line_and_starts_nothing(tmp_path: Path) -> None:
    run_dir = tmp_path / "run"
    with socket.create_server(("127.0.0.1", 0)) as holder:
        number = holder.getsockname()[1]
        others = [f"--{name.replace('_', '-')}={free_port()}" for name in PORT_HELP]
        done = subprocess.run(
            [
                *(sys.executable, "-m", "localrun", f"--run-dir={run_dir}"),
                *(*others, f"--sidecar-port={number}"),
            ],
            capture_output=True,
            text=True,
            timeout=20,
        )
    assert done.returncode == 1
    assert done.stdout == ""
    assert done.stderr.count("\n") == 1
    assert f"port {number} (sidecar)" in done.stderr
    assert "make run SIDECAR_PORT=" in done.stderr
    assert not run_dir.exists()
