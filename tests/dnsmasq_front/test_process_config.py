"""Changed configuration takes effect while the process runs, and the cache stays."""

from __future__ import annotations

import json
import os
from pathlib import Path

from dnscore.net.address import Address
from dnscore.wire import names
from dnsmasq_front.cli import parse_options
from dnsmasq_front.named_servers import NamedServers
from dnsmasq_front.options import FrontOptions
from dnsmasq_front.routes import Routes
from dnsmasq_front.upstreams import Upstreams
from tests.dnsmasq_front.process import FrontProcess
from tests.dnsmasq_front.test_process_serving import server_flag
from tests.fakes.dns_server import DnsServer
from tests.waiting import eventually


def mount(directory: Path, version: str, **keys: str) -> None:
    """Swap a ConfigMap in as the kubelet does: a new directory, and one rename of a symlink."""
    content = directory / f"..{version}"
    content.mkdir(parents=True)
    for key, value in keys.items():
        (content / key).write_text(value)
        if not (directory / key).is_symlink():
            (directory / key).symlink_to(f"..data/{key}")
    (directory / "..tmp").symlink_to(content.name)
    os.replace(directory / "..tmp", directory / "..data")


def test_stub_domain_is_added_and_removed_without_losing_the_cache(tmp_path: Path) -> None:
    mount(tmp_path, "1")
    with (
        DnsServer("a.test. 300 IN A 10.0.0.1") as default,
        DnsServer("x.stub.test. 1 IN A 10.9.9.9") as stub,
    ):
        flags = [f"-configDir={tmp_path}", "-syncInterval=100ms", "--no-resolv"]
        with FrontProcess(*flags, server_flag(default)) as front:
            assert front.addresses("a.test.") == ["10.0.0.1"]
            assert front.addresses("x.stub.test.") == []
            mount(tmp_path, "2", stubDomains=json.dumps({"stub.test": [stub.address]}))
            eventually(lambda: front.addresses("x.stub.test.") == ["10.9.9.9"])
            mount(tmp_path, "3", stubDomains="{}")
            eventually(lambda: front.ask("x.stub.test. A").rcode == "NXDOMAIN")
            assert front.addresses("a.test.") == ["10.0.0.1"]
            assert default.count("a.test.") == 1


def test_rejected_config_map_leaves_the_last_good_one(tmp_path: Path) -> None:
    with DnsServer("x.stub.test. 1 IN A 10.9.9.9") as stub:
        mount(tmp_path, "1", stubDomains=json.dumps({"stub.test": [stub.address]}))
        flags = [f"-configDir={tmp_path}", "-syncInterval=100ms", "--no-resolv"]
        with FrontProcess(*flags) as front:
            assert front.addresses("x.stub.test.") == ["10.9.9.9"]
            mount(tmp_path, "2", stubDomains="{broken")
            eventually(lambda: front.logged("ConfigMap rejected"))
            eventually(
                lambda: stub.count("x.stub.test.") > 1 or not front.addresses("x.stub.test.")
            )
            assert front.addresses("x.stub.test.") == ["10.9.9.9"]


def test_upstream_name_servers_replace_those_of_resolv_conf(tmp_path: Path) -> None:
    with DnsServer("a.test. 1 IN A 10.0.0.1") as upstream:
        config = tmp_path / "config"
        mount(config, "1", upstreamNameservers=json.dumps([upstream.address]))
        resolv = tmp_path / "resolv.conf"
        resolv.write_text("nameserver 127.0.0.99\n")
        with FrontProcess(f"-configDir={config}", f"--resolv-file={resolv}") as front:
            assert front.addresses("a.test.") == ["10.0.0.1"]


def default_hosts(upstreams: Upstreams) -> list[str]:
    default = upstreams.routes().default
    return [server.host for server in default.servers] if default else []


def upstreams_of(*flags: str) -> tuple[Upstreams, list[Routes]]:
    options = parse_options(["-configDir=/nowhere", *flags])
    assert isinstance(options, FrontOptions)
    used: list[Routes] = []
    named = NamedServers(lambda host, on_found: None)
    upstreams = Upstreams(options, named, use=used.append, is_own=lambda host: False)
    return upstreams, used


def test_resolv_conf_is_read_again_when_it_changes(tmp_path: Path) -> None:
    resolv = tmp_path / "resolv.conf"
    resolv.write_text("nameserver 10.0.0.1\n")
    upstreams, used = upstreams_of(f"-r={resolv}")
    upstreams.poll(0.0)
    assert default_hosts(upstreams) == ["10.0.0.1"]
    resolv.write_text("search x\nnameserver 10.0.0.2\nnameserver 10.0.0.3\n")
    upstreams.poll(5.0)
    assert default_hosts(upstreams) == ["10.0.0.2", "10.0.0.3"]
    resolv.write_text("")
    upstreams.poll(10.0)
    assert default_hosts(upstreams) == ["10.0.0.2", "10.0.0.3"]
    assert len(used) == 2


def test_no_poll_reads_resolv_conf_once(tmp_path: Path) -> None:
    resolv = tmp_path / "resolv.conf"
    resolv.write_text("nameserver 10.0.0.1\n")
    upstreams, _ = upstreams_of(f"-r={resolv}", "--no-poll")
    upstreams.poll(0.0)
    resolv.write_text("nameserver 10.0.0.2\n")
    upstreams.poll(5.0)
    assert default_hosts(upstreams) == ["10.0.0.1"]


def test_missing_sources_are_no_reason_not_to_start(tmp_path: Path) -> None:
    upstreams, used = upstreams_of(f"-r={tmp_path}/none", "--server=/d.test/10.0.0.1")
    upstreams.poll(0.0)
    assert len(used) == 1
    assert used[0].default is None


def test_server_that_is_ourselves_is_left_out_from_wherever_it_comes(tmp_path: Path) -> None:
    resolv = tmp_path / "resolv.conf"
    resolv.write_text("nameserver 127.0.0.1\nnameserver 10.0.0.2\n")
    upstreams, used = upstreams_of(
        f"-r={resolv}", "--server=127.0.0.1", "--server=/d.test/127.0.0.1", "--server=10.0.0.3"
    )
    upstreams.poll(0.0)
    assert default_hosts(upstreams) == ["10.0.0.3", "10.0.0.2"]
    route = used[0].find(names.from_text("x.d.test"))
    assert route == used[0].default


def test_kubedns_beside_us_is_not_ourselves() -> None:
    upstreams, used = upstreams_of("--no-resolv", "--server=/d.test/127.0.0.1#10053")
    upstreams.poll(0.0)
    route = used[0].find(names.from_text("d.test"))
    assert route is not None
    assert route.servers == (Address("127.0.0.1", 10053),)


def test_junk_in_resolv_conf_is_told_once_for_each_content(tmp_path: Path) -> None:
    resolv = tmp_path / "resolv.conf"
    resolv.write_text("nameserver 127.0.0.99\n" + "garbage\n" * 20)
    with FrontProcess(f"--resolv-file={resolv}", "-configDir=/nowhere") as front:
        eventually(lambda: front.logged("lines of resolv.conf skipped"))
        assert front.logged("count=20")
        resolv.write_text("nameserver 127.0.0.98\n" + "garbage\n" * 20)
        eventually(lambda: front.logged("servers=127.0.0.98:53"))
        assert sum("resolv.conf skipped" in line for line in front.log) == 1
