"""`*` at the beginning of a domain: as measured with dnsmasq 2.90, the longest match wins."""

from __future__ import annotations

import pytest

from dnsmasq_front.routes import parse_server
from tests.dnsmasq_front.messages import query_wire
from tests.dnsmasq_front.process import FrontProcess
from tests.dnsmasq_front.real_dnsmasq import RealDnsmasq, ask_at
from tests.dnsmasq_front.test_routing_table import asked, table
from tests.fakes.dns_server import DnsServer

NAMES = ["d.test", "x.d.test", "y.x.d.test", "superd.test", "a.superd.test", "test", "host"]

TABLES = [
    # Flags, and who is asked for each of NAMES: server 1, server 2 or the default (9).
    (["/d.test/1", "/*.d.test/2"], "1229999"),
    (["/*.d.test/2", "/d.test/1"], "1229999"),
    (["/*.d.test/2"], "9229999"),
    (["/*d.test/2"], "2222299"),
    (["/d.test/1", "/*d.test/2"], "1112299"),
    (["/*d.test/1", "/*erd.test/2"], "1112299"),
    (["/test/1", "/*d.test/2"], "2222219"),
    (["//1"], "9999911"),
    (["//1", "/*st/2"], "2222222"),
    # To dnsmasq `/*/` is no longer than the default, and the faster server wins.
    (["/*/2"], "2222222"),
    (["/#/1", "/*.d.test/2"], "?22????"),
    (["/*.d.test/#", "/d.test/1"], "1999999"),
]


def flags_with(flags: list[str], addresses: dict[str, str]) -> list[str]:
    made = []
    for flag in flags:
        head, _, number = flag.rpartition("/")
        made.append(f"{head}/{addresses.get(number, number)}")
    return made


@pytest.mark.parametrize(("flags", "expected"), TABLES, ids=lambda value: str(value))
def test_table(flags: list[str], expected: str) -> None:
    hosts = {number: f"10.0.0.{number}" for number in "129"}
    routes = table(*flags_with(flags, hosts), default=("10.0.0.9",))
    for name, number in zip(NAMES, expected, strict=True):
        if number != "?":
            assert asked(routes, name) == [hosts[number]], name


@pytest.mark.needs_dnsmasq
@pytest.mark.parametrize(("flags", "expected"), TABLES[:9], ids=lambda value: str(value))
def test_dnsmasq_does_the_same(flags: list[str], expected: str) -> None:
    zones = ["\n".join(f"{name}. 1 IN A 10.0.0.{n}" for name in NAMES) for n in "129"]
    with DnsServer(zones[0]) as one, DnsServer(zones[1]) as two, DnsServer(zones[2]) as rest:
        servers = {"1": f"{one.host}#{one.port}", "2": f"{two.host}#{two.port}"}
        every = [f"--server={flag}" for flag in flags_with(flags, servers)]
        every += ["--no-resolv", f"--server={rest.host}#{rest.port}"]
        with FrontProcess(*every) as front, RealDnsmasq(*every) as dnsmasq:
            for port in (front.port, dnsmasq.port):
                found = [ask_at(port, query_wire(f"{name}. A")).data for name in NAMES]
                assert found == [[f"10.0.0.{number}"] for number in expected]


def test_several_domains_in_one_flag_wildcards_among_them() -> None:
    routes = table("/a.test/*.b.test/*c.test/10.0.0.1", default=("10.0.0.9",))
    for name in ("a.test", "x.b.test", "xc.test"):
        assert asked(routes, name) == ["10.0.0.1"]
    assert asked(routes, "b.test") == ["10.0.0.9"]


def test_wildcard_without_a_server_is_local() -> None:
    assert asked(table("/*.lan/", default=("10.0.0.9",)), "x.lan") == []


def test_every_wildcard_is_among_the_routes() -> None:
    routes = table("/*.a.test/10.0.0.1", "/*b.test/10.0.0.2", default=("10.0.0.9",))
    hosts = [route.servers[0].host for route in routes.all]
    assert hosts == ["10.0.0.1", "10.0.0.2", "10.0.0.9"]


@pytest.mark.parametrize("text", ["/a*.test/10.0.0.1", "/a.*.test/10.0.0.1", "/**.test/10.0.0.1"])
def test_star_elsewhere_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"\*"):
        parse_server(text)
