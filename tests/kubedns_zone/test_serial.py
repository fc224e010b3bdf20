"""The SOA serial: from the newest resourceVersion, forward only, the same on every replica."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kubedns.inbox import in_pieces
from kubedns.rows import ENDPOINT_SLICES, SERVICES, Batch, Key, Row
from kubedns.serial import Serial
from tests.kubedns_zone.served import ServedZone, service_row


def services(*names: str, ip: str = "10.0.0.1") -> list[tuple[Key, Row | None]]:
    return [(("default", name), service_row(name, ips=ip)) for name in names]


def test_it_is_the_newest_version() -> None:
    zone = ServedZone(synced=False)
    zone.apply(SERVICES, services("a"), synced=True, newest=1200)
    zone.apply(ENDPOINT_SLICES, [], synced=True, newest=1100)
    assert zone.tree.serial == 1200
    zone.apply(SERVICES, services("b"), newest=1300)
    assert zone.tree.serial == 1300
    reply = zone.ask("cluster.local. SOA")
    assert reply.message.answer[0][0].serial == 1300


def test_an_object_that_changes_no_answer_counts() -> None:
    # A replica that starts now sees its version too.
    zone = ServedZone()
    zone.apply(SERVICES, services("a"), newest=1200)
    zone.apply(SERVICES, services("a"), newest=1250)
    assert zone.tree.serial == 1250


def test_a_change_without_a_newer_version_counts_as_one() -> None:
    zone = ServedZone()
    zone.apply(SERVICES, services("a", "b"), newest=1200)
    zone.apply(SERVICES, [(("default", "b"), None)], newest=1200)  # vanished, says a new list
    assert zone.tree.serial == 1201
    zone.apply(SERVICES, services("c"), newest=1100)  # restored from a backup
    assert zone.tree.serial == 1202


def test_pieces_of_a_batch_end_at_its_version() -> None:
    zone = ServedZone()
    zone.apply(SERVICES, services("a"), newest=1200)
    batch = Batch(SERVICES, tuple(services(*map(str, range(30)))), False, newest=1230)
    before = zone.tree.serial
    for piece in in_pieces(batch):
        zone.tree.apply(piece)
        assert zone.tree.serial > before
        before = zone.tree.serial
    assert zone.tree.serial == 1230


@pytest.mark.parametrize(
    ("now", "newest", "then"),
    [
        (0xFFFFFFFE, 0xFFFFFFFF, 0xFFFFFFFF),
        (0xFFFFFFFF, 0x1_0000_0005, 5),
        (5, 0x1_0000_0006, 6),
        (0xFFFFFFFF, 0xFFFFFFFF, 0),
        (3_000_000_000, 0x1_0000_0000 + 3_000_000_000, 3_000_000_001),  # all the way round
        (10, 10 + (1 << 31), 11),  # RFC 1982 3.2: neither is later
        (10, 9 + (1 << 31), 9 + (1 << 31)),
    ],
)
def test_numbers_on_a_circle(now: int, newest: int, then: int) -> None:
    serial = Serial()
    serial.advance(now, now_s=0, changed=True, told=False)
    assert serial.value == now
    serial.advance(newest, now_s=0, changed=True, told=True)
    assert serial.value == then


def test_before_anybody_was_told_it_may_be_anything() -> None:
    serial = Serial()
    serial.advance(0, now_s=1_700_000_000, changed=True, told=False)
    serial.advance(4_000_000_000, now_s=1_700_000_000, changed=True, told=False)
    assert serial.value == 4_000_000_000


def test_versions_that_are_no_numbers_give_the_time() -> None:
    serial = Serial()
    for now_s, changed, expected in (
        (1_700_000_000.5, True, 1_700_000_000), (1_700_000_000.9, True, 1_700_000_001),
        (1_800_000_000, False, 1_700_000_001), (1_600_000_000, True, 1_700_000_002),
    ):  # fmt: skip
        serial.advance(0, now_s=now_s, changed=changed, told=True)
        assert serial.value == expected


@given(
    st.lists(st.tuples(st.integers(0, (1 << 34)), st.booleans(), st.floats(0, 2e9)), max_size=30)
)
def test_once_told_it_never_goes_back_and_moves_with_each_change(steps: list[Any]) -> None:
    serial = Serial()
    for newest, changed, now_s in steps:
        before = serial.value
        serial.advance(newest, now_s=now_s, changed=changed, told=True)
        ahead = (serial.value - before) % (1 << 32)
        assert ahead < 1 << 31
        assert ahead > 0 or not changed


@given(st.randoms(use_true_random=False), st.integers(0, 30))
def test_replicas_that_started_at_different_times_agree(random: Any, joined: int) -> None:
    old = ServedZone()
    rows: dict[Key, tuple[Row | None, int]] = {}
    for version in range(1000, 1030):
        ((key, row),) = services(random.choice("abc"), ip=f"10.0.0.{random.randint(1, 9)}")
        rows[key] = (row, version)
        old.apply(SERVICES, [(key, row)], newest=version)
        if version == 1000 + joined:
            break
    new = ServedZone(synced=False)
    newest = max(version for _, version in rows.values())
    new.apply(SERVICES, [(k, row) for k, (row, _) in rows.items()], synced=True, newest=newest)
    new.apply(ENDPOINT_SLICES, [], synced=True)
    assert new.tree.serial == old.tree.serial
