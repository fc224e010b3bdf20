"""A hosts file is read tolerantly: what cannot be used is skipped and reported, the rest counts."""

from __future__ import annotations

import ipaddress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dnscore.wire import names
from dnsmasq_front.hosts import PROBLEMS_MAX, parse_hosts


def lines_of(content: bytes) -> list[str]:
    """`address name name` of every usable line."""
    return [
        " ".join([str(ipaddress.ip_address(line.address)), *map(names.to_text, line.names)])
        for line in parse_hosts(content).lines
    ]


@pytest.mark.parametrize(
    ("content", "lines"),
    [
        (b"10.0.0.1 a", ["10.0.0.1 a."]),  # no newline at the end
        (b"  10.0.0.1\t a.test  b.test\r\n", ["10.0.0.1 a.test. b.test."]),
        (b"10.0.0.1 a.test# b.test\n", ["10.0.0.1 a.test."]),
        (b"# 10.0.0.1 a\n#\n\n \n", []),
        (b"10.0.0.1\n10.0.0.1 # a\n", []),
        (b"fd00::1 a A.Test.\n", ["fd00::1 a. A.Test."]),
        (b"2001:DB8::0:1 a\n", ["2001:db8::1 a."]),
        (
            b"10.0.0.1 under_score -dash *.star $ %x\n",
            ["10.0.0.1 under_score. -dash. *.star. \\$. %x."],
        ),
        (b"10.0.0.1 a\n10.0.0.1 a\n", ["10.0.0.1 a.", "10.0.0.1 a."]),
    ],
)
def test_usable_lines(content: bytes, lines: list[str]) -> None:
    assert lines_of(content) == lines
    assert not parse_hosts(content).problems


@pytest.mark.parametrize(
    "address",
    [
        "010.0.0.1", "10.1.1", "10.0.0.1.2", "10.0.0.256", "1.2.3.4%eth0", "fe80::1%lo",
        "::1::", "10.0.0.1/8", "a.test", "[::1]", "0x0a000001", "\xb9.0.0.1",
    ],
)  # fmt: skip
def test_bad_address_costs_its_line(address: str) -> None:
    content = parse_hosts(f"10.0.0.1 a\n{address} b\n10.0.0.2 c\n".encode("latin-1"))
    assert content.problems == ["bad address at line 2"]
    assert [names.to_text(line.names[0]) for line in content.lines] == ["a.", "c."]


@pytest.mark.parametrize(
    "name", ["a..b", ".", ".a", "a..", "x" * 64, ".".join(["x" * 60] * 5), "\xe4", "a\x01", "\x7f"]
)
def test_bad_name_costs_only_itself(name: str) -> None:
    content = parse_hosts(f"10.0.0.1 a {name} b\n".encode("latin-1"))
    assert content.problems == ["bad name at line 1"]
    assert [names.to_text(name) for name in content.lines[0].names] == ["a.", "b."]


def test_problems_are_counted_and_only_the_first_told() -> None:
    content = parse_hosts(b"junk junk\n" * 1000)
    assert content.skipped == 1000
    assert len(content.problems) == PROBLEMS_MAX


@given(st.binary() | st.text("10. :af#%\n\tx\0", max_size=80).map(str.encode))
def test_any_octets_are_read(content: bytes) -> None:
    found = parse_hosts(content)
    for line in found.lines:
        assert len(line.address) in (4, 16)
        for name in line.names:
            assert names.expand(name, 0) == name
