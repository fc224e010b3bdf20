"""Names outside the zone, asked of a real process with scripted servers behind it."""

from __future__ import annotations

from pathlib import Path

import dns.edns
import dns.flags
import dns.message
import dns.query
import dns.rcode
import pytest

from devcluster.cluster import DevCluster
from tests.fakes.dns_server import DnsServer, Rcode, Silence, Truncated
from tests.kubedns_process.daemon import Kubedns
from tests.ports import HOST
from tests.waiting import eventually


def test_an_outside_name_is_forwarded(kubedns: Kubedns, outside: DnsServer) -> None:
    for tcp in (False, True):
        assert kubedns.answers("mail.example.com.", tcp=tcp) == ["mail.example.com. A 192.0.2.20"]
    assert outside.count("mail.example.com.") == 2


def test_the_answer_of_a_miss_passes_through(kubedns: Kubedns) -> None:
    assert kubedns.answers("absent.example.com.") == ["NXDOMAIN"]
    response = kubedns.ask("mail.example.com.", "AAAA")
    assert response.rcode() == dns.rcode.NOERROR and not response.answer


def test_a_reverse_name_that_is_not_ours_is_forwarded(kubedns: Kubedns, outside: DnsServer) -> None:
    name = "9.113.0.203.in-addr.arpa."
    assert kubedns.answers(name, "PTR") == [f"{name} PTR outside.example.com."]
    assert outside.count(name) == 1


def test_ids_and_ports_are_not_the_clients(kubedns: Kubedns, outside: DnsServer) -> None:
    before = len(outside.queries)
    for _ in range(20):
        query = dns.message.make_query("mail.example.com.", "A")
        query.id = 4711
        assert dns.query.udp(query, HOST, 10.0, kubedns.dns_port).id == 4711
    seen = outside.queries[before:]
    assert len({query.wire[:2] for query in seen}) > 15
    assert len({query.peer_port for query in seen}) > 15


def test_a_truncated_answer_is_fetched_over_tcp(kubedns: Kubedns, outside: DnsServer) -> None:
    outside.on("mail.example.com.", Truncated(), rdtype="A", times=1)
    assert kubedns.answers("mail.example.com.") == ["mail.example.com. A 192.0.2.20"]
    assert outside.queries[-1].transport == "tcp"


def test_an_answer_too_large_for_the_client_is_truncated(cluster: DevCluster) -> None:
    many = "\n".join(f"big.example.com. 60 IN A 192.0.2.{number}" for number in range(80))
    with (
        DnsServer(many) as outside,
        Kubedns(f"--nameservers={outside.address}", api=cluster.url) as kubedns,
    ):
        kubedns.wait_listening()
        response = kubedns.ask("big.example.com.", edns=False)
        assert response.flags & dns.flags.TC
        assert len(kubedns.answers("big.example.com.", tcp=True)) == 80


def test_a_silent_or_failing_server_is_passed_over(cluster: DevCluster) -> None:
    zone = "www.example.com. 60 IN A 192.0.2.1"
    with DnsServer(zone) as first, DnsServer(zone) as second:
        servers = f"--nameservers={first.address},{second.address}"
        with Kubedns(servers, api=cluster.url) as kubedns:
            kubedns.wait_listening()
            for trouble in (Silence(), Rcode(dns.rcode.SERVFAIL)):
                first.on_all(trouble)
                assert kubedns.answers("www.example.com.") == ["www.example.com. A 192.0.2.1"]
            first.on_all(None)
            first.stop()
            assert kubedns.answers("www.example.com.") == ["www.example.com. A 192.0.2.1"]


@pytest.mark.parametrize("tcp", [False, True], ids=["udp", "tcp"])
def test_when_all_servers_are_dead_the_client_is_told(cluster: DevCluster, tcp: bool) -> None:
    with DnsServer() as dead:
        address = dead.address
    with Kubedns(f"--nameservers={address}", api=cluster.url) as kubedns:
        kubedns.wait_listening()
        response = kubedns.ask("www.example.com.", tcp=tcp)
        assert response.rcode() == dns.rcode.SERVFAIL
        (option,) = response.options
        assert isinstance(option, dns.edns.EDEOption) and option.code == 22


def test_it_is_not_its_own_upstream(cluster: DevCluster) -> None:
    with DnsServer() as dead:
        own = f"{HOST}:{dead.port}"
    # The flags of the harness come first, so the last --dns-port wins.
    with Kubedns(f"--dns-port={dead.port}", f"--nameservers={own}", api=cluster.url) as kubedns:
        kubedns.wait_listening()
        kubedns.dns_port = dead.port
        assert kubedns.ask("www.example.com.", timeout_s=2.0).rcode() == dns.rcode.SERVFAIL
        assert "not its own upstream" in kubedns.log


def test_the_configuration_directory_is_followed(cluster: DevCluster, tmp_path: Path) -> None:
    with (
        DnsServer("www.example.com. 60 IN A 192.0.2.1") as first,
        DnsServer("www.example.com. 60 IN A 192.0.2.2") as second,
        DnsServer("www.acme.local. 60 IN A 192.0.2.3") as stub,
    ):
        upstreams = tmp_path / "upstreamNameservers"
        upstreams.write_text(f'["{first.address}"]')
        (tmp_path / "stubDomains").write_text(f'{{"acme.local": ["{stub.address}"]}}')
        flags = (f"--config-dir={tmp_path}", "--config-period=100ms")
        with Kubedns(*flags, api=cluster.url) as kubedns:
            kubedns.wait_listening()
            assert kubedns.answers("www.example.com.") == ["www.example.com. A 192.0.2.1"]
            assert kubedns.answers("www.acme.local.") == ["www.acme.local. A 192.0.2.3"]
            upstreams.write_text("not json")
            eventually(lambda: "the last good one stays" in kubedns.log)
            assert kubedns.answers("www.example.com.") == ["www.example.com. A 192.0.2.1"]
            upstreams.write_text(f'["{second.address}"]')
            eventually(
                lambda: kubedns.answers("www.example.com.") == ["www.example.com. A 192.0.2.2"]
            )
