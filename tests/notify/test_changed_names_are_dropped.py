"""A NOTIFY drops what is known at and below its name, in every form, and nothing else."""

from __future__ import annotations

import dns.rcode
import pytest

from dnscore.net.address import Address
from tests.dnsmasq_front.messages import soa
from tests.notify.front import NEGATIVE, ZONE, ToldFront

WEB = "web.shop.svc.cluster.local."
DB = "db.shop.svc.cluster.local."


def test_changed_name_is_asked_for_again() -> None:
    front = ToldFront().told()
    front.resolve(f"{WEB} A", f"{WEB} 30 IN A 10.0.0.1")
    assert front.known(f"{WEB} A")
    assert front.notify(WEB) == "NOERROR"
    assert front.resolve(f"{WEB} A", f"{WEB} 30 IN A 10.0.0.2").data == ["10.0.0.2"]


def test_prebuilt_answers_go_with_it_in_every_spelling() -> None:
    front = ToldFront().told()
    front.resolve(f"{WEB} A", f"{WEB} 30 IN A 10.0.0.1")
    spellings = [WEB, WEB.upper(), WEB.title()]
    for name in spellings * 2:
        assert front.known(f"{name} A")
    assert front.ask(f"{WEB} A", edns=1232).answered
    assert len(front.prebuilt) == 4
    front.notify(WEB)
    assert len(front.prebuilt) == 0
    assert front.prebuilt.bytes == 0
    for name in spellings:
        assert front.known(f"{name} A") is None


def test_turning_answers_go_too() -> None:
    front = ToldFront().told()
    front.resolve(f"{DB} A", f"{DB} 30 IN A 10.0.0.1\n{DB} 30 IN A 10.0.0.2")
    for _ in range(3):
        assert front.known(f"{DB} A")
    assert len(front.prebuilt.turning) == 1
    front.notify(DB)
    assert front.known(f"{DB} A") is None


@pytest.mark.parametrize(
    ("question", "answer"),
    [
        (f"_http._tcp.{WEB} SRV", f"_http._tcp.{WEB} 30 IN SRV 10 100 80 {WEB}"),
        (f"pod-0.{WEB} A", f"pod-0.{WEB} 30 IN A 10.0.0.1"),
        (f"{WEB} AAAA", f"{WEB} 30 IN AAAA fd00::1"),
    ],
)
def test_names_below_and_other_types_go_too(question: str, answer: str) -> None:
    front = ToldFront().told()
    front.resolve(question, answer)
    front.notify(WEB)
    assert front.known(question) is None


@pytest.mark.parametrize("rcode", [dns.rcode.NXDOMAIN, dns.rcode.NOERROR])
def test_negative_answers_go_too(rcode: dns.rcode.Rcode) -> None:
    front = ToldFront().told()
    front.resolve(f"pod-0.{DB} A", authority=NEGATIVE, rcode=rcode)
    front.live(20)
    assert front.known(f"pod-0.{DB} A")
    front.notify(DB)
    assert front.known(f"pod-0.{DB} A") is None


def test_other_names_stay() -> None:
    front = ToldFront().told()
    others = [DB, "xweb.shop.svc.cluster.local.", "web.other.svc.cluster.local.", "a.test."]
    for name in others:
        front.resolve(f"{name} A", f"{name} 300 IN A 10.0.0.1")
    front.notify(WEB)
    for name in others:
        assert front.known(f"{name} A")


def test_whole_zone_goes() -> None:
    front = ToldFront().told()
    for name in (WEB, DB, "a.test."):
        front.resolve(f"{name} A", f"{name} 300 IN A 10.0.0.1")
    front.notify(ZONE)
    assert front.known(f"{WEB} A") is None
    assert front.known(f"{DB} A") is None
    assert front.known("a.test. A")


def test_reverse_name_goes() -> None:
    front = ToldFront().told()
    name = "1.0.0.10.in-addr.arpa."
    front.resolve(f"{name} PTR", f"{name} 30 IN PTR {WEB}")
    assert front.known(f"{name} PTR")
    front.notify(name)
    assert front.known(f"{name} PTR") is None


def test_chain_that_passes_through_the_name_goes() -> None:
    front = ToldFront().told()
    alias, answer = "alias.shop.svc.cluster.local.", "{0} 30 IN CNAME {1}\n{1} 30 IN A 10.0.0.1"
    front.resolve(f"{alias} A", answer.format(alias, WEB))
    assert front.known(f"{alias} A")
    front.notify(WEB)
    assert front.known(f"{alias} A") is None


def test_chain_from_elsewhere_into_the_cluster_is_not_relied_on() -> None:
    front = ToldFront().told()
    front.resolve("www.test. A", f"www.test. 300 IN CNAME {WEB}\n{WEB} 300 IN A 10.0.0.1")
    assert front.known("www.test. A")
    front.new_epoch()
    front.advance(1)
    assert front.known("www.test. A") is None


def test_what_was_dropped_is_counted() -> None:
    front = ToldFront().told()
    for name in (WEB, f"pod-0.{WEB}", DB):
        front.resolve(f"{name} A", f"{name} 30 IN A 10.0.0.1")
    front.notify(WEB)
    front.notify(WEB)
    counters = front.notices.counters
    assert (counters.taken, counters.dropped, counters.refused) == (2, 2, 0)


@pytest.mark.parametrize(
    "source",
    [Address("127.0.0.1", 10054), Address("127.0.0.2", 10053), Address("10.0.0.53", 53)],
    ids=str,
)
def test_forged_notify_drops_nothing(source: Address) -> None:
    front = ToldFront().told()
    front.resolve(f"{WEB} A", f"{WEB} 30 IN A 10.0.0.1")
    assert front.notify(WEB, source=source) == "REFUSED"
    assert front.notify(ZONE, source=source) == "REFUSED"
    assert front.sign_of_life(serial=99, source=source) == "REFUSED"
    assert front.known(f"{WEB} A")
    assert front.notices.counters.refused == 3


def test_notify_over_a_stream_says_nothing_about_its_sender() -> None:
    front = ToldFront().told()
    front.resolve(f"{WEB} A", f"{WEB} 30 IN A 10.0.0.1")
    assert front.notify(WEB, stream=True) == "REFUSED"
    assert front.known(f"{WEB} A")


def test_server_of_another_domain_has_no_say() -> None:
    front = ToldFront("--server=/corp.test/10.9.9.9").told()
    front.resolve("a.corp.test. A", "a.corp.test. 300 IN A 10.0.0.1")
    assert front.notify("a.corp.test.") == "REFUSED"
    assert front.known("a.corp.test. A")


def test_negative_answer_hides_no_new_name_for_long_when_nobody_tells() -> None:
    front = ToldFront()
    front.resolve(f"{WEB} A", authority=soa(ZONE, ttl=60, minimum=60), rcode=dns.rcode.NXDOMAIN)
    front.advance(0.5)
    front.new_epoch()
    assert front.known(f"{WEB} A") is None
