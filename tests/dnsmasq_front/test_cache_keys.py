"""Which questions share an answer, and which answers are never kept."""

from __future__ import annotations

import dns.flags
import pytest

from tests.dnsmasq_front.messages import soa
from tests.dnsmasq_front.pure import PureFront

SERVER = "--server=8.8.8.8"
RECORD = "a.test. 60 IN A 10.0.0.1"


def test_letter_case_does_not_matter_and_the_askers_spelling_comes_back() -> None:
    front = PureFront(SERVER)
    front.resolve("a.test. A", RECORD)
    reply = front.cached("A.TesT. A")
    assert reply is not None
    assert reply.answers == ["A.TesT. 60 IN A 10.0.0.1"]


@pytest.mark.parametrize("do", [False, True])
@pytest.mark.parametrize("cd", [False, True])
def test_do_and_cd_are_questions_of_their_own(do: bool, cd: bool) -> None:
    front = PureFront(SERVER)
    flags = dns.flags.RD | (dns.flags.CD if cd else 0)
    client = front.ask("a.test. A", edns=1232, do=do, flags=flags)
    front.answer(RECORD)
    assert client.answered
    for other_do in (False, True):
        for other_cd in (False, True):
            other = dns.flags.RD | (dns.flags.CD if other_cd else 0)
            found = front.cached("a.test. A", edns=1232, do=other_do, flags=other)
            assert (found is not None) == ((other_do, other_cd) == (do, cd))


def test_opt_size_and_ad_do_not_make_another_question() -> None:
    front = PureFront(SERVER)
    front.resolve("a.test. A", RECORD)
    assert front.cached("a.test. A", edns=4096) is not None
    assert front.cached("a.test. A", flags=dns.flags.RD | dns.flags.AD) is not None
    assert front.cached("a.test. A", flags=0) is not None


def test_types_are_apart() -> None:
    front = PureFront(SERVER)
    front.resolve("a.test. A", RECORD)
    assert front.cached("a.test. AAAA") is None
    assert front.cached("a.test. TXT") is None


@pytest.mark.parametrize(
    ("rdtype", "data"),
    [
        ("AAAA", "fd00::1"),
        ("TXT", '"words"'),
        ("MX", "10 mail.test."),
        ("SRV", "0 0 80 b.test."),
        ("PTR", "b.test."),
        ("CNAME", "b.test."),
        ("NS", "ns.test."),
        ("CAA", '0 issue "ca.test"'),
        ("HTTPS", '1 . alpn="h2"'),
    ],
)
def test_every_type_is_kept(rdtype: str, data: str) -> None:
    front = PureFront(SERVER)
    front.resolve(f"a.test. {rdtype}", f"a.test. 60 IN {rdtype} {data}")
    reply = front.cached(f"a.test. {rdtype}")
    assert reply is not None
    assert reply.data == [data]


def test_additional_records_of_srv_are_kept_with_it() -> None:
    front = PureFront(SERVER)
    additional = "b.test. 60 IN A 10.0.0.1"
    front.resolve("a.test. SRV", "a.test. 60 IN SRV 0 0 80 b.test.", additional=additional)
    reply = front.cached("a.test. SRV")
    assert reply is not None
    assert len(reply.message.additional) == 1


def test_cname_chain_is_kept_whole() -> None:
    front = PureFront(SERVER)
    chain = [f"a{i}.test. 60 IN CNAME a{i + 1}.test." for i in range(12)]
    front.resolve("a0.test. A", "\n".join([*chain, "a12.test. 60 IN A 10.0.0.1"]))
    reply = front.cached("a0.test. A")
    assert reply is not None
    assert len(reply.answers) == 13


@pytest.mark.parametrize("rcode", [1, 2, 4, 5, 9])
def test_failures_are_never_kept(rcode: int) -> None:
    front = PureFront(SERVER, "--min-cache-ttl=60", "--neg-ttl=60")
    reply = front.resolve("a.test. A", authority=soa("test.", ttl=60, minimum=60), rcode=rcode)
    assert int(reply.message.rcode()) == rcode
    assert front.cached("a.test. A") is None


def test_truncated_answer_is_never_kept() -> None:
    front = PureFront(SERVER)
    client = front.ask("a.test. A")
    front.answer(RECORD, flags=dns.flags.TC)
    front.answer(RECORD, flags=dns.flags.TC)  # over TCP as well, which makes no sense
    assert client.reply.flags >= {"TC"}
    assert front.cached("a.test. A") is None


def test_rcode_that_needs_opt_is_a_failure_and_not_an_empty_answer() -> None:  # RFC 6891 6.1.3
    front = PureFront(SERVER, "--min-cache-ttl=60")
    client = front.ask("a.test. A", edns=1232)
    front.answer(rcode=16, edns=True)
    assert client.reply.rcode == "SERVFAIL"
    assert front.cached("a.test. A", edns=1232) is None


def test_octets_behind_the_last_record_do_not_spoil_the_answer_of_an_edns_client() -> None:
    front = PureFront(SERVER)
    client = front.ask("a.test. A", edns=1232)
    front.deliver(front.sent[-1], front.sent[-1].reply(RECORD) + b"\0junk")
    assert client.reply.data == ["10.0.0.1"]
    assert client.reply.message.edns == 0
    reply = front.cached("a.test. A", edns=1232)
    assert reply is not None
    assert reply.data == ["10.0.0.1"]


def test_flush_forgets_answers_and_counts() -> None:
    front = PureFront(SERVER)
    front.resolve("a.test. A", RECORD)
    front.cache.flush()
    assert front.cached("a.test. A") is None
    assert (front.cache.insertions, front.cache.records, front.cache.bytes) == (0, 0, 0)
