"""Several workers look like one front to whoever asks."""

from __future__ import annotations

import signal

import pytest

from tests.dnsmasq_front.process import FrontProcess
from tests.dnsmasq_front.test_process_serving import server_flag
from tests.dnsmasq_front.worker_processes import children, figures, workers
from tests.fakes.dns_server import DnsServer
from tests.waiting import eventually

NAMES = [f"n{number}.test." for number in range(40)]
ZONE = "\n".join(f"{name} 300 IN A 10.0.0.1" for name in NAMES)


def both_answered(front: FrontProcess) -> bool:
    front.signal(signal.SIGUSR1)
    answered = figures(front, "answered_locally")
    return len(answered) == 2 and all(answered.values())


@pytest.mark.parametrize("stream", [False, True], ids=["udp", "tcp"])
def test_clients_are_dealt_out_among_the_workers(stream: bool) -> None:
    with FrontProcess("--no-resolv", "--local=/d.test/", "--workers=2") as front:
        for _ in range(40):
            assert front.ask("x.d.test. A", stream=stream).rcode == "NXDOMAIN"
        eventually(lambda: both_answered(front), message=lambda: f"{front.log}")
        assert sum(figures(front, "answered_locally").values()) == 40


def test_every_address_is_served() -> None:
    with FrontProcess("--no-resolv", "--local=/d.test/", "--workers=2", listen=()) as front:
        for host in ("127.0.0.1", "127.0.0.53", "::1"):
            for stream in (False, True):
                assert front.ask("x.d.test. A", stream=stream, host=host).rcode == "NXDOMAIN"


def test_counters_are_those_of_the_pod_whoever_is_asked() -> None:
    flags = ["--no-resolv", "--workers=2", "--cache-size=100"]
    with DnsServer(ZONE) as server, FrontProcess(*flags, server_flag(server)) as front:
        for name in NAMES:
            assert front.addresses(name) == ["10.0.0.1"]
        eventually(lambda: front.counter("misses") == len(NAMES))
        for counter, value in (("misses", 40), ("insertions", 40), ("evictions", 0)):
            assert {front.counter(counter) for _ in range(20)} == {value}
        front.signal(signal.SIGUSR1)
        eventually(lambda: len(figures(front, "forwarded")) == 2)
        shares = figures(front, "forwarded").values()
        assert all(shares)
        assert sum(shares) == len(NAMES)


def test_hits_are_those_of_the_pod_whoever_is_asked_for_them() -> None:
    with FrontProcess("--no-resolv", "--workers=2", "--local=/d.test/") as front:
        seen = []
        for _ in range(30):
            assert front.ask("x.d.test. A").rcode == "NXDOMAIN"
            seen.append(front.counter("hits"))
        assert seen == sorted(seen)
        eventually(lambda: front.counter("hits") == 30)


def test_cache_size_is_the_room_of_all_workers_together() -> None:
    with FrontProcess("--no-resolv", "--cache-size=1000", "--workers=3") as front:
        assert {front.counter("cachesize") for _ in range(10)} == {3000}
        workers(front, 3)


@pytest.mark.parametrize("flags", [(), ("--workers=1",)])
def test_one_worker_is_one_process(flags: tuple[str, ...]) -> None:
    with FrontProcess("--no-resolv", *flags) as front:
        assert front.counter("cachesize") == 150
        assert not children(front.pid)
