"""The name servers of a resolv.conf, whatever else is in it."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dnscore.net.address import Address
from dnscore.resolvconf import ResolvConfFile, parse_resolv_conf


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
