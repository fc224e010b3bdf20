"""The name servers of a resolv.conf, whatever else is in it."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dnscore.net.address import Address
from dnscore.resolvconf import ResolvConfFile, parse_resolv_conf, read_lines


def _servers(*hosts: str) -> tuple[Address, ...]:
    return tuple(Address(host, 53) for host in hosts)


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (b"", _servers()),
        (b"nameserver 10.0.0.1\n", _servers("10.0.0.1")),
        (b"nameserver\t10.0.0.1   # first\nnameserver ::1", _servers("10.0.0.1", "::1")),
        (b"  nameserver 10.0.0.1\r\n", _servers("10.0.0.1")),
        (b"#nameserver 1.1.1.1\n;nameserver 2.2.2.2\nsearch a b\noptions ndots:5\n", _servers()),
        (b"nameserver\nnameserver x.example\nnameserver 1.2.3\n", _servers()),
        (b"nameserver 10.0.0.1\nnameserver 10.0.0.1\n", _servers("10.0.0.1")),
        (b"\xff\xfe\0nameserver\nnameserver 10.0.0.1\n", _servers("10.0.0.1")),
        (
            b"nameserver 1.1.1.1\nnameserver 2.2.2.2\nnameserver 3.3.3.3\nnameserver 4.4.4.4\n",
            _servers("1.1.1.1", "2.2.2.2", "3.3.3.3", "4.4.4.4"),
        ),
        (b"nameserver fe80::1%eth0\n", _servers("fe80::1%eth0")),
    ],
)
def test_parse(content: bytes, expected: tuple[Address, ...]) -> None:
    assert parse_resolv_conf(content) == expected


@given(st.binary())
def test_no_content_raises(content: bytes) -> None:
    assert isinstance(parse_resolv_conf(content), tuple)


@given(st.lists(st.text()))
def test_no_nameserver_line_raises(words: list[str]) -> None:
    content = "".join(f"nameserver {word}\n" for word in words).encode("utf-8", "replace")
    for server in parse_resolv_conf(content):
        assert server.port == 53


def test_a_change_is_taken_up_once(tmp_path: Path) -> None:
    path = tmp_path / "resolv.conf"
    path.write_text("nameserver 10.0.0.1\n")
    file = ResolvConfFile(str(path), period_s=1.0)
    assert file.poll(0.0) == _servers("10.0.0.1")
    assert file.poll(1.0) is None
    path.write_text("nameserver 10.0.0.2\nnameserver 10.0.0.3\n")
    assert file.poll(1.5) is None  # too early to look
    assert file.poll(2.0) == _servers("10.0.0.2", "10.0.0.3")


def test_an_emptied_or_missing_file_keeps_the_last_good_servers(tmp_path: Path) -> None:
    path = tmp_path / "resolv.conf"
    path.write_text("nameserver 10.0.0.1\n")
    file = ResolvConfFile(str(path), period_s=1.0)
    file.poll(0.0)
    path.write_text("")
    assert file.poll(1.0) is None
    path.unlink()
    assert file.poll(2.0) is None
    assert file.servers == _servers("10.0.0.1")
    path.write_text("nameserver 10.0.0.9\n")
    assert file.poll(3.0) == _servers("10.0.0.9")


def test_a_file_that_is_missing_at_first_has_no_servers(tmp_path: Path) -> None:
    file = ResolvConfFile(str(tmp_path / "absent"))
    assert file.poll(0.0) is None
    assert file.servers == ()


JUNK = [
    b"nameserver\n",
    b"nameserver x.example\n",
    b"nameserver 1.2.3\n",
    b"nameserver=1.2.3.4\n",
    b"name server 1.2.3.4\n",
    b"\xff\xfe\0\n",
    b"{json: yes}\n",
]


@pytest.mark.parametrize("line", JUNK)
def test_line_that_makes_no_sense_is_told_and_the_rest_is_used(line: bytes) -> None:
    servers, junk = read_lines(b"nameserver 10.0.0.1\n" + line + b"nameserver 10.0.0.2\n")
    assert servers == _servers("10.0.0.1", "10.0.0.2")
    assert len(junk) == 1


@pytest.mark.parametrize(
    "line",
    [b"", b"# x", b"; x", b"search a b", b"domain a", b"options ndots:5 weird", b"sortlist x/y"],
)
def test_line_about_other_things_is_no_junk(line: bytes) -> None:
    assert read_lines(line + b"\n")[1] == ()


def test_swapped_symlink_is_seen_even_to_a_file_of_the_same_age_and_size(tmp_path: Path) -> None:
    for version, host in (("1", "10.0.0.1"), ("2", "10.0.0.2")):
        (tmp_path / version).mkdir()
        content = tmp_path / version / "resolv.conf"
        content.write_text(f"nameserver {host}\n")
        os.utime(content, ns=(10**18, 10**18))
    data, path = tmp_path / "..data", tmp_path / "resolv.conf"
    data.symlink_to("1")
    path.symlink_to("..data/resolv.conf")
    file = ResolvConfFile(str(path), period_s=1.0)
    assert file.poll(0.0) == _servers("10.0.0.1")
    (tmp_path / "..tmp").symlink_to("2")
    os.replace(tmp_path / "..tmp", data)
    assert file.poll(1.0) == _servers("10.0.0.2")


@pytest.mark.parametrize("content", [b"", b"search x\n", b"nameserver nonsense\n"])
def test_file_without_servers_keeps_the_last_good_ones(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "resolv.conf"
    path.write_bytes(b"nameserver 10.0.0.1\n")
    file = ResolvConfFile(str(path), period_s=1.0)
    file.poll(0.0)
    path.write_bytes(content)
    assert file.poll(1.0) is None
    path.unlink()
    assert file.poll(2.0) is None
    assert file.servers == _servers("10.0.0.1")
    path.write_bytes(b"nameserver 10.0.0.2\n")
    assert file.poll(3.0) == _servers("10.0.0.2")
