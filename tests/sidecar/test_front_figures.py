"""What the caching server tells beyond the stock counters is exported as far as it tells it."""

from __future__ import annotations

from functools import partial

import pytest
from hypothesis import given
from hypothesis import strategies as st
from prometheus_client.exposition import generate_latest

from sidecar.address import ServerAddress
from sidecar.collector import build_registry
from sidecar.exchange import ExchangeError, ask
from sidecar.front_figures import (
    SERVERS_MAX,
    FrontFigures,
    FrontSample,
    Growing,
    ServerSample,
    read_front,
)
from sidecar.state import State
from tests.dnsmasq_front.process import FrontProcess
from tests.fakes.dns_server import DnsServer, Rcode, Silence

ALL = """
auth.bind. 0 CH TXT "1"
notifies.bind. 0 CH TXT "20"
notifies-refused.bind. 0 CH TXT "3"
dropped.bind. 0 CH TXT "40"
told.bind. 0 CH TXT "1"
servers.bind. 0 CH TXT "10.0.0.1#53 500 6" "127.0.0.1#10053 70 0"
"""
SERVERS = (ServerSample("10.0.0.1#53", 500, 6), ServerSample("127.0.0.1#10053", 70, 0))
COUNTERS = {"auth": 1, "notifies": 20, "notifies-refused": 3, "dropped": 40}
EXPORTED = {
    "kubedns_dnsmasq_auth_answers_total": 1,
    "kubedns_dnsmasq_notifies_total": 20,
    "kubedns_dnsmasq_notifies_refused_total": 3,
    "kubedns_dnsmasq_dropped_answers_total": 40,
    "kubedns_dnsmasq_telling_servers": 1,
    'kubedns_dnsmasq_upstream_queries_total{server="10.0.0.1#53"}': 500,
    'kubedns_dnsmasq_upstream_queries_total{server="127.0.0.1#10053"}': 70,
    'kubedns_dnsmasq_upstream_failures_total{server="10.0.0.1#53"}': 6,
    'kubedns_dnsmasq_upstream_failures_total{server="127.0.0.1#10053"}': 0,
}


def read(server: DnsServer, *, timeout_s: float = 5.0) -> FrontSample:
    address = ServerAddress(server.host, server.port)
    return read_front(partial(ask, address, rdtype="TXT", rdclass="CH", timeout_s=timeout_s))


def exported(state: State) -> str:
    return generate_latest(build_registry(state, namespace="kubedns")).decode()


def test_all_of_them_are_read() -> None:
    with DnsServer(ALL) as server:
        assert read(server) == FrontSample(COUNTERS, told=1, servers=SERVERS)


def test_all_of_them_are_exported() -> None:
    state = State([])
    state.record_front(FrontSample(COUNTERS, told=1, servers=SERVERS))
    lines = exported(state).splitlines()
    for name, value in EXPORTED.items():
        assert f"{name} {float(value)}" in lines


def test_a_name_that_the_server_does_not_know_is_not_exported() -> None:
    with DnsServer(ALL) as server:
        for name in ("notifies", "notifies-refused", "dropped", "told"):
            server.on(f"{name}.bind.", Rcode(4))
        assert read(server) == FrontSample({"auth": 1}, told=None, servers=SERVERS)
    state = State([])
    state.record_front(FrontSample({"auth": 1}))
    rendered = exported(state)
    assert "kubedns_dnsmasq_auth_answers_total 1.0" in rendered
    for name in ("notifies", "telling_servers", "upstream_queries"):
        assert name not in rendered


def test_silence_is_the_callers_to_judge() -> None:
    with DnsServer(ALL) as server:
        server.on("auth.bind.", Silence())
        with pytest.raises(ExchangeError):
            read(server, timeout_s=0.1)


@pytest.mark.parametrize(
    "text", ["10.0.0.1#53", "10.0.0.1#53 1", "10.0.0.1#53 1 x", "10.0.0.1#53 -1 0", "a 1 2 3", " "]
)
def test_strings_about_servers_that_are_none_are_left_out(text: str) -> None:
    with DnsServer(f'servers.bind. 0 CH TXT "{text}" "10.0.0.2#53 1 2"') as server:
        assert read(server).servers == (ServerSample("10.0.0.2#53", 1, 2),)


def test_the_number_of_servers_is_bounded() -> None:
    strings = " ".join(f'"10.0.0.{n}#53 1 0"' for n in range(SERVERS_MAX + 5))
    with DnsServer(f"servers.bind. 0 CH TXT {strings}") as server:
        assert len(read(server).servers) == SERVERS_MAX
    growing = Growing(keys_max=4)
    for n in range(20):
        growing.update({("sent", str(n)): 1})
    assert len(growing.totals) == 4


def test_totals_go_on_when_the_server_has_begun_anew() -> None:
    figures = FrontFigures()
    for value in (10, 25, 4, 9):
        figures.update(FrontSample({"notifies": value}, servers=(ServerSample("a", value, 0),)))
    totals = figures.read().totals
    assert (totals["notifies",], totals["sent", "a"]) == (30, 30)


@given(st.lists(st.dictionaries(st.sampled_from("ab"), st.integers(-5, 50)), max_size=20))
def test_totals_never_shrink(samples: list[dict[str, int]]) -> None:
    growing = Growing()
    before: dict[tuple[str, ...], int] = {("a",): 0, ("b",): 0}
    for sample in samples:
        growing.update({(key,): value for key, value in sample.items()})
        for key, total in growing.totals.items():
            assert total >= before[key]
            before[key] = total


def test_after_a_failed_poll_nobody_knows_who_tells() -> None:
    state = State([])
    state.record_front(FrontSample(COUNTERS, told=1))
    state.record_cache_error()
    rendered = exported(state)
    assert "kubedns_dnsmasq_notifies_total 20.0" in rendered
    assert "telling_servers" not in rendered


def test_our_front_tells_all_of_them() -> None:
    with (
        DnsServer() as upstream,
        FrontProcess("--no-resolv", f"--server={upstream.host}#{upstream.port}") as front,
    ):
        address = ServerAddress("127.0.0.1", front.port)
        sample = read_front(partial(ask, address, rdtype="TXT", rdclass="CH", edns=True))
        assert set(sample.counters) == set(COUNTERS)
        assert sample.told == 0
        assert [server.name for server in sample.servers] == [f"127.0.0.1#{upstream.port}"]
