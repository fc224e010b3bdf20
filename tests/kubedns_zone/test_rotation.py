"""Addresses take turns at the first place (RFC 1794 2), from an answer built once."""

from __future__ import annotations

from collections import Counter

import pytest

from tests.kubedns_zone.served import ServedZone

DB = "db.default.svc.cluster.local."


@pytest.mark.parametrize("count", [2, 3, 10, 40])
@pytest.mark.parametrize("edns", [None, 1232])
@pytest.mark.parametrize("stream", [True, False])
def test_every_address_is_first_equally_often(
    zone: ServedZone, count: int, edns: int | None, *, stream: bool
) -> None:
    zone.service("db", headless=True)
    zone.slice("a", "db", " ".join(f"10.1.0.{n}" for n in range(count)))
    first: Counter[str] = Counter()
    for _ in range(1000):
        addresses = zone.addresses(f"{DB} A", edns=edns, stream=stream)
        assert len(set(addresses)) == len(addresses)
        first[addresses[0]] += 1
    fair = 1000 / count
    assert len(first) == count
    assert all(0.8 * fair <= times <= 1.2 * fair for times in first.values())


def test_ipv6_addresses_and_those_behind_an_alias_turn_too(zone: ServedZone) -> None:
    zone.service("db", headless=True)
    zone.service("x", external=DB)
    zone.slice("a", "db", "fd00::1 fd00::2 fd00::3")
    for name in (DB, "x.default.svc.cluster.local."):
        seen = [zone.ask(f"{name} AAAA").message.answer[-1] for _ in range(6)]
        assert {rrset[0].to_text() for rrset in seen} == {"fd00::1", "fd00::2", "fd00::3"}
        assert all(len(rrset) == 3 and rrset.ttl == 30 for rrset in seen)


def test_addresses_behind_an_alias_with_another_spelling(zone: ServedZone) -> None:
    zone.service("db", headless=True)
    zone.service("x", external="DB.Default.svc.Cluster.LOCAL")
    zone.slice("a", "db", "10.1.0.1 10.1.0.2")
    for _ in range(3):
        reply = zone.ask("x.default.svc.cluster.local. A")
        assert len(reply.message.answer) == 2
        assert len(reply.message.answer[1]) == 2
