"""Headless services (specification 2.4.1, 2.4.2): one record per ready endpoint."""

from __future__ import annotations

from tests.kubedns_zone.served import ServedZone

DB = "db.default.svc.cluster.local."


def test_every_endpoint_of_every_slice_is_an_address(zone: ServedZone) -> None:
    zone.service("db", headless=True)
    zone.slice("db-1", "db", "10.1.0.1 10.1.0.2")
    zone.slice("db-2", "db", "10.1.0.3 10.1.0.2")
    zone.slice("db-3", "db", "fd00::1")
    assert sorted(zone.addresses(f"{DB} A")) == ["10.1.0.1", "10.1.0.2", "10.1.0.3"]
    assert zone.addresses(f"{DB} AAAA") == ["fd00::1"]


def test_without_ready_endpoints_it_is_nxdomain(zone: ServedZone) -> None:  # specification 2.4.1
    zone.service("db", headless=True, ports="pg/tcp:5432")
    assert zone.ask(f"{DB} A").is_nxdomain
    zone.slice("db-1", "db", "10.1.0.1", ports="pg/tcp:5432")
    assert zone.ask(f"{DB} A").answers
    zone.slice("db-1", "db", "", ports="pg/tcp:5432")
    assert zone.ask(f"{DB} A").is_nxdomain
    assert zone.ask(f"_tcp.{DB} A").is_nxdomain


def test_only_the_other_family_is_nodata(zone: ServedZone) -> None:
    zone.service("db", headless=True)
    zone.slice("db-1", "db", "10.1.0.1")
    assert zone.ask(f"{DB} AAAA").is_nodata


def test_slices_may_come_before_their_service(zone: ServedZone) -> None:
    assert zone.slice("db-1", "db", "10.1.0.1") == set()
    assert zone.ask(f"{DB} A").is_nxdomain
    assert zone.service("db", headless=True) == {
        DB, "default.svc.cluster.local.", "1.0.1.10.in-addr.arpa."
    }  # fmt: skip
    assert zone.addresses(f"{DB} A") == ["10.1.0.1"]


def test_slices_outlive_their_service(zone: ServedZone) -> None:
    zone.service("db", headless=True)
    zone.slice("db-1", "db", "10.1.0.1")
    zone.no_service("db")
    assert zone.ask(f"{DB} A").is_nxdomain
    zone.service("db", headless=True)
    assert zone.addresses(f"{DB} A") == ["10.1.0.1"]


def test_a_slice_may_move_to_another_service(zone: ServedZone) -> None:
    zone.service("db", headless=True)
    zone.service("new", headless=True)
    zone.slice("s", "db", "10.1.0.1")
    changed = zone.slice("s", "new", "10.1.0.1")
    assert changed == {DB, "new.default.svc.cluster.local.", "1.0.1.10.in-addr.arpa."}
    assert zone.ask(f"{DB} A").is_nxdomain
    assert zone.addresses("new.default.svc.cluster.local. A") == ["10.1.0.1"]
    assert (
        zone.ask("1.0.1.10.in-addr.arpa. PTR")
        .answers[0]
        .endswith(".new.default.svc.cluster.local.")
    )


def test_deleting_one_of_two_slices_keeps_what_the_other_has(zone: ServedZone) -> None:
    zone.service("db", headless=True)
    zone.slice("a", "db", "10.1.0.1 10.1.0.2")
    zone.slice("b", "db", "10.1.0.2")
    zone.no_slice("a")
    assert zone.addresses(f"{DB} A") == ["10.1.0.2"]
    assert zone.ask("2.0.1.10.in-addr.arpa. PTR").answers
    assert zone.tree.addresses == 1


def test_srv_has_the_endpoints_port_and_one_target_each(zone: ServedZone) -> None:
    zone.service("db", headless=True, ports="pg/tcp:5432")
    zone.slice("db-1", "db", "db-0@10.0.0.1 10.0.0.2", ports="pg/tcp:15432")
    reply = zone.ask(f"_pg._tcp.{DB} SRV", edns=1232)
    assert reply.answers == [
        f"_pg._tcp.{DB} 30 IN SRV 10 50 15432 6661613463623165.{DB}",
        f"_pg._tcp.{DB} 30 IN SRV 10 50 15432 db-0.{DB}",
    ]
    assert reply.additional == [
        f"6661613463623165.{DB} 30 IN A 10.0.0.2",
        f"db-0.{DB} 30 IN A 10.0.0.1",
    ]


def test_slices_with_different_ports_give_different_records(zone: ServedZone) -> None:
    zone.service("db", headless=True)
    zone.slice("a", "db", "a-0@10.0.0.1 a-1@10.0.0.2", ports="http1/tcp:80 http2/tcp:81")
    zone.slice("b", "db", "b-0@10.0.0.3 b-1@10.0.0.4", ports="https/tcp:443")
    assert len(zone.addresses(f"{DB} A")) == 4
    ports = {"http1": 80, "http2": 81, "https": 443}
    for port_name, port in ports.items():
        answers = zone.ask(f"_{port_name}._tcp.{DB} SRV", edns=1232).answers
        assert [line.split()[4:7] for line in answers] == [["10", "50", str(port)]] * 2
    zone.no_slice("b")
    assert zone.ask(f"_https._tcp.{DB} SRV").is_nxdomain


def test_two_addresses_of_one_hostname_are_one_target_with_both(zone: ServedZone) -> None:
    zone.service("db", headless=True)
    zone.slice("a", "db", "twin@10.0.0.1 twin@10.0.0.2 solo@10.0.0.3", ports="pg/tcp:5432")
    reply = zone.ask(f"_pg._tcp.{DB} SRV", edns=1232)
    # Weights count addresses, as with kube-dns and CoreDNS: 100 // 3.
    assert reply.answers == [
        f"_pg._tcp.{DB} 30 IN SRV 10 33 5432 solo.{DB}",
        f"_pg._tcp.{DB} 30 IN SRV 10 33 5432 twin.{DB}",
    ]
    assert len(reply.additional) == 3
    assert sorted(zone.addresses(f"twin.{DB} A")) == ["10.0.0.1", "10.0.0.2"]


def test_with_more_than_a_hundred_endpoints_no_weight_is_zero(zone: ServedZone) -> None:
    zone.service("db", headless=True)
    zone.slice("a", "db", " ".join(f"10.1.0.{n}" for n in range(150)), ports="pg/tcp:5432")
    answers = zone.ask(f"_pg._tcp.{DB} SRV", stream=True).answers
    assert len(answers) == 150
    assert {line.split()[5] for line in answers} == {"1"}


def test_srv_at_the_bare_name_has_port_0(zone: ServedZone) -> None:
    zone.service("db", headless=True)
    zone.slice("a", "db", "db-0@10.0.0.1")
    assert zone.ask(f"{DB} SRV").answers == [f"{DB} 30 IN SRV 10 100 0 db-0.{DB}"]


def test_a_service_that_turns_headless_and_back(zone: ServedZone) -> None:
    zone.slice("a", "db", "10.1.0.1")
    zone.service("db", ips="10.0.0.1")
    zone.service("db", headless=True)
    assert zone.addresses(f"{DB} A") == ["10.1.0.1"]
    assert zone.ask("1.0.1.10.in-addr.arpa. PTR").answers
    zone.service("db", ips="10.0.0.1")
    assert zone.addresses(f"{DB} A") == ["10.0.0.1"]
    assert zone.tree.owners(bytes((10, 1, 0, 1))) == ()


def test_records_stand_in_the_same_order_whatever_slice_came_first() -> None:
    slices = {"s1": "a@10.1.0.1 b@10.1.0.2", "s2": "c@10.1.0.3", "s3": "d@10.1.0.4"}
    first: list[str] = []
    for order in (["s1", "s2", "s3"], ["s3", "s1", "s2"]):
        served = ServedZone()
        for name in order:
            served.slice(name, "db", slices[name])
        served.service("db", headless=True)
        answers = served.ask(f"{DB} SRV", edns=1232).message.answer[0].to_text().splitlines()
        first = first or answers
        assert answers == first
    assert len(first) == 4
