"""`--log-queries` says in dnsmasq's words what is asked, forwarded and answered."""

from __future__ import annotations

import pytest

from tests.dnsmasq_front.messages import addresses, soa
from tests.dnsmasq_front.pure import PureFront

FLAGS = ("--server=8.8.8.8", "--server=/corp.test/10.0.0.1#5353", "--local=/d.test/")
NXDOMAIN = 3


@pytest.fixture
def front() -> PureFront:
    return PureFront(*FLAGS, "--log-queries")


def test_a_query_that_is_forwarded_and_answered(front: PureFront) -> None:
    front.resolve("a.test. A", "a.test. 30 IN A 10.0.0.1")
    assert front.lines == [
        "query[A] a.test from 10.9.8.7",
        "forwarded a.test to 8.8.8.8",
        "reply a.test is 10.0.0.1",
    ]


def test_the_port_is_shown_when_it_is_not_the_usual_one(front: PureFront) -> None:
    front.ask("a.corp.test. A")
    assert front.lines[-1] == "forwarded a.corp.test to 10.0.0.1#5353"


@pytest.mark.parametrize("stream", [False, True])
def test_a_query_that_is_answered_from_the_cache_every_time(front: PureFront, stream: bool) -> None:
    front.resolve("a.test. A", addresses("a.test.", 2))
    front.lines.clear()
    for _ in range(3):
        front.ask("a.test. A", stream=stream)
    assert sorted(front.lines) == sorted(
        [
            "query[A] a.test from 10.9.8.7",
            "cached a.test is 10.0.0.0",
            "cached a.test is 10.0.0.1",
        ]
        * 3
    )


@pytest.mark.parametrize(
    ("question", "answers", "rcode", "said"),
    [
        ("a.test. AAAA", "a.test. 30 IN AAAA fd00::1", 0, ["a.test is fd00::1"]),
        (
            "a.test. A",
            "a.test. 30 IN CNAME b.test.\nb.test. 30 IN A 10.0.0.1",
            0,
            ["a.test is <CNAME>", "b.test is 10.0.0.1"],
        ),
        (
            "a.test. AAAA",
            "a.test. 30 IN CNAME b.test.",
            0,
            ["a.test is <CNAME>", "a.test is NODATA-IPv6"],
        ),
        ("a.test. A", "", 0, ["a.test is NODATA-IPv4"]),
        ("a.test. AAAA", "", 0, ["a.test is NODATA-IPv6"]),
        ("a.test. TXT", "", 0, ["a.test is NODATA"]),
        ("a.test. A", "", 3, ["a.test is NXDOMAIN"]),
        ("a.test. A", "", 2, ["error is SERVFAIL"]),
        ("a.test. A", "", 5, ["error is REFUSED"]),
        ("a.test. SRV", "a.test. 30 IN SRV 0 0 80 b.test.", 0, ["a.test is <SRV>"]),
        ("a.test. TYPE999", r"a.test. 30 IN TYPE999 \# 1 00", 0, ["a.test is <type=999>"]),
        (
            "9.0.0.10.in-addr.arpa. PTR",
            "9.0.0.10.in-addr.arpa. 30 IN PTR host.test.",
            0,
            ["10.0.0.9 is host.test"],
        ),
        (
            "1." + "0." * 29 + "d.f.ip6.arpa. PTR",
            "1." + "0." * 29 + "d.f.ip6.arpa. 30 IN PTR host.test.",
            0,
            ["fd00::1 is host.test"],
        ),
        (
            "x.in-addr.arpa. PTR",
            "x.in-addr.arpa. 30 IN PTR h.test.",
            0,
            ["x.in-addr.arpa is h.test"],
        ),
    ],
)
def test_what_a_reply_says(
    front: PureFront, question: str, answers: str, rcode: int, said: list[str]
) -> None:
    front.ask(question)
    front.answer(answers, rcode=rcode)
    assert [line for line in front.lines if line.startswith("reply")] == [
        f"reply {text}" for text in said
    ]


def test_what_is_known_here_is_config(front: PureFront) -> None:
    front.ask("x.d.test. A")
    assert front.lines == ["query[A] x.d.test from 10.9.8.7", "config x.d.test is NXDOMAIN"]


def test_stale_answers_say_so() -> None:
    front = PureFront(*FLAGS, "--log-queries", "--use-stale-cache")
    front.resolve("x.test. A", authority=soa("test.", ttl=5, minimum=5), rcode=NXDOMAIN)
    front.advance(6)
    front.lines.clear()
    front.ask("x.test. A")
    assert sorted(front.lines) == [
        "cached-stale x.test is NXDOMAIN",
        "forwarded x.test to 8.8.8.8",
        "query[A] x.test from 10.9.8.7",
    ]


def test_truncated_reply(front: PureFront) -> None:
    front.ask("a.test. TXT")
    front.answer("a.test. 30 IN TXT " + " ".join(f'"{"x" * 250}"' for _ in range(4)))
    assert front.lines[-1] == "reply is truncated"


def test_extra_puts_the_number_of_the_query_and_its_client_in_front() -> None:
    front = PureFront(*FLAGS, "--log-queries=extra")
    front.ask("a.test. A")
    front.ask("b.test. A")
    front.answer("b.test. 30 IN A 10.0.0.2")
    front.answer("a.test. 30 IN A 10.0.0.1", at=0)
    assert front.lines == [
        "1 10.9.8.7/40000 query[A] a.test from 10.9.8.7",
        "1 10.9.8.7/40000 forwarded a.test to 8.8.8.8",
        "2 10.9.8.7/40000 query[A] b.test from 10.9.8.7",
        "2 10.9.8.7/40000 forwarded b.test to 8.8.8.8",
        "2 10.9.8.7/40000 reply b.test is 10.0.0.2",
        "1 10.9.8.7/40000 reply a.test is 10.0.0.1",
    ]


def test_odd_octets_of_a_name_cannot_break_a_line(front: PureFront) -> None:
    front.ask("a\\010\\032b.test. A")
    assert front.lines[0] == "query[A] a\\010\\032b.test from 10.9.8.7"


def test_the_root(front: PureFront) -> None:
    front.ask(". NS")
    assert front.lines[0] == "query[NS] . from 10.9.8.7"


def test_without_the_flag_there_is_no_line() -> None:
    front = PureFront(*FLAGS)
    front.resolve("a.test. A", "a.test. 30 IN A 10.0.0.1")
    assert front.lines == []
