"""ExternalName services (specification 2.5): a CNAME, and what is behind it."""

from __future__ import annotations

import pytest

from dnscore.wire import names
from dnscore.wire.build import Record
from dnscore.wire.const import AAAA, A
from tests.kubedns_zone.served import ServedZone

SUFFIX = "default.svc.cluster.local."


def test_the_cname_itself(zone: ServedZone) -> None:
    zone.service("out", external="Foo.example.com")
    reply = zone.ask(f"out.{SUFFIX} CNAME")
    assert reply.answers == [f"out.{SUFFIX} 30 IN CNAME Foo.example.com."]


def test_an_outside_target_is_looked_up(zone: ServedZone) -> None:
    zone.service("out", external="foo.example.com")
    target = names.from_text("foo.example.com")
    record = Record(target, A, 60, bytes((192, 0, 2, 1)))
    zone.upstream.records["foo.example.com.", A] = [record]
    reply = zone.ask(f"out.{SUFFIX} A")
    assert reply.answers == [
        "foo.example.com. 60 IN A 192.0.2.1",
        f"out.{SUFFIX} 30 IN CNAME foo.example.com.",
    ]
    zone.upstream.records["foo.example.com.", A] = [record._replace(rdata=bytes((192, 0, 2, 2)))]
    assert "foo.example.com. 60 IN A 192.0.2.2" in zone.ask(f"out.{SUFFIX} A").answers


def test_a_target_without_the_type_still_shows_the_cname(zone: ServedZone) -> None:
    zone.service("out", external="foo.example.com")
    reply = zone.ask(f"out.{SUFFIX} AAAA")
    assert (reply.rcode, reply.answers) == (
        "NOERROR", [f"out.{SUFFIX} 30 IN CNAME foo.example.com."]
    )  # fmt: skip


def test_a_target_nobody_can_look_up_is_servfail_with_the_cname(zone: ServedZone) -> None:
    zone.service("out", external="foo.example.com")
    zone.upstream.records["foo.example.com.", AAAA] = None
    reply = zone.ask(f"out.{SUFFIX} AAAA")
    assert (reply.rcode, reply.answers) == (
        "SERVFAIL", [f"out.{SUFFIX} 30 IN CNAME foo.example.com."]
    )  # fmt: skip


def test_a_target_that_does_not_exist_is_nxdomain_with_the_cname(zone: ServedZone) -> None:
    zone.service("out", external="gone.example.com")
    zone.upstream.absent.add("gone.example.com.")
    for rdtype in ("A", "TXT"):
        reply = zone.ask(f"out.{SUFFIX} {rdtype}")  # RFC 6604 3
        assert (reply.rcode, reply.answers) == (
            "NXDOMAIN", [f"out.{SUFFIX} 30 IN CNAME gone.example.com."]
        )  # fmt: skip


def test_the_zones_name_server_may_be_a_target(zone: ServedZone) -> None:
    zone.service("in", external="ns.dns.cluster.local")
    assert zone.ask(f"in.{SUFFIX} A").answers == [f"in.{SUFFIX} 30 IN CNAME ns.dns.cluster.local."]
    assert f"in.{SUFFIX}" in zone.service("kube-dns", ns="kube-system", ips="10.0.0.10")
    assert "ns.dns.cluster.local. 30 IN A 10.0.0.10" in zone.ask(f"in.{SUFFIX} A").answers


def test_foreign_records_that_cannot_be_written_cost_one_answer(zone: ServedZone) -> None:
    zone.service("out", external="foo.example.com")
    broken = Record(names.from_text("foo.example.com"), 5, 60, b"\x3fno name")
    zone.upstream.records["foo.example.com.", A] = [broken]
    assert zone.ask(f"out.{SUFFIX} A").rcode == "SERVFAIL"
    assert len(zone.failures) == zone.handler.counters.failures == 1


def test_a_target_in_the_zone_is_followed(zone: ServedZone) -> None:
    zone.service("in", external=f"web.{SUFFIX}")
    zone.service("web", ips="10.0.0.1")
    assert zone.ask(f"in.{SUFFIX} A").answers == [
        f"in.{SUFFIX} 30 IN CNAME web.{SUFFIX}",
        f"web.{SUFFIX} 30 IN A 10.0.0.1",
    ]
    nodata = zone.ask(f"in.{SUFFIX} AAAA")
    assert nodata.rcode == "NOERROR"
    assert nodata.answers == [f"in.{SUFFIX} 30 IN CNAME web.{SUFFIX}"]
    assert nodata.authority == ["cluster.local. 60 IN SOA"]


def test_a_missing_target_in_the_zone_is_nxdomain_with_the_cname(zone: ServedZone) -> None:
    zone.service("in", external=f"web.{SUFFIX}")
    reply = zone.ask(f"in.{SUFFIX} A")  # RFC 6604 3: the rcode is that of the last name.
    assert reply.rcode == "NXDOMAIN"
    assert reply.answers == [f"in.{SUFFIX} 30 IN CNAME web.{SUFFIX}"]
    assert {f"web.{SUFFIX}", f"in.{SUFFIX}"} <= zone.service("web", ips="10.0.0.1")
    assert zone.ask(f"in.{SUFFIX} A").rcode == "NOERROR"


@pytest.mark.parametrize("length", [1, 2, 5])
def test_loops_end(zone: ServedZone, length: int) -> None:
    for n in range(length):
        zone.service(f"x{n}", external=f"x{(n + 1) % length}.{SUFFIX}")
    reply = zone.ask(f"x0.{SUFFIX} A")
    assert reply.rcode == "NOERROR"
    assert len(reply.answers) == length
    assert reply.authority == ["cluster.local. 60 IN SOA"]


def test_a_chain_is_followed_for_eight_aliases(zone: ServedZone) -> None:
    zone.service("end", ips="10.0.0.1")
    zone.service("x1", external=f"end.{SUFFIX}")
    for n in range(2, 10):
        zone.service(f"x{n}", external=f"x{n - 1}.{SUFFIX}")
    assert len(zone.ask(f"x7.{SUFFIX} A").answers) == 8
    assert zone.ask(f"x7.{SUFFIX} A").message.answer[-1].to_text().endswith("10.0.0.1")
    too_long = zone.ask(f"x9.{SUFFIX} A", edns=1232)
    assert (too_long.rcode, len(too_long.answers)) == ("NOERROR", 8)


def test_a_change_at_the_end_names_every_alias(zone: ServedZone) -> None:
    zone.service("b", external=f"h.web.{SUFFIX}")
    zone.service("a", external=f"b.{SUFFIX}")
    zone.service("web", headless=True)
    changed = zone.slice("s", "web", "h@10.0.0.1")
    assert {f"a.{SUFFIX}", f"b.{SUFFIX}", f"web.{SUFFIX}"} <= changed
    assert zone.ask(f"a.{SUFFIX} A").message.answer[-1].to_text().endswith("10.0.0.1")
    zone.slice("s", "web", "h@10.0.0.2")
    assert zone.ask(f"a.{SUFFIX} A").message.answer[-1].to_text().endswith("10.0.0.2")
    zone.service("b", external="example.com")
    assert f"b.{SUFFIX}" not in zone.slice("s", "web", "h@10.0.0.3")


def test_srv_is_kube_dnss_record_with_port_0(zone: ServedZone) -> None:
    zone.service("out", external="foo.example.com")
    zone.service("in", external=f"web.{SUFFIX}")
    zone.service("web", ips="10.0.0.1")
    assert zone.ask(f"out.{SUFFIX} SRV").answers == [
        f"out.{SUFFIX} 30 IN SRV 10 100 0 foo.example.com."
    ]
    inside = zone.ask(f"in.{SUFFIX} SRV")
    assert inside.answers == [f"in.{SUFFIX} 30 IN SRV 10 100 0 web.{SUFFIX}"]
    assert inside.additional == [f"web.{SUFFIX} 30 IN A 10.0.0.1"]


def test_nothing_is_below_it(zone: ServedZone) -> None:
    zone.service("out", external="foo.example.com", ports="http/tcp:80")
    assert zone.ask(f"x.out.{SUFFIX} A").is_nxdomain
    assert zone.ask(f"_http._tcp.out.{SUFFIX} SRV").is_nxdomain


def test_a_target_like_an_ip_address_is_a_name(zone: ServedZone) -> None:
    zone.service("out", external="192.0.2.1")
    assert zone.ask(f"out.{SUFFIX} A").answers == [f"out.{SUFFIX} 30 IN CNAME 192.0.2.1."]


@pytest.mark.parametrize("target", [".", "a..b", "x" * 64 + ".example", "\N{SNOWMAN}.example"])
def test_a_target_that_is_no_name_gives_no_record(zone: ServedZone, target: str) -> None:
    zone.service("out", external=target)
    assert zone.ask(f"out.{SUFFIX} A").is_nodata


def test_turning_into_a_cluster_ip_and_back(zone: ServedZone) -> None:
    zone.service("x", external="foo.example.com")
    zone.service("x", ips="10.0.0.1")
    assert zone.addresses(f"x.{SUFFIX} A") == ["10.0.0.1"]
    assert zone.ask(f"x.{SUFFIX} CNAME").is_nodata
    zone.service("x", external="foo.example.com")
    assert zone.ask(f"x.{SUFFIX} CNAME").answers
    assert zone.tree.addresses == 0
