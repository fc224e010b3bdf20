"""An answer that is octet for octet the latest one to its question is not read again.

Clients get what they would get if it were, and only where it would be believed.
"""

from __future__ import annotations

import dns.flags
import dns.rcode
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dnscore.net.address import Address
from dnscore.wire.scan import PLAIN_MAX
from dnsmasq_front.routes import Routes
from tests.dnsmasq_front.pure import PureFront

NEAR = "--server=127.0.0.1#10053"
LONG_WAY = "--filter-rr=MX"
"""With a type to take out every answer is looked at."""
ONE, OTHER, LATER = (
    f"a.test. {rest}" for rest in ("30 IN A 10.0.0.1", "30 IN A 10.0.0.2", "29 IN A 10.0.0.1")
)
ANSWERS = st.sampled_from(
    [
        (records, {"flags": flags, "rcode": rcode})
        for records in (ONE, OTHER, LATER, f"{ONE}\n{OTHER}", "")
        for flags in (dns.flags.RA, dns.flags.RA | dns.flags.AA, dns.flags.Flag(0))
        for rcode in (dns.rcode.NOERROR, dns.rcode.NXDOMAIN, dns.rcode.SERVFAIL)
    ]
)


@given(st.lists(ANSWERS, max_size=6), st.sampled_from([None, 1232]))
def test_replies_are_those_of_answers_read_anew(
    answers: list[tuple[str, dict[str, int]]], edns: int | None
) -> None:
    fronts = [PureFront(NEAR, "--cache-size=0", *more) for more in ((), (LONG_WAY,))]
    for id_, (records, options) in enumerate(answers):
        clients = [front.ask("A.test. A", id_=id_, edns=edns) for front in fronts]
        wire = fronts[0].sent[-1].reply(records, **options)
        for front in fronts:
            front.deliver(front.sent[-1], wire)
        assert clients[0].reply.wire == clients[1].reply.wire
        assert clients[0].reply.wire[:2] == clients[0].wire[:2]


@pytest.mark.parametrize("wire", [b"", b"\x12", b"\x12\x34", b"\x12\x34\x81\x80"])
def test_nothing_behind_the_id_is_no_answer(wire: bytes) -> None:
    front = PureFront(NEAR, "--cache-size=0")
    client = front.ask("a.test. A")
    front.deliver(front.sent[0], wire)
    assert not client.answered
    front.answer(ONE)
    assert client.reply.data == ["10.0.0.1"]


def test_known_answer_in_our_spelling_is_no_proof_towards_servers_off_the_machine() -> None:
    front = PureFront(NEAR, "--cache-size=0", random_bytes=lambda size: b"\xff" * size)
    front.resolve("a.test. A", ONE)
    known = front.sent[0].reply(ONE)
    front.forwarder.use_routes(Routes.of((), [Address("8.8.8.8", 53)]), now=front.now)
    client = front.ask("a.test. A")
    front.deliver(front.sent[-1], known)
    assert not client.answered
    assert front.sent[-1].stream


def test_several_clients_of_a_known_answer_get_their_own_spelling() -> None:
    front = PureFront(NEAR, "--cache-size=0")
    for _ in range(2):
        clients = [front.ask(f"{name}. A") for name in ("a.test", "A.TEST")]
        front.answer(ONE)
        for client in clients:
            assert client.reply.wire[12:20] == client.wire[12:20]
            assert client.reply.data == ["10.0.0.1"]


def test_known_answer_lives_as_long_as_it_says() -> None:
    front = PureFront(NEAR, "--cache-size=10")
    for _ in range(2):
        front.resolve("a.test. A", ONE)
        front.advance(29)
        kept = front.cached("a.test. A")
        assert kept is not None
        assert kept.ttls == [1]
        front.advance(2)
        front.new_epoch()


def test_who_joins_after_the_first_client_was_told_gets_its_own_spelling_and_options() -> None:
    name, record = "a.cluster.local. A", "a.cluster.local. 30 IN A 10.0.0.1"
    front = PureFront("--server=/cluster.local/127.0.0.1#10053", "--cache-size=100")
    front.resolve(name, record)
    front.advance(0.5)
    front.new_epoch()
    assert not front.ask(name).answered
    front.advance(3.2)  # The first client has got the answer that was kept.
    front.new_epoch()
    client = front.ask(name.upper(), edns=1232, flags=0)
    assert len(front.sent) == 3
    front.answer(record)
    assert client.reply.wire[12:29] == client.wire[12:29]
    assert client.reply.message.edns == 0
    assert client.reply.flags == {"QR", "RA"}


@pytest.mark.parametrize(("strings", "is_remembered"), [(2, True), (6, False)])
def test_only_a_short_answer_is_remembered(strings: int, is_remembered: bool) -> None:
    front = PureFront(NEAR, "--cache-size=0")
    client = front.ask("a.test. TXT")
    pending = front.sent[0].attempt.pending
    assert pending is not None
    front.answer("a.test. 30 IN TXT " + " ".join(['"' + "x" * 100 + '"'] * strings))
    assert client.answered
    assert (pending.asked.last_answer is not None) is is_remembered
    assert len(pending.asked.last_answer or b"") <= PLAIN_MAX
