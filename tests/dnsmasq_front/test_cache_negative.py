"""What becomes of answers that say no (RFC 2308 sections 3 and 5)."""

from __future__ import annotations

import pytest

from tests.dnsmasq_front.messages import soa
from tests.dnsmasq_front.pure import PureFront

SERVER = "--server=8.8.8.8"
NXDOMAIN = 3
KINDS = pytest.mark.parametrize("rcode", [0, NXDOMAIN], ids=["nodata", "nxdomain"])


def life(front: PureFront, question: str) -> int:
    """Whole seconds for which a cached answer lives from now on, 100 at most."""
    for seconds in range(100):
        if front.cached(question) is None:
            return seconds
        front.now += 1
    return 100


@KINDS
@pytest.mark.parametrize(("ttl", "minimum"), [(5, 300), (300, 5)])
def test_life_is_the_lesser_of_the_soas_ttl_and_minimum(rcode: int, ttl: int, minimum: int) -> None:
    front = PureFront(SERVER)
    front.resolve("x.test. A", authority=soa("test.", ttl=ttl, minimum=minimum), rcode=rcode)
    assert life(front, "x.test. A") == 5


@KINDS
def test_life_is_thirty_seconds_at_most_whatever_the_zone_asks_for(rcode: int) -> None:
    front = PureFront(SERVER)
    front.resolve("x.test. A", authority=soa("test.", ttl=7200, minimum=7200), rcode=rcode)
    assert life(front, "x.test. A") == 30


def test_cached_negative_answer_keeps_its_soa_with_a_falling_ttl() -> None:
    front = PureFront(SERVER)
    front.resolve("x.test. A", authority=soa("test.", ttl=300, minimum=5), rcode=NXDOMAIN)
    front.now += 3
    reply = front.cached("x.test. A")
    assert reply is not None
    assert reply.rcode == "NXDOMAIN"
    assert [rrset.ttl for rrset in reply.message.authority] == [297]


@KINDS
def test_without_soa_nothing_is_kept(rcode: int) -> None:
    front = PureFront(SERVER)
    front.resolve("x.test. A", rcode=rcode)
    assert front.cached("x.test. A") is None


@KINDS
def test_neg_ttl_is_the_life_without_soa(rcode: int) -> None:
    front = PureFront(SERVER, "--neg-ttl=7")
    front.resolve("x.test. A", rcode=rcode)
    assert life(front, "x.test. A") == 7


def test_neg_ttl_does_not_touch_answers_with_soa() -> None:
    front = PureFront(SERVER, "--neg-ttl=7")
    front.resolve("x.test. A", authority=soa("test.", ttl=20, minimum=20), rcode=NXDOMAIN)
    assert life(front, "x.test. A") == 20


def test_min_cache_ttl_is_the_life_without_soa() -> None:
    front = PureFront(SERVER, "--min-cache-ttl=9")
    front.resolve("x.test. A", rcode=NXDOMAIN)
    assert life(front, "x.test. A") == 9


@KINDS
def test_no_negcache_keeps_none(rcode: int) -> None:
    front = PureFront(SERVER, "--no-negcache", "--min-cache-ttl=9", "--neg-ttl=9")
    front.resolve("x.test. A", authority=soa("test.", ttl=20, minimum=20), rcode=rcode)
    assert front.cached("x.test. A") is None


def test_nodata_of_one_type_says_nothing_of_another() -> None:
    front = PureFront(SERVER)
    front.resolve("x.test. AAAA", authority=soa("test.", ttl=20, minimum=20))
    assert front.cached("x.test. A") is None
    assert front.cached("x.test. AAAA") is not None


@pytest.mark.parametrize("rdtype", ["A", "AAAA", "TXT", "MX", "SRV", "PTR", "HTTPS"])
def test_nxdomain_of_any_type_is_kept(rdtype: str) -> None:
    front = PureFront(SERVER)
    front.resolve(f"x.test. {rdtype}", authority=soa("test.", ttl=20, minimum=20), rcode=NXDOMAIN)
    reply = front.cached(f"x.test. {rdtype}")
    assert reply is not None
    assert reply.rcode == "NXDOMAIN"


def test_cname_to_nodata_lives_no_longer_than_its_links() -> None:
    front = PureFront(SERVER)
    authority = soa("test.", ttl=20, minimum=20)
    front.resolve("x.test. AAAA", "x.test. 4 IN CNAME y.test.", authority=authority)
    assert life(front, "x.test. AAAA") == 4


def test_cname_to_nodata_under_no_negcache_is_asked_again() -> None:
    front = PureFront(SERVER, "--no-negcache")
    authority = soa("test.", ttl=20, minimum=20)
    front.resolve("x.test. AAAA", "x.test. 20 IN CNAME y.test.", authority=authority)
    assert front.cached("x.test. AAAA") is None


def test_a_name_that_comes_into_being_replaces_its_nxdomain() -> None:
    front = PureFront(SERVER)
    front.resolve("x.test. A", authority=soa("test.", ttl=2, minimum=2), rcode=NXDOMAIN)
    front.now += 2
    front.resolve("x.test. A", "x.test. 60 IN A 10.0.0.1")
    reply = front.cached("x.test. A")
    assert reply is not None
    assert reply.data == ["10.0.0.1"]


CLUSTER = "--server=/cluster.local/127.0.0.1#10053"


@pytest.mark.parametrize(
    ("flags", "cap"), [([], 30), (["--max-neg-ttl=3"], 3), (["--max-neg-ttl=90"], 90)]
)
def test_max_neg_ttl_caps_what_the_zone_asks_for(flags: list[str], cap: int) -> None:
    front = PureFront(SERVER, *flags)
    front.resolve("x.test. A", authority=soa("test.", ttl=7200, minimum=7200), rcode=NXDOMAIN)
    assert life(front, "x.test. A") == cap


@pytest.mark.parametrize(("flags", "cap"), [([], 5), (["--max-neg-ttl=3"], 3)])
def test_names_of_the_cluster_are_missing_for_a_few_seconds_at_most(
    flags: list[str], cap: int
) -> None:
    front = PureFront(CLUSTER, *flags)
    authority = soa("cluster.local.", ttl=3600, minimum=3600)
    front.resolve("new.cluster.local. A", authority=authority, rcode=NXDOMAIN)
    for wait, rcode in ((cap - 0.1, "NXDOMAIN"), (0.1, "SERVFAIL")):
        front.now += wait
        client = front.ask("new.cluster.local. A")
        front.unreachable()
        assert client.reply.rcode == rcode


def test_soa_of_an_unrelated_zone_makes_no_negative_answer() -> None:
    front = PureFront(SERVER)
    front.resolve("x.test. A", authority=soa("example.", ttl=300, minimum=300), rcode=NXDOMAIN)
    assert front.cached("x.test. A") is None


CLUSTER = "--server=/cluster.local/127.0.0.1#10053"
ZONE_SOA = soa("cluster.local.", ttl=5, minimum=5)
GONE = "x.test.svc.cluster.local."


def told(*flags: str) -> PureFront:
    """A front whose names of the cluster live as long as their TTL."""
    front = PureFront(CLUSTER, *flags)
    front.forwarder.keeper.are_told = lambda route, name: True
    return front


@pytest.mark.parametrize("edns", [None, 1232])
def test_cluster_name_that_is_not_there_is_not_asked_for_with_another_type(
    edns: int | None,
) -> None:
    front = told()
    front.resolve(f"{GONE} A", authority=ZONE_SOA, rcode=NXDOMAIN)
    for question in (f"{GONE} AAAA", f"{GONE.upper()} SRV", f"{GONE} A"):
        client = front.ask(question, edns=edns)
        assert client.reply.rcode == "NXDOMAIN"
        assert client.reply.message.question[0].to_text() == question.replace(" ", " IN ")
        assert client.reply.message.authority
    assert len(front.sent) == 1
    assert front.cache.records == 1


def test_that_is_so_for_names_of_the_cluster_alone() -> None:
    """Some servers say NXDOMAIN for AAAA of names that have an A record (RFC 4074 4.2)."""
    front = PureFront(SERVER)
    front.resolve("x.test. AAAA", authority=soa("test.", ttl=5, minimum=5), rcode=NXDOMAIN)
    assert front.resolve("x.test. A", "x.test. 30 IN A 10.0.0.1").answers


def test_do_and_cd_are_told_apart() -> None:
    front = told()
    front.resolve(f"{GONE} A", authority=ZONE_SOA, rcode=NXDOMAIN)
    assert not front.ask(f"{GONE} AAAA", edns=1232, do=True).answered


def test_nodata_is_for_its_type() -> None:
    front = told()
    front.resolve(f"{GONE} AAAA", authority=ZONE_SOA)
    assert front.resolve(f"{GONE} A", f"{GONE} 30 IN A 10.0.0.1").answers


def test_name_behind_an_alias_is_not_the_one_asked_for() -> None:
    front = told()
    alias = f"{GONE} 30 IN CNAME y.test.svc.cluster.local."
    front.resolve(f"{GONE} A", alias, authority=ZONE_SOA, rcode=NXDOMAIN)
    assert front.cached(f"{GONE} AAAA") is None


def test_name_that_comes_into_being_is_there_for_all_types() -> None:
    front = told()
    first, second = front.ask(f"{GONE} A"), front.ask(f"{GONE} AAAA")
    front.answer(at=0, authority=ZONE_SOA, rcode=NXDOMAIN)
    front.answer(f"{GONE} 30 IN AAAA fd00::1", at=1)
    assert (first.reply.rcode, second.reply.rcode) == ("NXDOMAIN", "NOERROR")
    front.new_epoch()
    assert not front.ask(f"{GONE} A").answered
    front.answer(f"{GONE} 30 IN A 10.0.0.1")
    for question in (f"{GONE} A", f"{GONE} AAAA"):
        reply = front.cached(question)
        assert reply is not None
        assert reply.answers


def test_name_that_goes_is_gone_though_it_was_known() -> None:
    front = told("--prefetch")
    front.resolve(f"{GONE} A", f"{GONE} 30 IN A 10.0.0.1")
    for _ in range(5):
        assert front.cached(f"{GONE} A")
    front.now += 28
    front.new_epoch()
    assert front.ask(f"{GONE} A").reply.answers
    front.answer(authority=ZONE_SOA, rcode=NXDOMAIN)
    for rdtype in ("A", "AAAA"):
        reply = front.cached(f"{GONE} {rdtype}")
        assert reply is not None
        assert reply.rcode == "NXDOMAIN"


def test_changed_name_is_forgotten_for_all_types() -> None:
    front = told()
    front.resolve(f"{GONE} A", authority=ZONE_SOA, rcode=NXDOMAIN)
    assert front.ask(f"{GONE} AAAA").answered
    front.forwarder.drop(b"\1x\4test\3svc\7cluster\5local\0")
    assert not front.ask(f"{GONE} AAAA").answered
    assert not front.ask(f"{GONE} A").answered


def test_stale_name_error_is_given_for_all_types() -> None:
    front = told("--use-stale-cache")
    front.resolve(f"{GONE} A", authority=ZONE_SOA, rcode=NXDOMAIN)
    front.now += 6
    assert front.ask(f"{GONE} AAAA").reply.rcode == "NXDOMAIN"
    assert len(front.sent) == 2
