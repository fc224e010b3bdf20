"""Signals: draining, and what does not end it."""

from __future__ import annotations

import signal
import threading
import time
from contextlib import suppress

import dns.exception
import pytest

from devcluster.cluster import DevCluster
from tests.fakes.dns_server import Delayed, DnsServer
from tests.kubedns_process.daemon import Kubedns
from tests.waiting import eventually

WEB = "web.shop.svc.cluster.local."


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_it_drains_and_exits_0(cluster: DevCluster, number: signal.Signals) -> None:
    with Kubedns("--lameduck=30s", api=cluster.url) as kubedns:
        kubedns.wait_ready()
        kubedns.signal(number)
        eventually(lambda: kubedns.readiness() == 503)
        assert kubedns.get("/readiness").text == "draining\n"
        # Asked again and again, it stays longer than the second of silence.
        asked_until = time.monotonic() + 1.5
        while time.monotonic() < asked_until:
            assert kubedns.answers(WEB) == [f"{WEB} A 10.96.0.20"]
        assert kubedns.running
        assert kubedns.exit_code() == 0


def test_never_longer_than_lameduck(cluster: DevCluster) -> None:
    with Kubedns("--lameduck=500ms", api=cluster.url) as kubedns:
        kubedns.wait_ready()
        kubedns.signal(signal.SIGTERM)
        started = time.monotonic()

        def ended_although_asked() -> bool:
            with suppress(dns.exception.Timeout):  # an answer, or the port is closed by now
                kubedns.ask(WEB, timeout_s=0.2)
            return not kubedns.running

        eventually(ended_although_asked)
        assert time.monotonic() - started < 5.0
        assert kubedns.exit_code() == 0


def test_an_answer_that_is_under_way_is_still_sent(cluster: DevCluster) -> None:
    with DnsServer("www.example.com. 60 IN A 192.0.2.1") as outside:
        outside.on_all(Delayed(1.3))
        with Kubedns(f"--nameservers={outside.address}", api=cluster.url) as kubedns:
            kubedns.wait_ready()
            found: list[list[str]] = []
            asking = threading.Thread(
                target=lambda: found.append(kubedns.answers("www.example.com."))
            )
            asking.start()
            eventually(lambda: outside.queries)
            kubedns.signal(signal.SIGTERM)
            asking.join()
            assert found == [["www.example.com. A 192.0.2.1"]]
            assert kubedns.exit_code() == 0


def test_a_second_signal_ends_it_at_once(cluster: DevCluster) -> None:
    with Kubedns("--lameduck=1h", api=cluster.url) as kubedns:
        kubedns.wait_ready()
        kubedns.signal(signal.SIGTERM)
        eventually(lambda: kubedns.readiness() == 503)
        kubedns.signal(signal.SIGTERM)
        assert kubedns.exit_code() == 0
        assert "second signal" in kubedns.log


@pytest.mark.parametrize("number", [signal.SIGHUP, signal.SIGCONT])
def test_other_signals_end_nothing(cluster: DevCluster, number: signal.Signals) -> None:
    with Kubedns(api=cluster.url) as kubedns:
        kubedns.wait_ready()
        for _ in range(3):
            kubedns.signal(number)
            assert kubedns.answers(WEB) == [f"{WEB} A 10.96.0.20"]
        assert kubedns.readiness() == 200


def test_it_ends_while_the_api_is_away() -> None:
    with Kubedns("--lameduck=0", api="http://127.0.0.1:1") as kubedns:
        kubedns.wait_listening()
        kubedns.signal(signal.SIGTERM)
        assert kubedns.exit_code() == 0
