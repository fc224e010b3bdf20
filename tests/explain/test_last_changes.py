"""How long ago an answer last changed, of the latest changes only."""

from __future__ import annotations

from dnscore.wire import names
from kubedns.last_changes import Age, LastChanges

ZONE = names.from_text("cluster.local")
WEB = names.from_text("web.shop.svc.cluster.local")
DB = names.from_text("db.prod.svc.cluster.local")
BELOW_WEB = names.from_text("_http._tcp.web.shop.svc.cluster.local")


def test_a_change_is_that_of_all_names_below() -> None:
    changes = LastChanges(ZONE)
    changes.note([WEB], 100.0)
    assert changes.age(WEB, 103.0) == Age(3.0, True)
    assert changes.age(BELOW_WEB, 103.0) == Age(3.0, True)
    assert changes.age(DB, 103.0) is None


def test_nothing_is_known_from_before_the_first_lists() -> None:
    changes = LastChanges(ZONE)
    changes.note([ZONE], 100.0)
    assert changes.age(WEB, 110.0) == Age(10.0, False)
    changes.note([WEB], 109.0)
    assert changes.age(WEB, 110.0) == Age(1.0, True)


def test_a_later_change_of_everything_goes_before_an_earlier_one() -> None:
    changes = LastChanges(ZONE)
    changes.note([WEB], 100.0)
    changes.note([ZONE], 105.0)
    assert changes.age(WEB, 110.0) == Age(5.0, False)


def test_what_is_forgotten_changed_before_the_oldest_that_is_known() -> None:
    changes = LastChanges(ZONE, names_max=2)
    for at, text in enumerate(("web", "db", "queue")):
        changes.note([names.from_text(f"{text}.shop.svc.cluster.local")], float(at))
    assert changes.age(WEB, 10.0) == Age(10.0, False)
    assert changes.age(names.from_text("db.shop.svc.cluster.local"), 10.0) == Age(9.0, True)


def test_names_out_of_the_zone_take_no_room() -> None:
    changes = LastChanges(ZONE, names_max=1)
    changes.note([WEB], 1.0)
    changes.note([names.from_text("5.1.244.10.in-addr.arpa"), names.ROOT], 2.0)
    assert changes.age(WEB, 3.0) == Age(2.0, True)
