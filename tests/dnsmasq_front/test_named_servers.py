"""Servers that are named: looked up without holding up anybody, and again when the TTL is over."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from dnsmasq_front.cli import parse_options
from dnsmasq_front.look_up import HostLookUp, addresses_in
from dnsmasq_front.named_servers import ADDRESSES_MAX, AGAIN_S, LIFE_S, Found, NamedServers
from dnsmasq_front.options import KUBEDNS, FrontOptions
from dnsmasq_front.routes import Routes
from dnsmasq_front.upstreams import Upstreams
from tests.dnsmasq_front.messages import query_wire, response_wire
from tests.dnsmasq_front.process import FrontProcess
from tests.dnsmasq_front.pure import PureFront
from tests.dnsmasq_front.test_process_config import mount
from tests.dnsmasq_front.test_process_serving import server_flag
from tests.fakes.dns_server import DnsServer, Silence
from tests.waiting import eventually

HOST = "ns.foo.test"


class Asking:
    """Named servers whose look-ups are answered by hand."""

    def __init__(self, *hosts: str) -> None:
        self.asked: list[tuple[str, Callable[[Found | None], None]]] = []
        self.named = NamedServers(lambda host, on_found: self.asked.append((host, on_found)))
        self.named.use(hosts)

    def answer(self, *addresses: str, ttl_s: float = 60.0) -> None:
        """The latest look-up finds this; nothing when there are no addresses."""
        self.asked[-1][1](Found(addresses, ttl_s) if addresses else None)


def test_address_is_known_at_the_poll_after_the_answer() -> None:
    play = Asking(HOST)
    assert play.named.poll(0.0) == []
    assert play.named.addresses(HOST) == ()
    play.answer("10.0.0.1")
    assert play.named.poll(0.1) == [HOST]
    assert play.named.addresses(HOST) == ("10.0.0.1",)
    assert play.named.poll(0.2) == []


@pytest.mark.parametrize(("ttl_s", "life_s"), [(30.0, 30.0), (0.0, LIFE_S[0]), (9e9, LIFE_S[1])])
def test_asked_again_when_the_ttl_is_over(ttl_s: float, life_s: float) -> None:
    play = Asking(HOST)
    play.named.poll(0.0)
    play.answer("10.0.0.1", ttl_s=ttl_s)
    play.named.poll(0.0)
    play.named.poll(life_s - 0.1)
    assert len(play.asked) == 1
    play.named.poll(life_s)
    assert len(play.asked) == 2
    play.answer("10.0.0.2")
    assert play.named.poll(life_s + 0.1) == [HOST]
    assert play.named.addresses(HOST) == ("10.0.0.2",)


def test_failure_keeps_the_last_address_and_is_tried_again() -> None:
    play = Asking(HOST)
    play.named.poll(0.0)
    play.answer("10.0.0.1", ttl_s=5.0)
    play.named.poll(0.0)
    play.named.poll(5.0)
    play.answer()
    assert play.named.poll(5.1) == []
    assert play.named.addresses(HOST) == ("10.0.0.1",)
    play.named.poll(5.0 + AGAIN_S)
    assert len(play.asked) == 3


def test_look_up_without_an_answer_yet_is_not_doubled() -> None:
    play = Asking(HOST)
    for now in range(100):
        play.named.poll(float(now))
    assert len(play.asked) == 1


def test_turned_addresses_are_no_change_and_their_number_is_bounded() -> None:
    play = Asking(HOST)
    play.named.poll(0.0)
    play.answer("10.0.0.2", "10.0.0.1", ttl_s=5.0)
    assert play.named.poll(0.0) == [HOST]
    play.named.poll(5.0)
    play.answer("10.0.0.1", "10.0.0.2")
    assert play.named.poll(5.1) == []
    play.named.poll(1e6)
    play.answer(*(f"10.0.1.{i}" for i in range(100)))
    play.named.poll(1e6)
    assert len(play.named.addresses(HOST)) == ADDRESSES_MAX


def test_names_that_are_not_used_any_more_are_not_asked() -> None:
    play = Asking(HOST, "other.test")
    play.named.poll(0.0)
    play.named.use(["other.test"])
    play.named.poll(1e6)
    assert [host for host, _ in play.asked].count(HOST) == 1
    assert play.named.addresses(HOST) == ()


def looked_up(front: PureFront, host: str) -> list[Found | None]:
    found: list[Found | None] = []
    look_up = HostLookUp(front.forwarder, KUBEDNS, clock=lambda: front.now)
    look_up(host, found.append)
    return found


def test_host_outside_is_asked_of_the_default_servers_even_below_its_own_stub_domain() -> None:
    front = PureFront("--server=/foo.test/10.0.0.9", "--server=8.8.8.8")
    found = looked_up(front, HOST)
    assert front.sent[0].server.host == "8.8.8.8"
    front.answer(f"{HOST}. 33 IN CNAME real.test.\nreal.test. 77 IN A 10.0.0.1")
    assert found == [Found(("10.0.0.1",), 33.0)]


def test_host_in_the_cluster_is_asked_of_kubedns() -> None:
    front = PureFront("--server=8.8.8.8")
    looked_up(front, "dns.kube-system.svc.cluster.local")
    assert front.sent[0].server == KUBEDNS
    looked_up(front, "xcluster.local")
    assert front.sent[1].server.host == "8.8.8.8"


def test_host_in_a_cluster_domain_of_another_name_is_asked_where_that_is() -> None:
    front = PureFront("--server=/my.zone/127.0.0.1#5353", "--server=8.8.8.8")
    looked_up(front, "dns.x.svc.my.zone")
    assert front.sent[0].server.port == 5353


def test_ipv6_address_when_there_is_no_other() -> None:
    front = PureFront("--server=8.8.8.8")
    found = looked_up(front, HOST)
    front.answer()
    front.answer(f"{HOST}. 60 IN AAAA 2001:db8::1")
    assert found == [Found(("2001:db8::1",), 60.0)]


def test_failure_is_a_failure() -> None:
    front = PureFront("--server=8.8.8.8")
    found = looked_up(front, HOST)
    front.unreachable()
    front.unreachable()
    assert found == [None]
    assert looked_up(PureFront(), HOST) == [None]


def test_client_asking_for_the_same_name_is_answered_by_its_own_server() -> None:
    front = PureFront("--server=/foo.test/10.0.0.9", "--server=8.8.8.8")
    looked_up(front, HOST)
    client = front.ask(f"{HOST}. A")
    assert [sent.server.host for sent in front.sent] == ["8.8.8.8", "10.0.0.9"]
    front.answer(f"{HOST}. 60 IN A 10.5.5.5")
    assert client.reply.data == ["10.5.5.5"]


@pytest.mark.parametrize("cut", range(12, 60, 3))
def test_cut_answer_is_no_answer(cut: int) -> None:
    wire = response_wire(query_wire(f"{HOST}. A"), f"{HOST}. 60 IN A 10.0.0.1")
    assert addresses_in(wire[: min(cut, len(wire) - 1)], 1) is None


def table(named: NamedServers, *flags: str) -> Routes:
    options = parse_options(["-configDir=/nowhere", "--no-resolv", *flags])
    assert isinstance(options, FrontOptions)
    return Upstreams(options, named, use=lambda routes: None).routes()


def test_domain_whose_server_is_not_known_yet_fails_and_is_not_local() -> None:
    play = Asking()
    front = PureFront()
    routes = table(play.named, f"--server=/d.test/{HOST}#5300")
    front.forwarder.use_routes(routes, now=front.now)
    assert front.ask("x.d.test. A").reply.rcode == "SERVFAIL"
    play.named.poll(0.0)
    play.answer("10.0.0.1")
    play.named.poll(0.1)
    routes = table(play.named, f"--server=/d.test/{HOST}#5300")
    front.forwarder.use_routes(routes, now=front.now)
    front.ask("x.d.test. A")
    assert str(front.sent[-1].server) == "10.0.0.1:5300"


def test_stub_server_gets_a_new_address_while_we_run(tmp_path: Path) -> None:
    mount(tmp_path, "1", stubDomains=json.dumps({"corp.test": ["ns.foo.test"]}))
    zone = "ns.foo.test. 1 IN A {}\na.test. 300 IN A 10.0.0.1"
    with DnsServer(zone.format("127.0.0.71")) as upstream:
        # Stub servers that are named have port 53, where no test may listen: their answers are
        # not needed here, only whom the front would ask.
        flags = [f"-configDir={tmp_path}", "-syncInterval=100ms", "--no-resolv"]
        with FrontProcess(*flags, server_flag(upstream)) as front:
            eventually(lambda: front.logged("servers=127.0.0.71:53"))
            assert front.addresses("a.test.") == ["10.0.0.1"]
            upstream.set_zone(zone.format("127.0.0.72"))
            eventually(lambda: front.logged("servers=127.0.0.72:53"), timeout_s=20.0)
            assert front.addresses("a.test.") == ["10.0.0.1"]
            assert upstream.count("a.test.") == 1  # The cache has outlived the change.


def test_server_flag_with_a_host_name_and_a_look_up_that_never_ends() -> None:
    with DnsServer("a.test. 60 IN A 10.0.0.1") as upstream:
        upstream.on("ns.foo.test.", Silence())
        with FrontProcess(
            "--no-resolv", "--server=/d.test/ns.foo.test#5353", server_flag(upstream)
        ) as front:
            assert front.addresses("a.test.") == ["10.0.0.1"]
            assert front.ask("x.d.test. A").rcode == "SERVFAIL"
