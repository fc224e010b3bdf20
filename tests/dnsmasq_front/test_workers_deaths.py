"""One process of several is killed."""

from __future__ import annotations

import os
import signal

import pytest

from tests.dnsmasq_front.process import FrontProcess
from tests.dnsmasq_front.test_process_serving import server_flag
from tests.dnsmasq_front.worker_processes import DEATH, kill, running, workers
from tests.fakes.dns_server import DnsServer
from tests.waiting import eventually

NAMES = [f"n{number}.test." for number in range(20)]
ZONE = "\n".join(f"{name} 300 IN A 10.0.0.1" for name in NAMES)


def test_killed_worker_is_replaced_and_nobody_notices() -> None:
    with (
        DnsServer(ZONE) as server,
        FrontProcess("--no-resolv", "--workers=2", server_flag(server)) as front,
    ):
        for name in NAMES:
            assert front.addresses(name) == ["10.0.0.1"]
        eventually(lambda: front.counter("misses") == len(NAMES))
        before = workers(front)
        for pid in before:
            os.kill(pid, signal.SIGKILL)
            for name in NAMES:
                for stream in (False, True):
                    assert front.ask(f"{name} A", stream=stream).data == ["10.0.0.1"]
            assert front.counter("misses") >= len(NAMES)
        eventually(lambda: not workers(front) & before)
        assert sum(DEATH in line for line in front.log) == 2
        front.signal(signal.SIGTERM)
        assert front.wait() == 0


def test_log_says_who_died_of_what_and_when_the_next_comes() -> None:
    with FrontProcess("--no-resolv", "--workers=2") as front:
        pid = min(workers(front))
        kill(front, pid)
        (line,) = [line for line in front.log if DEATH in line]
        assert f"pid={pid} code=-9 retry_in_s=0.1" in line


def test_worker_that_was_told_to_end_by_itself_is_replaced() -> None:
    with FrontProcess("--no-resolv", "--workers=2", "-lameduck=0s") as front:
        pid = min(workers(front))
        os.kill(pid, signal.SIGTERM)
        eventually(lambda: pid not in workers(front))
        assert front.alive()


def test_worker_that_dies_while_ending_makes_the_exit_code_1() -> None:
    with FrontProcess("--no-resolv", "--workers=2", "-lameduck=60s") as front:
        pid = min(workers(front))
        front.signal(signal.SIGTERM)
        eventually(lambda: sum("draining" in line for line in front.log) == 2)
        os.kill(pid, signal.SIGKILL)
        front.signal(signal.SIGTERM)
        assert front.wait() == 1
        assert front.logged("ended badly")


@pytest.mark.parametrize("count", [2, 3])
def test_no_worker_outlives_its_parent_and_the_port_is_free(count: int) -> None:
    flags = ["--no-resolv", "--local=/d.test/", f"--workers={count}"]
    with FrontProcess(*flags) as front:
        pids = workers(front, count)
        assert front.ask("x.d.test. A", stream=True).rcode == "NXDOMAIN"
        front.signal(signal.SIGKILL)
        front.wait()
        eventually(lambda: not running(pids))
        with FrontProcess(*flags, port=front.port) as second:
            assert second.ask("x.d.test. A", stream=True).rcode == "NXDOMAIN"
