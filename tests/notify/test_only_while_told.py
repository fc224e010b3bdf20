"""Answers about the cluster are kept for their whole lives only while their server tells us."""

from __future__ import annotations

import dns.rcode

from dnsmasq_front.notify import TOLD_S
from tests.notify.front import NEGATIVE, ZONE, ToldFront

WEB = "web.shop.svc.cluster.local."
ANSWER = f"{WEB} 30 IN A 10.0.0.1"


def test_without_signs_of_life_an_answer_lives_for_tenths_of_a_second() -> None:
    front = ToldFront()
    front.resolve(f"{WEB} A", ANSWER)
    front.advance(0.5)
    front.new_epoch()
    assert front.known(f"{WEB} A") is None


def test_with_them_it_lives_as_long_as_its_ttl() -> None:
    front = ToldFront().told()
    front.resolve(f"{WEB} A", ANSWER)
    front.live(29)
    front.new_epoch()
    reply = front.known(f"{WEB} A")
    assert reply is not None
    assert reply.answers == [f"{WEB} 1 IN A 10.0.0.1"]
    front.live(2)
    front.new_epoch()
    assert front.known(f"{WEB} A") is None


def test_so_does_a_negative_answer() -> None:
    front = ToldFront().told()
    front.resolve(f"{WEB} A", authority=NEGATIVE, rcode=dns.rcode.NXDOMAIN)
    front.live(28)
    front.new_epoch()
    assert front.known(f"{WEB} A")


def test_server_that_falls_silent_is_asked_again() -> None:
    front = ToldFront().told()
    front.resolve(f"{WEB} A", ANSWER)
    front.advance(TOLD_S + 0.6)
    front.new_epoch()
    assert front.known(f"{WEB} A") is None


def test_server_that_falls_silent_and_does_not_answer_is_believed_until_the_ttl_ends() -> None:
    front = ToldFront().told()
    front.resolve(f"{WEB} A", ANSWER)
    front.advance(10)
    front.new_epoch()
    client = front.ask(f"{WEB} A")
    front.unreachable()
    assert client.reply.data == ["10.0.0.1"]


def test_serial_that_we_were_not_told_of_drops_everything() -> None:
    front = ToldFront().told()
    front.resolve(f"{WEB} A", ANSWER)
    name = "1.0.0.10.in-addr.arpa."
    front.resolve(f"{name} PTR", f"{name} 30 IN PTR {WEB}")
    front.sign_of_life(serial=front.serial + 1)
    assert front.known(f"{WEB} A") is None
    assert front.known(f"{name} PTR") is None
    assert front.notices.counters.missed == 2


def test_serial_that_came_with_a_name_is_no_news() -> None:
    front = ToldFront().told()
    front.resolve(f"{WEB} A", ANSWER)
    front.notify("db.shop.svc.cluster.local.")
    front.sign_of_life()
    assert front.known(f"{WEB} A")


def test_zone_itself_is_asked_for_again_as_its_serial_changes_unnamed() -> None:
    front = ToldFront().told()
    record = f"{ZONE} 3600 IN SOA ns.dns.{ZONE} hostmaster.{ZONE} 1 28800 7200 604800 60"
    front.resolve(f"{ZONE} SOA", record)
    front.live(1)
    front.new_epoch()
    assert front.known(f"{ZONE} SOA") is None


def test_wildcard_hangs_on_names_that_are_not_above_it() -> None:
    front = ToldFront().told()
    question = "web.*.svc.cluster.local."
    front.resolve(f"{question} A", f"{question} 30 IN A 10.0.0.1")
    front.live(1)
    front.new_epoch()
    assert front.known(f"{question} A") is None


def test_all_servers_of_a_domain_must_tell() -> None:
    front = ToldFront("--server=/cluster.local/127.0.0.1#10153").told()
    front.resolve(f"{WEB} A", ANSWER)
    front.live(1)
    front.new_epoch()
    assert front.known(f"{WEB} A") is None
