"""How the process begins, or says in one line why it cannot."""

from __future__ import annotations

import socket

import pytest

from tests.dnsmasq_front.process import FrontProcess, run_to_end
from tests.ports import HOST


@pytest.mark.parametrize(
    "flags", [["--no-such-flag"], ["--cache-size=x"], ["stray"], ["--", "--server=10.0.0.1:53"]]
)
def test_wrong_command_line_is_one_line_and_exit_2(flags: list[str]) -> None:
    done = run_to_end(flags)
    assert done.returncode == 2
    assert len(done.stderr.splitlines()) == 1
    assert done.stderr.startswith("dnsmasq-front: ")
    assert done.stdout == ""


@pytest.mark.parametrize("flag", ["--help", "--version"])
def test_asked_for_text_goes_to_stdout(flag: str) -> None:
    done = run_to_end([flag])
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout


@pytest.mark.parametrize("kind", [socket.SOCK_DGRAM, socket.SOCK_STREAM], ids=["udp", "tcp"])
def test_port_in_use_is_one_line_that_names_port_and_flag(kind: socket.SocketKind) -> None:
    with socket.socket(socket.AF_INET, kind) as holder:
        holder.bind((HOST, 0))
        if kind == socket.SOCK_STREAM:
            holder.listen()
        port = holder.getsockname()[1]
        done = run_to_end([f"--port={port}", f"--listen-address={HOST}", "--no-resolv"])
    assert done.returncode == 1
    (line,) = [line for line in done.stderr.splitlines() if line.startswith("dnsmasq-front: ")]
    assert str(port) in line
    assert "--port" in line
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize("host", ["127.0.0.1", "127.0.0.53", "::1"])
def test_serves_every_address_unless_told_and_answers_from_the_one_asked(host: str) -> None:
    with FrontProcess("--no-resolv", "--local=/d.test/", listen=()) as front:
        for stream in (False, True):
            # dnspython takes an answer from the address that it asked and from no other.
            assert front.ask("x.d.test. A", stream=stream, host=host).rcode == "NXDOMAIN"


def test_flags_without_effect_are_logged() -> None:
    with FrontProcess("--no-resolv", "-k", "--bind-interfaces") as front:
        assert front.logged("flags=keep-in-foreground,bind-interfaces")
