"""Signals to the parent are signals to every worker."""

from __future__ import annotations

import os
import signal
import socket
import time

import pytest

from tests.dnsmasq_front.messages import query_wire
from tests.dnsmasq_front.process import FrontProcess
from tests.dnsmasq_front.test_process_serving import server_flag
from tests.dnsmasq_front.worker_processes import crash_loop, figures, running, workers
from tests.fakes.dns_server import DnsServer
from tests.ports import HOST
from tests.waiting import eventually

ZONE = "a.test. 300 IN A 10.0.0.1"
FLAGS = ["--no-resolv", "--workers=2", "--local=/d.test/"]


def lines(front: FrontProcess, text: str) -> int:
    return sum(text in line for line in front.log)


def test_hup_empties_every_cache_and_the_counters() -> None:
    with DnsServer(ZONE) as server, FrontProcess(*FLAGS, server_flag(server)) as front:
        eventually(lambda: front.addresses("a.test.") and front.counter("insertions") == 2)
        front.signal(signal.SIGHUP)
        eventually(lambda: lines(front, "cache flushed") == 2)
        assert front.counter("insertions") == 0
        eventually(lambda: front.addresses("a.test.") and server.count("a.test.") == 4)


def test_hup_reaches_a_worker_that_is_not_there_yet() -> None:
    with DnsServer(ZONE) as server, FrontProcess(*FLAGS, server_flag(server)) as front:
        eventually(lambda: front.addresses("a.test.") and front.counter("insertions") == 2)
        crash_loop(front)
        front.signal(signal.SIGHUP)
        workers(front)
        eventually(lambda: front.counter("insertions") == 0)


def test_usr1_logs_the_statistics_of_each() -> None:
    with FrontProcess(*FLAGS) as front:
        front.signal(signal.SIGUSR1)
        eventually(lambda: figures(front, "answered_locally") == {0: 0, 1: 0})
        assert figures(front, "records") == {0: 0, 1: 0}


def test_cont_the_images_stop_signal_is_ignored() -> None:
    with FrontProcess(*FLAGS) as front:
        before = workers(front)
        front.signal(signal.SIGCONT)
        for _ in range(10):
            assert front.ask("x.d.test. A").rcode == "NXDOMAIN"
        assert workers(front) == before


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_end_is_clean_and_leaves_no_process(number: signal.Signals) -> None:
    with FrontProcess(*FLAGS) as front:
        pids = workers(front)
        front.signal(number)
        assert front.wait() == 0
        assert lines(front, "stopped") == 2
        assert not running(pids)


def test_all_answer_on_while_one_is_asked() -> None:
    with (
        FrontProcess(*FLAGS, "-lameduck=30s") as front,
        # One client port is one worker's, so the other hears nothing by itself.
        socket.socket(type=socket.SOCK_DGRAM) as client,
    ):
        client.connect((HOST, front.port))
        client.settimeout(5)
        front.signal(signal.SIGTERM)
        eventually(lambda: lines(front, "draining") == 2)
        asked_until = time.monotonic() + 2.5
        while time.monotonic() < asked_until:
            client.send(query_wire("x.d.test. A"))
            assert client.recv(512)
        assert not front.logged("stopped")
        assert front.ask("x.d.test. A").rcode == "NXDOMAIN"
        assert front.wait() == 0


def test_second_term_ends_at_once() -> None:
    with FrontProcess(*FLAGS, "-lameduck=60s") as front:
        front.signal(signal.SIGTERM)
        eventually(lambda: lines(front, "draining") == 2)
        front.signal(signal.SIGTERM)
        assert front.wait() == 0


def test_ctrl_c_reaches_the_parent_alone_which_passes_it_on() -> None:
    with FrontProcess(*FLAGS) as front:
        eventually(lambda: lines(front, "serving") == 2)
        assert {os.getpgid(pid) for pid in workers(front)} == workers(front)


def test_term_while_a_worker_is_missing_starts_it_no_more() -> None:
    with FrontProcess(*FLAGS) as front:
        crash_loop(front)
        served = lines(front, "serving")
        front.signal(signal.SIGTERM)
        assert front.wait() == 0
        assert lines(front, "serving") == served
