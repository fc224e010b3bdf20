"""The longest suffix of whole labels chooses who is asked (dnsmasq(8), `--server`)."""

from __future__ import annotations

import pytest

from dnscore.net.address import Address
from dnscore.wire import names
from dnsmasq_front.routes import Routes, parse_server


def table(*servers: str, default: tuple[str, ...] = ()) -> Routes:
    """The table of some `--server` values; `default` are those of resolv.conf."""
    return Routes.of(map(parse_server, servers), [Address(host, 53) for host in default])


def asked(routes: Routes, name: str) -> list[str] | None:
    """Hosts that are asked for a name; [] is answered here, None is nobody."""
    route = routes.find(names.from_text(name.lower()))
    return None if route is None else [server.host for server in route.servers]


TABLE = table(
    "/cluster.local/10.0.0.1",
    "/svc.cluster.local/10.0.0.2",
    "/a.svc.cluster.local/b.svc.cluster.local/10.0.0.3",
    "/Mixed.Case.Test/10.0.0.4",
    "/_tcp.under.test/10.0.0.5",
    "/dot.test./10.0.0.6",
    "/.leading.test/10.0.0.7",
    "8.8.8.8",
)


@pytest.mark.parametrize(
    ("name", "host"),
    [
        ("cluster.local", "10.0.0.1"),
        ("x.cluster.local", "10.0.0.1"),
        ("xcluster.local", "8.8.8.8"),  # whole labels
        ("svc.cluster.local", "10.0.0.2"),
        ("deep.below.svc.cluster.local", "10.0.0.2"),
        ("a.svc.cluster.local", "10.0.0.3"),
        ("x.b.svc.cluster.local", "10.0.0.3"),
        ("ba.svc.cluster.local", "10.0.0.2"),
        ("mixed.case.test", "10.0.0.4"),
        ("X.MIXED.case.test", "10.0.0.4"),
        ("_tcp.under.test", "10.0.0.5"),
        ("dot.test", "10.0.0.6"),
        ("x.leading.test", "10.0.0.7"),
        ("leading.test", "10.0.0.7"),
        ("local", "8.8.8.8"),
        (".", "8.8.8.8"),
    ],
)
def test_longest_suffix(name: str, host: str) -> None:
    assert asked(TABLE, name) == [host]


def test_servers_of_one_domain_are_a_group_in_the_order_given_each_once() -> None:
    routes = table("/d.test/10.0.0.1", "/D.TEST./10.0.0.2", "/d.test/10.0.0.1")
    assert asked(routes, "d.test") == ["10.0.0.1", "10.0.0.2"]


def test_domainless_servers_and_those_of_resolv_conf_are_one_group() -> None:
    routes = table("8.8.8.8", "/#/8.8.4.4", default=("10.0.0.2", "8.8.8.8"))
    assert asked(routes, "x.test") == ["8.8.8.8", "8.8.4.4", "10.0.0.2"]


def test_nobody_is_asked_without_a_default_server() -> None:
    assert asked(table("/d.test/10.0.0.1"), "x.test") is None


def test_hash_excepts_a_domain_from_a_wider_one() -> None:
    routes = table("/d.test/10.0.0.1", "/sub.d.test/#", default=("8.8.8.8",))
    assert asked(routes, "x.sub.d.test") == ["8.8.8.8"]
    assert asked(routes, "d.test") == ["10.0.0.1"]


def test_hash_beats_servers_of_the_same_domain() -> None:
    routes = table("/d.test/10.0.0.1", "/d.test/#", default=("8.8.8.8",))
    assert asked(routes, "d.test") == ["8.8.8.8"]


def test_excepted_domain_without_default_servers_is_nobodys_not_nonexistent() -> None:
    routes = table("/d.test/10.0.0.1", "/sub.d.test/#")
    assert asked(routes, "x.sub.d.test") is None


def test_double_slash_is_for_names_of_one_label() -> None:
    routes = table("//10.0.0.9", default=("8.8.8.8",))
    assert asked(routes, "host") == ["10.0.0.9"]
    assert asked(routes, "host.test") == ["8.8.8.8"]
    assert asked(routes, ".") == ["8.8.8.8"]


def test_a_real_domain_beats_the_double_slash() -> None:
    assert asked(table("//10.0.0.9", "/host/10.0.0.1"), "host") == ["10.0.0.1"]


def test_double_slash_without_a_server_keeps_plain_names_here() -> None:
    routes = table("//", default=("8.8.8.8",))
    assert asked(routes, "host") == []
    assert asked(routes, "host.test") == ["8.8.8.8"]


def test_domain_without_a_server_is_local() -> None:
    routes = table("/d.test/e.test/", default=("8.8.8.8",))
    assert asked(routes, "x.d.test") == []
    assert asked(routes, "e.test") == []


def test_local_domain_with_a_server_too_is_asked_there() -> None:
    assert asked(table("/d.test/", "/d.test/10.0.0.1"), "d.test") == ["10.0.0.1"]


def test_hash_alone_changes_nothing() -> None:
    # dnsmasq 2.90 refuses every query then, which nobody can want.
    assert asked(table("#", default=("8.8.8.8",)), "x.test") == ["8.8.8.8"]


def test_every_route_is_listed_once_the_default_last() -> None:
    routes = table("/a.test/10.0.0.1", "//10.0.0.2", "/b.test/#", default=("8.8.8.8",))
    hosts = [route.servers[0].host for route in routes.all]
    assert hosts == ["10.0.0.1", "10.0.0.2", "8.8.8.8"]


@pytest.mark.parametrize(
    ("text", "is_cluster"),
    [
        ("/cluster.local/127.0.0.1#10053", True),
        ("/cluster.local/::1#10053", True),
        ("/corp/10.0.0.1", False),
        ("127.0.0.1#10053", False),
        ("//127.0.0.1", False),
    ],
)
def test_cluster_names_are_those_of_a_server_on_this_machine(text: str, is_cluster: bool) -> None:
    assert [route.is_cluster for route in table(text).all] == [is_cluster]
