"""How a front with workers begins, or says in one line why it cannot."""

from __future__ import annotations

import socket

import pytest

from tests.dnsmasq_front.process import FrontProcess, run_to_end
from tests.ports import HOST


def refused(port: int) -> None:
    flags = [f"--port={port}", f"--listen-address={HOST}", "--no-resolv", "--workers=2"]
    done = run_to_end(flags)
    assert done.returncode == 1
    (line,) = [line for line in done.stderr.splitlines() if line.startswith("dnsmasq-front: ")]
    assert str(port) in line
    assert "--port" in line
    assert "Traceback" not in done.stderr
    assert "serving" not in done.stderr


@pytest.mark.parametrize("kind", [socket.SOCK_DGRAM, socket.SOCK_STREAM], ids=["udp", "tcp"])
@pytest.mark.parametrize("shared", [0, 1], ids=["alone", "reuseport"])
def test_port_in_use_is_one_line_even_if_its_holder_would_share(
    kind: socket.SocketKind, shared: int
) -> None:
    with socket.socket(socket.AF_INET, kind) as holder:
        holder.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, shared)
        holder.bind((HOST, 0))
        if kind == socket.SOCK_STREAM:
            holder.listen()
        refused(holder.getsockname()[1])


def test_second_front_on_the_port_is_refused() -> None:
    with FrontProcess("--no-resolv", "--workers=2") as front:
        refused(front.port)


@pytest.mark.parametrize("flags", [["--workers=0"], ["--workers=65"], ["--", "--workers=2"]])
def test_wrong_number_is_one_line_and_exit_2(flags: list[str]) -> None:
    done = run_to_end(flags)
    assert done.returncode == 2
    (line,) = done.stderr.splitlines()
    assert "workers" in line
