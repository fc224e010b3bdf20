"""Signals of the real process, as kubelet, the nanny and operators send them."""

from __future__ import annotations

import signal
import socket
import time
from pathlib import Path

from tests.dnsmasq_front.process import FrontProcess
from tests.dnsmasq_front.test_process_serving import server_flag
from tests.fakes.dns_server import Delayed, DnsServer
from tests.ports import HOST
from tests.waiting import eventually

ZONE = "a.test. 300 IN A 10.0.0.1"


def test_hup_empties_the_cache_and_its_counters() -> None:
    with DnsServer(ZONE) as server, FrontProcess("--no-resolv", server_flag(server)) as front:
        front.addresses("a.test.")
        assert front.counter("insertions") == 1
        front.signal(signal.SIGHUP)
        eventually(lambda: front.counter("insertions") == 0)
        front.addresses("a.test.")
        assert server.count("a.test.") == 2


def test_usr1_logs_statistics() -> None:
    with DnsServer(ZONE) as server, FrontProcess("--no-resolv", server_flag(server)) as front:
        front.addresses("a.test.")
        front.addresses("a.test.")
        front.signal(signal.SIGUSR1)
        address = f"{server.host}#{server.port}"
        eventually(lambda: front.logged(f"server {address}: queries sent 1, retried 0, failed 0"))
        assert front.logged("cache size 150, 0/1 cache insertions re-used unexpired cache entries.")
        assert front.logged("queries forwarded 1, queries answered locally 1")
        assert front.logged("child processes for TCP requests: in use 0, highest since last")


def test_usr2_begins_a_new_log_file(tmp_path: Path) -> None:
    path = tmp_path / "log"
    flags = ["--no-resolv", "--local=/d.test/", "--log-queries"]
    with FrontProcess(*flags, log_file=path) as front:
        assert front.ask("one.d.test. A").rcode == "NXDOMAIN"
        eventually(lambda: "query[A] one.d.test from 127.0.0.1" in path.read_text())
        eventually(lambda: "config one.d.test is NXDOMAIN" in path.read_text())
        path.rename(tmp_path / "log.1")
        front.signal(signal.SIGUSR2)
        eventually(path.exists)
        front.ask("two.d.test. A")
        eventually(lambda: "query[A] two.d.test from 127.0.0.1" in path.read_text())
        assert "one.d.test" not in path.read_text()


def test_usr2_is_harmless_without_a_file() -> None:
    with FrontProcess("--no-resolv", "--local=/d.test/") as front:
        front.signal(signal.SIGUSR2)
        assert front.ask("x.d.test. A").rcode == "NXDOMAIN"
        assert front.alive()


def test_term_ends_tcp_clients_and_exits_zero() -> None:
    with (
        FrontProcess("--no-resolv", "-lameduck=0s") as front,
        socket.create_connection((HOST, front.port)) as client,
    ):
        front.signal(signal.SIGTERM)
        assert front.wait() == 0
        client.settimeout(10)
        assert client.recv(1) == b""


def test_cont_the_images_stop_signal_is_ignored() -> None:
    with DnsServer(ZONE) as server, FrontProcess("--no-resolv", server_flag(server)) as front:
        front.signal(signal.SIGCONT)
        assert front.addresses("a.test.") == ["10.0.0.1"]
        assert front.alive()


def test_term_goes_on_answering_while_asked_and_then_ends_cleanly() -> None:
    flags = ["--no-resolv", "-lameduck=3s"]
    with DnsServer(ZONE) as server, FrontProcess(*flags, server_flag(server)) as front:
        front.signal(signal.SIGTERM)
        eventually(lambda: front.logged("draining"))
        asked_until = time.monotonic() + 1.5
        while time.monotonic() < asked_until:
            assert front.addresses("a.test.") == ["10.0.0.1"]
        assert front.wait() == 0
        assert front.logged("stopped")


def test_term_waits_for_an_answer_that_is_on_its_way() -> None:
    with DnsServer(ZONE) as server, FrontProcess("--no-resolv", server_flag(server)) as front:
        server.on("a.test.", Delayed(0.5), times=1)
        front.signal(signal.SIGTERM)
        assert front.addresses("a.test.") == ["10.0.0.1"]
        assert front.wait() == 0


def test_second_term_ends_at_once() -> None:
    with FrontProcess("--no-resolv", "-lameduck=60s") as front:
        front.signal(signal.SIGTERM)
        eventually(lambda: front.logged("draining"))
        front.signal(signal.SIGTERM)
        assert front.wait() == 0


def test_killed_process_is_replaced_on_its_port_at_once() -> None:
    with DnsServer(ZONE) as server, FrontProcess("--no-resolv", server_flag(server)) as front:
        assert front.ask("a.test. A", stream=True).data == ["10.0.0.1"]
        front.signal(signal.SIGKILL)
        front.wait()
        with FrontProcess("--no-resolv", server_flag(server), port=front.port) as second:
            assert second.ask("a.test. A", stream=True).data == ["10.0.0.1"]
