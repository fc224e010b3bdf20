"""Responses fit their clients; what is missing shows as TC (RFC 2181 9, RFC 6891 6.2.5)."""

from __future__ import annotations

import pytest

from tests.kubedns_zone.served import ServedZone, make_query, read_reply

BIG = "big.default.svc.cluster.local."


@pytest.fixture
def big(zone: ServedZone) -> ServedZone:
    zone.service("big", headless=True)
    zone.slice("b", "big", " ".join(f"10.1.0.{n}" for n in range(100)), ports="p/tcp:1")
    zone.slice("c", "big", " ".join(f"fd00::{n:x}" for n in range(1, 101)), ports="p/tcp:1")
    return zone


@pytest.mark.parametrize(
    "question", [f"{BIG} A", f"{BIG} AAAA", f"{BIG} SRV", f"_p._tcp.{BIG} SRV"]
)
@pytest.mark.parametrize(
    ("edns", "limit"), [(None, 512), (512, 512), (600, 600), (1232, 1232), (4096, 1232)]
)
def test_udp_answers_are_cut_to_the_clients_size(
    big: ServedZone, question: str, edns: int | None, limit: int
) -> None:
    name, rdtype = question.split()
    for _ in range(3):  # Built, then prebuilt.
        wire = big.exchange(make_query(name, rdtype, edns=edns))
        reply = read_reply(wire)
        assert len(wire) <= limit
        assert "TC" in reply.flags.split()
        # As many as fit, and at least one.
        assert 0 < len(reply.answers) < 100
        assert limit - len(wire) < 100
        assert reply.additional == []


@pytest.mark.parametrize(("question", "count"), [(f"{BIG} A", 100), (f"{BIG} SRV", 200)])
def test_tcp_answers_are_whole(big: ServedZone, question: str, count: int) -> None:
    big.ask(question)  # A cut UDP answer must not be what TCP gets.
    for _ in range(2):
        reply = big.ask(question, stream=True)
        assert (reply.flags, len(reply.answers)) == ("QR AA RD RA", count)


def test_tcp_answers_have_65535_octets_at_most(zone: ServedZone) -> None:
    zone.service("big", headless=True)
    for n in range(20):
        zone.slice(f"s{n}", "big", " ".join(f"10.{n}.{i >> 8}.{i & 255}" for i in range(300)))
    for _ in range(2):
        wire = zone.exchange(make_query(BIG, "A"), stream=True)
        reply = read_reply(wire)
        assert 65535 - 16 < len(wire) <= 65535
        assert "TC" in reply.flags.split()


def test_additional_records_may_be_missing_without_tc(zone: ServedZone) -> None:
    zone.service("db", headless=True)
    zone.slice("d", "db", " ".join(f"h{n}@10.1.0.{n}" for n in range(8)))
    reply = zone.ask("db.default.svc.cluster.local. SRV")
    assert len(reply.answers) == 8
    assert len(reply.additional) < 8
    assert "TC" not in reply.flags.split()


@pytest.mark.parametrize("stream", [True, False])
def test_an_answer_that_just_fits_has_no_tc(zone: ServedZone, *, stream: bool) -> None:
    zone.service("big", headless=True)
    question = len("big.default.svc.cluster.local") + 2 + 4
    fitting = (512 - 12 - question) // 16
    for count, cut in ((fitting, False), (fitting + 1, not stream)):
        zone.slice("b", "big", " ".join(f"10.1.0.{n}" for n in range(count)))
        for _ in range(2):
            reply = zone.ask(f"{BIG} A", stream=stream)
            assert ("TC" in reply.flags.split()) is cut
            assert len(reply.answers) == count - cut
