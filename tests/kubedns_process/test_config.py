"""Which servers are asked for a name, from which source."""

from __future__ import annotations

from pathlib import Path

import pytest

from dnscore.configdir import DirectoryPoller
from dnscore.net.address import Address
from dnscore.resolvconf import ResolvConfFile
from dnscore.wire import names
from kubedns.config import Nameservers
from kubedns.own_address import is_own_address

OWN = Address("10.0.0.99", 53)


class Sources:
    """A resolv.conf and a configuration directory, and what is made of them."""

    def __init__(
        self, tmp_path: Path, *, fixed: tuple[Address, ...] = (), directory: bool = True
    ) -> None:
        self.resolv_conf = tmp_path / "resolv.conf"
        self.directory = tmp_path / "config"
        self.directory.mkdir()
        self.now = 0.0
        self.nameservers = Nameservers(
            fixed=fixed,
            source=DirectoryPoller(str(self.directory), period_s=1.0) if directory else None,
            resolv_conf=ResolvConfFile(str(self.resolv_conf), period_s=1.0),
            is_own=OWN.__eq__,
            host_addresses=lambda host: self.hosts.get(names.to_text(host), ()),
        )
        self.hosts: dict[str, tuple[str, ...]] = {}

    def servers(self, name: str = "www.example.com.") -> list[str]:
        """The servers for a name, after the next poll."""
        self.now += 1.0
        self.nameservers.poll(self.now)
        return [str(server) for server in self.nameservers.servers_for(names.from_text(name))]


def test_resolv_conf_is_the_last_resort(tmp_path: Path) -> None:
    sources = Sources(tmp_path)
    assert sources.servers() == []
    sources.resolv_conf.write_text("nameserver 10.0.0.1\n")
    assert sources.servers() == ["10.0.0.1:53"]


def test_the_flag_goes_before_resolv_conf(tmp_path: Path) -> None:
    sources = Sources(tmp_path, fixed=(Address("10.0.0.2", 5353),), directory=False)
    sources.resolv_conf.write_text("nameserver 10.0.0.1\n")
    assert sources.servers() == ["10.0.0.2:5353"]


def test_with_a_directory_the_flag_does_not_count(tmp_path: Path) -> None:
    sources = Sources(tmp_path, fixed=(Address("10.0.0.2", 5353),))
    sources.resolv_conf.write_text("nameserver 10.0.0.1\n")
    assert sources.servers() == ["10.0.0.1:53"]


def test_upstreams_come_and_go_with_the_directory(tmp_path: Path) -> None:
    sources = Sources(tmp_path)
    sources.resolv_conf.write_text("nameserver 10.0.0.1\n")
    key = sources.directory / "upstreamNameservers"
    key.write_text('["8.8.8.8", "8.8.4.4:5353"]')
    assert sources.servers() == ["8.8.8.8:53", "8.8.4.4:5353"]
    key.unlink()
    assert sources.servers() == ["10.0.0.1:53"]


@pytest.mark.parametrize("bad", ["", "junk", '["not an address"]', "\xff"])
def test_a_bad_update_is_counted_once_and_the_last_good_one_stays(tmp_path: Path, bad: str) -> None:
    sources = Sources(tmp_path)
    key = sources.directory / "upstreamNameservers"
    key.write_text('["8.8.8.8"]')
    assert sources.servers() == ["8.8.8.8:53"]
    key.write_bytes(bad.encode("latin-1"))
    assert sources.servers() == ["8.8.8.8:53"]
    assert sources.servers() == ["8.8.8.8:53"]
    assert sources.nameservers.rejected == 1


def test_a_directory_that_is_missing_at_first_does_no_harm(tmp_path: Path) -> None:
    sources = Sources(tmp_path)
    sources.resolv_conf.write_text("nameserver 10.0.0.1\n")
    sources.directory.rmdir()
    assert sources.servers() == ["10.0.0.1:53"]
    sources.directory.mkdir()
    (sources.directory / "upstreamNameservers").write_text('["8.8.8.8"]')
    assert sources.servers() == ["8.8.8.8:53"]


def test_the_longest_stub_domain_counts_by_whole_labels(tmp_path: Path) -> None:
    sources = Sources(tmp_path)
    sources.resolv_conf.write_text("nameserver 10.0.0.1\n")
    (sources.directory / "stubDomains").write_text(
        '{"acme.local": ["10.1.0.1"], "dev.acme.local": ["10.1.0.2:54"], "none.local": []}'
    )
    assert sources.servers("www.acme.local.") == ["10.1.0.1:53"]
    assert sources.servers("acme.local.") == ["10.1.0.1:53"]
    assert sources.servers("a.b.dev.acme.local.") == ["10.1.0.2:54"]
    assert sources.servers("notacme.local.") == ["10.0.0.1:53"]
    assert sources.servers("www.none.local.") == ["10.0.0.1:53"]
    assert sources.servers(".") == ["10.0.0.1:53"]


def test_a_stub_server_may_have_a_host_name(tmp_path: Path) -> None:
    sources = Sources(tmp_path)
    sources.resolv_conf.write_text("nameserver 10.0.0.1\n")
    (sources.directory / "stubDomains").write_text(
        '{"acme.local": ["dns.infra.svc.cluster.local", "10.1.0.1", "ns.acme.example"]}'
    )
    assert sources.servers("www.acme.local.") == ["10.1.0.1:53"]
    sources.hosts = {"dns.infra.svc.cluster.local.": ("10.96.0.9", "fd00::9", "10.0.0.99")}
    assert sources.servers("www.acme.local.") == ["10.96.0.9:53", "[fd00::9]:53", "10.1.0.1:53"]
    assert [names.to_text(host) for host in sources.nameservers.stub_hosts] == [
        "dns.infra.svc.cluster.local.",
        "ns.acme.example.",
    ]


def test_a_stub_domain_whose_host_is_not_known_is_not_asked_of_others(tmp_path: Path) -> None:
    sources = Sources(tmp_path)
    sources.resolv_conf.write_text("nameserver 10.0.0.1\n")
    (sources.directory / "stubDomains").write_text('{"acme.local": ["ns.acme.example"]}')
    assert sources.servers("www.acme.local.") == []
    assert sources.servers() == ["10.0.0.1:53"]


def test_our_own_address_is_left_out(tmp_path: Path) -> None:
    sources = Sources(tmp_path)
    sources.resolv_conf.write_text("nameserver 10.0.0.99\nnameserver 10.0.0.1\n")
    assert sources.servers() == ["10.0.0.1:53"]


@pytest.mark.parametrize(
    ("own", "server", "expected"),
    [
        (Address("127.0.0.1", 53), Address("127.0.0.1", 53), True),
        (Address("127.0.0.1", 53), Address("127.0.0.1", 5353), False),
        (Address("127.0.0.1", 53), Address("127.0.0.2", 53), False),
        (Address("0.0.0.0", 53), Address("127.0.0.1", 53), True),
        (Address("0.0.0.0", 53), Address("192.0.2.1", 53), False),
        (Address("0.0.0.0", 53), Address("::1", 53), False),
    ],
)
def test_own_addresses(own: Address, server: Address, expected: bool) -> None:
    assert is_own_address(own, server) is expected
