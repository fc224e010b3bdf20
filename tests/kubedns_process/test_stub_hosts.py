"""Stub servers that are given by host name have the addresses of this moment."""

from __future__ import annotations

from collections.abc import Callable

from dnscore.wire import names
from dnscore.wire.build import Record
from dnscore.wire.const import AAAA, CNAME, A
from kubedns.relay import Resolved
from kubedns.stub_hosts import ADDRESSES_MAX, REFRESH_S, RETRY_S, StubHosts
from tests.kubedns_zone.served import ServedZone

INSIDE = names.from_text("dns.infra.svc.cluster.local.")
OUTSIDE = names.from_text("ns.acme.example.")


class Asked:
    """Other servers, which answer when they are told to."""

    def __init__(self) -> None:
        self.zone = ServedZone()
        self.open: dict[int, Callable[[Resolved | None], None]] = {}
        self.count = 0
        self.hosts = StubHosts(self.zone.tree, self.resolve)

    def resolve(self, name: bytes, qtype: int, done: Callable[[Resolved | None], None]) -> None:
        assert name == OUTSIDE
        self.count += 1
        self.open[qtype] = done

    def says(self, qtype: int, *rdata: bytes) -> None:
        alias = Record(OUTSIDE, CNAME, 5, INSIDE)
        self.open.pop(qtype)(Resolved(0, [alias, *(Record(INSIDE, qtype, 5, r) for r in rdata)]))


def test_a_name_in_the_zone_follows_its_service() -> None:
    asked = Asked()
    assert asked.hosts.addresses(INSIDE) == ()
    asked.zone.service("dns", ns="infra", ips="10.96.0.9 fd00::9")
    assert asked.hosts.addresses(INSIDE) == ("10.96.0.9", "fd00::9")
    asked.zone.service("dns", ns="infra", ips="10.96.0.10")
    assert asked.hosts.addresses(INSIDE) == ("10.96.0.10",)
    asked.hosts.poll(0.0, [INSIDE])
    assert asked.count == 0, "nobody else is asked"


def test_another_name_is_asked_for_both_kinds_of_address() -> None:
    asked = Asked()
    asked.hosts.poll(0.0, [OUTSIDE])
    asked.says(AAAA, b"\xfd" + bytes(14) + b"\x09")
    asked.says(A, bytes((192, 0, 2, 1)), b"odd")
    assert asked.hosts.addresses(OUTSIDE) == ("192.0.2.1", "fd00::9")


def test_it_is_asked_again_and_a_failure_keeps_the_last_answer() -> None:
    asked = Asked()
    asked.hosts.poll(0.0, [OUTSIDE])
    asked.says(A, bytes((192, 0, 2, 1)))
    asked.hosts.poll(RETRY_S + 0.1, [OUTSIDE])
    asked.hosts.poll(REFRESH_S, [OUTSIDE])
    assert asked.count == 4, "once more soon, as there was no address when it was asked"
    asked.open[A](None)
    assert asked.hosts.addresses(OUTSIDE) == ("192.0.2.1",)
    asked.hosts.poll(RETRY_S + REFRESH_S + 0.2, [OUTSIDE])
    assert asked.count == 6
    asked.says(A, bytes((192, 0, 2, 2)))
    assert asked.hosts.addresses(OUTSIDE) == ("192.0.2.2",)


def test_a_name_that_is_not_wanted_any_more_is_forgotten() -> None:
    asked = Asked()
    asked.hosts.poll(0.0, [OUTSIDE])
    late = asked.open[A]
    asked.hosts.poll(1.0, [])
    late(Resolved(0, [Record(OUTSIDE, A, 5, bytes(4))]))
    assert asked.hosts.addresses(OUTSIDE) == ()


def test_many_addresses_are_cut() -> None:
    asked = Asked()
    asked.hosts.poll(0.0, [OUTSIDE])
    asked.says(A, *(bytes((10, 0, 0, n)) for n in range(100)))
    assert len(asked.hosts.addresses(OUTSIDE)) == ADDRESSES_MAX
