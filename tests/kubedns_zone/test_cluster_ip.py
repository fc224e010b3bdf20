"""ClusterIP services (specification 2.3.1, 2.3.2): addresses and SRV records."""

from __future__ import annotations

import pytest

from tests.kubedns_zone.served import ServedZone

WEB = "web.default.svc.cluster.local."


def test_the_name_has_the_cluster_ip(zone: ServedZone) -> None:
    zone.service("web", ips="10.0.0.1")
    reply = zone.ask(f"{WEB} A")
    assert reply.answers == [f"{WEB} 30 IN A 10.0.0.1"]
    assert reply.flags == "QR AA RD RA"
    assert (reply.authority, reply.additional) == ([], [])


def test_dual_stack_has_an_address_of_each_family(zone: ServedZone) -> None:
    zone.service("web", ips="fd00::1 10.0.0.1")
    assert zone.addresses(f"{WEB} A") == ["10.0.0.1"]
    assert zone.addresses(f"{WEB} AAAA") == ["fd00::1"]


def test_the_family_it_has_not_is_nodata(zone: ServedZone) -> None:
    zone.service("web", ips="10.0.0.1")
    assert zone.ask(f"{WEB} AAAA").is_nodata


def test_slices_behind_it_are_not_shown(zone: ServedZone) -> None:
    zone.service("web", ips="10.0.0.1")
    assert zone.slice("web-1", "web", "pod-a@10.1.0.1") == set()
    assert zone.addresses(f"{WEB} A") == ["10.0.0.1"]
    assert zone.ask(f"pod-a.{WEB} A").is_nxdomain


def test_a_named_port_has_an_srv_record_with_the_services_port(zone: ServedZone) -> None:
    zone.service("web", ips="10.0.0.1", ports="http/tcp:80 dns/udp:53 /tcp:9000")
    reply = zone.ask(f"_http._tcp.{WEB} SRV")
    assert reply.answers == [f"_http._tcp.{WEB} 30 IN SRV 10 100 80 {WEB}"]
    assert reply.additional == [f"{WEB} 30 IN A 10.0.0.1"]
    udp = f"_dns._udp.{WEB}"
    assert zone.ask(f"{udp} SRV").answers == [f"{udp} 30 IN SRV 10 100 53 {WEB}"]


@pytest.mark.parametrize("name", ["_http._udp", "_https._tcp", "_._tcp", "http._tcp", "_http.tcp"])
def test_other_port_names_are_nxdomain(zone: ServedZone, name: str) -> None:
    zone.service("web", ips="10.0.0.1", ports="http/tcp:80 /tcp:9000")
    assert zone.ask(f"{name}.{WEB} SRV").is_nxdomain


def test_dual_stack_has_one_srv_record_with_both_addresses(zone: ServedZone) -> None:
    zone.service("web", ips="10.0.0.1 fd00::1", ports="http/tcp:80")
    reply = zone.ask(f"_http._tcp.{WEB} SRV")
    # kube-dns and CoreDNS count addresses for the weight, and so do we.
    assert reply.answers == [f"_http._tcp.{WEB} 30 IN SRV 10 50 80 {WEB}"]
    assert reply.additional == [f"{WEB} 30 IN A 10.0.0.1", f"{WEB} 30 IN AAAA fd00::1"]


def test_srv_at_the_bare_name_leads_to_the_hash_label(zone: ServedZone) -> None:
    zone.service("web", ips="10.0.0.1", ports="http/tcp:80")
    reply = zone.ask(f"{WEB} SRV")
    assert reply.answers == [f"{WEB} 30 IN SRV 10 100 0 3234633364383235.{WEB}"]
    assert reply.additional == [f"3234633364383235.{WEB} 30 IN A 10.0.0.1"]


def test_a_changed_address_and_port_replace_the_old_ones(zone: ServedZone) -> None:
    zone.service("web", ips="10.0.0.1", ports="http1/tcp:80")
    zone.service("web", ips="10.0.0.2", ports="http2/tcp:80")
    assert zone.addresses(f"{WEB} A") == ["10.0.0.2"]
    assert zone.ask(f"_http1._tcp.{WEB} SRV").is_nxdomain
    assert zone.ask(f"_http2._tcp.{WEB} SRV").answers


def test_a_deleted_service_is_nxdomain(zone: ServedZone) -> None:
    zone.service("web", ips="10.0.0.1")
    zone.service("other", ips="10.0.0.2")
    zone.no_service("web")
    assert zone.ask(f"{WEB} A").is_nxdomain
    assert zone.addresses("other.default.svc.cluster.local. A") == ["10.0.0.2"]


def test_a_service_without_ports_and_a_name_that_starts_with_a_digit(zone: ServedZone) -> None:
    zone.service("1web", ips="10.0.0.9")
    assert zone.addresses("1web.default.svc.cluster.local. A") == ["10.0.0.9"]


@pytest.mark.parametrize("name", ["x" * 64, "a.b", "", "sn\N{LATIN SMALL LETTER O WITH STROKE}"])
def test_a_name_that_is_no_label_is_left_out(zone: ServedZone, name: str) -> None:
    assert zone.service(name, ips="10.0.0.1") == set()
    assert len(zone.tree) == 0
