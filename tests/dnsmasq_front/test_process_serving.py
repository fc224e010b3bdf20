"""The real process between a client and scripted servers, over UDP and TCP."""

from __future__ import annotations

from tests.dnsmasq_front.messages import addresses
from tests.dnsmasq_front.process import FrontProcess
from tests.fakes.dns_server import Delayed, DnsServer, Silence, Truncated
from tests.waiting import eventually


def server_flag(server: DnsServer, domain: str = "") -> str:
    prefix = f"/{domain}/" if domain else ""
    return f"--server={prefix}{server.host}#{server.port}"


def test_answers_over_udp_and_tcp_and_from_the_cache() -> None:
    with (
        DnsServer("a.test. 60 IN A 10.0.0.1") as server,
        FrontProcess("--no-resolv", server_flag(server)) as front,
    ):
        for stream in (False, True, False):
            assert front.ask("A.test. A", stream=stream).data == ["10.0.0.1"]
        assert server.count("a.test.") == 1


def test_domains_go_to_their_servers() -> None:
    with (
        DnsServer("a.corp.test. 60 IN A 10.0.0.1") as corp,
        DnsServer("b.test. 60 A 8.8.8.8") as rest,
    ):
        flags = [server_flag(corp, "corp.test"), server_flag(rest)]
        with FrontProcess("--no-resolv", *flags) as front:
            assert front.addresses("a.corp.test.") == ["10.0.0.1"]
            assert front.addresses("b.test.") == ["8.8.8.8"]
        assert [q.name for q in corp.queries] == ["a.corp.test."]


def test_truncated_answer_is_fetched_over_tcp() -> None:
    with DnsServer(addresses("big.test.", 100)) as server:
        server.on("big.test.", Truncated())
        with FrontProcess("--no-resolv", server_flag(server)) as front:
            assert "TC" in front.ask("big.test. A").flags
            assert len(front.ask("big.test. A", stream=True).data) == 100
        assert [q.transport for q in server.queries] == ["udp", "tcp"]


def test_dead_server_is_no_outage() -> None:
    with DnsServer() as dead:
        gone = server_flag(dead)
    with (
        DnsServer("a.test. 60 IN A 10.0.0.1") as server,
        FrontProcess("--no-resolv", gone, server_flag(server)) as front,
    ):
        assert front.addresses("a.test.") == ["10.0.0.1"]


def test_only_dead_servers_give_servfail_with_the_reason() -> None:
    with DnsServer() as dead:
        gone = server_flag(dead)
    with FrontProcess("--no-resolv", gone) as front:
        reply = front.ask("a.test. A", edns=1232)
        assert (reply.rcode, reply.errors) == ("SERVFAIL", [23])


def test_silent_server_gives_servfail_before_stub_resolvers_give_up() -> None:
    with DnsServer() as server:
        server.on_all(Silence())
        with FrontProcess("--no-resolv", server_flag(server)) as front:
            assert front.ask("a.test. A").rcode == "SERVFAIL"


def test_slow_name_holds_up_nobody() -> None:
    with DnsServer("fast.test. 60 IN A 10.0.0.1") as server:
        server.on("slow.test.", Delayed(30.0))
        with FrontProcess("--no-resolv", server_flag(server), "--dns-forward-max=2") as front:
            assert front.addresses("fast.test.") == ["10.0.0.1"]
            assert front.ask("cachesize.bind. TXT CH", stream=True).data == ['"150"']


def test_cluster_server_restarts_and_answers_go_on() -> None:
    with DnsServer("svc.cluster.test. 30 IN A 10.0.0.1") as server:
        flag, port = server_flag(server, "cluster.test"), server.port
        with FrontProcess("--no-resolv", flag) as front:
            assert front.addresses("svc.cluster.test.") == ["10.0.0.1"]
            server.stop()
            eventually(lambda: front.ask("svc.cluster.test. A", edns=1232).errors == [3])
            assert front.addresses("svc.cluster.test.") == ["10.0.0.1"]
            assert front.ask("unknown.cluster.test. A").rcode == "SERVFAIL"
            with DnsServer("svc.cluster.test. 30 IN A 10.0.0.2", port=port):
                eventually(lambda: front.addresses("svc.cluster.test.") == ["10.0.0.2"])


def test_deleted_service_is_gone_within_the_second() -> None:
    with (
        DnsServer("svc.cluster.test. 30 IN A 10.0.0.1") as server,
        FrontProcess("--no-resolv", server_flag(server, "cluster.test")) as front,
    ):
        for _ in range(5):
            assert front.addresses("svc.cluster.test.") == ["10.0.0.1"]
        server.set_zone("other.cluster.test. 30 IN A 10.0.0.1")
        eventually(lambda: front.ask("svc.cluster.test. A").rcode == "NXDOMAIN", timeout_s=1.0)
