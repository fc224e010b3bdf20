"""The running front reads hosts files, servers files and configuration files, and again."""

from __future__ import annotations

import os
import signal
from pathlib import Path

import pytest

from tests.dnsmasq_front.process import FrontProcess, run_to_end
from tests.dnsmasq_front.test_process_serving import server_flag
from tests.fakes.dns_server import DnsServer
from tests.waiting import eventually

ZONE = "a.test. 300 IN A 10.0.0.1\nb.test. 300 IN A 10.0.0.1"


def replace(path: Path, content: str) -> None:
    """Write a file as careful programs do: whole, under another name, and then renamed."""
    fresh = path.with_name(f".{path.name}.new")
    fresh.write_text(content)
    os.rename(fresh, path)


@pytest.mark.parametrize("workers", [1, 2])
def test_hosts_file_is_read_again_on_sighup_and_wins_over_the_cache(
    tmp_path: Path, workers: int
) -> None:
    path = tmp_path / "hosts"
    path.write_text("10.9.9.1 own.test\n")
    flags = [f"--workers={workers}", "--no-resolv", f"--addn-hosts={path}"]
    with DnsServer(ZONE) as server, FrontProcess(*flags, server_flag(server)) as front:
        assert front.addresses("own.test.") == ["10.9.9.1"]
        assert front.addresses("a.test.") == ["10.0.0.1"]
        replace(path, "10.9.9.2 own.test a.test\nnonsense here\n")
        front.signal(signal.SIGHUP)
        eventually(lambda: front.addresses("a.test.") == ["10.9.9.2"])
        eventually(lambda: front.addresses("own.test.") == ["10.9.9.2"])
        eventually(lambda: front.logged("bad address at line 2"))
        said = sum("bad address" in line for line in front.log)
        front.signal(signal.SIGHUP)
        eventually(lambda: sum("cache flushed" in line for line in front.log) >= 2 * workers)
        assert sum("bad address" in line for line in front.log) == max(said, workers)


def test_watched_directory_needs_no_signal(tmp_path: Path) -> None:
    with (
        DnsServer(ZONE) as server,
        FrontProcess("--no-resolv", f"--hostsdir={tmp_path}", server_flag(server)) as front,
    ):
        assert front.addresses("a.test.") == ["10.0.0.1"]
        replace(tmp_path / "one", "10.9.9.1 a.test\n")
        eventually(lambda: front.addresses("a.test.") == ["10.9.9.1"])
        replace(tmp_path / "one", "10.9.9.2 a.test\n")
        eventually(lambda: front.addresses("a.test.") == ["10.9.9.2"])
        (tmp_path / "one").unlink()
        eventually(lambda: front.addresses("a.test.") == ["10.0.0.1"])


def test_servers_file_is_read_again_on_sighup_and_a_bad_one_changes_nothing(
    tmp_path: Path,
) -> None:
    path = tmp_path / "servers"
    with DnsServer(ZONE) as one, DnsServer("a.test. 300 IN A 10.0.0.2") as two:
        path.write_text(f"server={one.host}#{one.port}\n")
        with FrontProcess("--no-resolv", f"--servers-file={path}") as front:
            assert front.addresses("a.test.") == ["10.0.0.1"]
            replace(path, f"server=/a.test/{two.host}#{two.port}\nserver={one.host}#{one.port}\n")
            front.signal(signal.SIGHUP)
            eventually(lambda: front.addresses("a.test.") == ["10.0.0.2"])
            replace(path, "cache-size=5\n")
            front.signal(signal.SIGHUP)
            eventually(lambda: front.logged("cache-size cannot stand in a servers file"))
            assert front.addresses("a.test.") == ["10.0.0.2"]
            assert front.addresses("b.test.") == ["10.0.0.1"]


def test_missing_servers_file_is_told_and_may_come_later(tmp_path: Path) -> None:
    path = tmp_path / "servers"
    with DnsServer(ZONE) as server, FrontProcess("--no-resolv", f"--servers-file={path}") as front:
        assert front.logged("servers file not used")
        assert front.ask("a.test. A").rcode == "REFUSED"
        replace(path, f"server={server.host}#{server.port}\n")
        front.signal(signal.SIGHUP)
        eventually(lambda: front.addresses("a.test.") == ["10.0.0.1"])


def test_configuration_file(tmp_path: Path) -> None:
    path = tmp_path / "front.conf"
    with DnsServer(ZONE) as server:
        path.write_text(
            f"# all of it\nno-resolv\nserver={server.host}#{server.port}\ncache-size=77\n"
            "host-record=own.test,10.9.9.9\nuser=root\n"
        )
        with FrontProcess(f"--conf-file={path}") as front:
            assert front.addresses("a.test.") == ["10.0.0.1"]
            assert front.addresses("own.test.") == ["10.9.9.9"]
            assert front.counter("cachesize") == 77
            assert front.logged("flags=user")


def test_syntax_check(tmp_path: Path) -> None:
    path = tmp_path / "front.conf"
    path.write_text("cache-size=5\n")
    good = run_to_end(["--test", f"--conf-file={path}"])
    assert (good.returncode, good.stdout) == (0, "dnsmasq-front: syntax check OK.\n")
    path.write_text("cache-size=x\n")
    bad = run_to_end(["--test", f"--conf-file={path}"])
    assert bad.returncode == 2
    assert "front.conf' line 1: --cache-size" in bad.stderr
    missing = run_to_end(["--test", f"--conf-file={tmp_path}/nosuch"])
    assert missing.returncode == 1
    assert "No such file" in missing.stderr


def test_unknown_interface_ends_the_start_with_its_name() -> None:
    done = run_to_end(["--interface=nosuch0", "--conf-file="])
    assert done.returncode == 1
    assert "--interface nosuch0" in done.stderr


def test_loopback_by_its_interface() -> None:
    with FrontProcess("--no-resolv", "--interface=lo", "--host-record=h.test,10.0.0.1") as front:
        assert front.addresses("h.test.") == ["10.0.0.1"]
