"""Flags, ID, question and OPT of a response are the asker's, from wherever its records come."""

from __future__ import annotations

import dns.flags
import pytest

from tests.dnsmasq_front.messages import Reply
from tests.dnsmasq_front.pure import PureFront

FLAGS = dns.flags
RECORD = "a.test. 60 IN A 10.0.0.1"
UPSTREAM = FLAGS.RA | FLAGS.AD | FLAGS.AA


def replies(flags: int, *, edns: int | None = None, upstream: int = UPSTREAM) -> list[Reply]:
    """The first answer, a cached one, a prebuilt one, and one over TCP."""
    front = PureFront("--server=8.8.8.8")
    first = front.ask("A.test. A", flags=flags, edns=edns, id_=1)
    front.answer(RECORD, flags=upstream)
    cached = front.ask("A.test. A", flags=flags, edns=edns, id_=2)
    prebuilt = front.ask("A.test. A", flags=flags, edns=edns, id_=3)
    stream = front.ask("A.test. A", flags=flags, edns=edns, id_=4, stream=True)
    assert len(front.sent) == 1
    return [client.reply for client in (first, cached, prebuilt, stream)]


@pytest.mark.parametrize("edns", [None, 1232])
@pytest.mark.parametrize("flags", [0, FLAGS.RD, FLAGS.CD, FLAGS.RD | FLAGS.CD, FLAGS.RD | FLAGS.AD])
def test_rd_and_cd_come_back_ra_is_set_ad_never(flags: int, edns: int | None) -> None:
    for reply in replies(flags, edns=edns):
        seen = reply.message.flags
        assert seen & (FLAGS.RD | FLAGS.CD) == flags & (FLAGS.RD | FLAGS.CD)
        assert seen & FLAGS.RA
        assert not seen & FLAGS.AD


def test_ra_is_set_even_if_the_server_does_not_recurse() -> None:
    assert all("RA" in reply.flags for reply in replies(FLAGS.RD, upstream=0))


def test_aa_only_straight_from_the_server() -> None:
    assert ["AA" in reply.flags for reply in replies(FLAGS.RD)] == [True, False, False, False]


def test_id_and_spelling() -> None:
    for number, reply in enumerate(replies(FLAGS.RD), 1):
        assert reply.message.id == number
        assert reply.answers == ["A.test. 60 IN A 10.0.0.1"]


@pytest.mark.parametrize("do", [False, True])
def test_opt_comes_back_with_do_and_our_size(do: bool) -> None:
    front = PureFront("--server=8.8.8.8")
    client = front.ask("a.test. A", edns=4096, do=do)
    front.answer(RECORD, edns=True)
    for reply in (client.reply, front.ask("a.test. A", edns=4096, do=do).reply):
        assert (reply.message.edns, reply.message.payload) == (0, 1232)
        assert bool(reply.message.ednsflags & FLAGS.DO) == do


def test_opt_of_the_server_does_not_reach_a_client_without_opt() -> None:
    front = PureFront("--server=8.8.8.8")
    client = front.ask("a.test. A")
    front.answer(RECORD, edns=True)
    assert client.reply.message.edns == -1


def test_opt_is_kept_on_failures() -> None:
    front = PureFront("--server=8.8.8.8")
    client = front.ask("a.test. A", edns=1232)
    front.unreachable()
    assert client.reply.message.edns == 0
