"""What is no ordinary query gets the rcode that says so, or nothing."""

from __future__ import annotations

import dns.flags
import pytest

from tests.dnsmasq_front.messages import query_wire
from tests.dnsmasq_front.pure import PureFront

OPCODES = {"iquery": 1, "status": 2, "update": 5, "unassigned": 15}


@pytest.fixture
def front() -> PureFront:
    return PureFront("--server=8.8.8.8")


@pytest.mark.parametrize("opcode", OPCODES.values(), ids=OPCODES.keys())
def test_opcodes_other_than_query(front: PureFront, opcode: int) -> None:
    client = front.ask_wire(query_wire("a.test. A", flags=opcode << 11 | dns.flags.RD))
    (response,) = client.responses
    assert response[:2] == client.wire[:2]
    assert response[3] & 0x0F == 4  # NOTIMP
    assert response[2] & 0x78 == opcode << 3
    assert not front.sent


def test_later_edns_version_is_badvers(front: PureFront) -> None:  # RFC 6891 6.1.3
    reply = front.ask("a.test. A", edns=1232, version=1).reply
    assert reply.rcode == "BADVERS"
    assert reply.message.edns == 0
    assert not front.sent


@pytest.mark.parametrize("rdtype", ["AXFR", "IXFR"])
@pytest.mark.parametrize("stream", [False, True])
def test_zone_transfers_are_refused(front: PureFront, rdtype: str, stream: bool) -> None:
    assert front.ask(f"a.test. {rdtype}", stream=stream).reply.rcode == "REFUSED"


@pytest.mark.parametrize("rdclass", ["HS", "ANY", "CLASS0", "CLASS254"])
def test_other_classes_are_refused(front: PureFront, rdclass: str) -> None:
    assert front.ask(f"a.test. A {rdclass}").reply.rcode == "REFUSED"


def test_two_questions_are_a_format_error(front: PureFront) -> None:
    wire = query_wire("a.test. A")
    two = wire[:4] + b"\0\2" + wire[6:] + wire[12:]
    (response,) = front.ask_wire(two).responses
    assert response[3] & 0x0F == 1
    assert response[4:12] == bytes(8)


@pytest.mark.parametrize("cut", range(12, 24))
def test_query_cut_anywhere_is_a_format_error(front: PureFront, cut: int) -> None:
    (response,) = front.ask_wire(query_wire("a.test. A")[:cut]).responses
    assert response[3] & 0x0F == 1
    assert not front.sent


@pytest.mark.parametrize("wire", [b"", b"\0" * 11, query_wire("a.test. A", flags=dns.flags.QR)])
def test_responses_and_fragments_of_a_header_get_silence(front: PureFront, wire: bytes) -> None:
    assert not front.ask_wire(wire).answered


def test_compressed_question_is_a_format_error(front: PureFront) -> None:
    wire = query_wire("a.test. A")[:12] + b"\xc0\x0c\0\1\0\1"
    (response,) = front.ask_wire(wire).responses
    assert response[3] & 0x0F == 1


@pytest.mark.parametrize("stream", [False, True])
def test_any_gets_one_small_record(front: PureFront, stream: bool) -> None:  # RFC 8482 4.2
    reply = front.ask("a.test. ANY", stream=stream).reply
    assert reply.answers == ['a.test. 3600 IN HINFO "RFC8482" ""']
    assert not front.sent


def test_any_of_a_name_of_the_cluster_is_asked_of_its_server() -> None:
    front = PureFront("--server=/cluster.local/127.0.0.1#10053")
    front.resolve("a.cluster.local. ANY", "a.cluster.local. 30 IN A 10.0.0.1")
    assert front.cached("a.cluster.local. ANY") is not None


def test_odd_octets_in_labels_pass(front: PureFront) -> None:
    client = front.ask("a\\000b\\.c\\255.test. A")
    front.answer("a\\000b\\.c\\255.test. 30 IN A 10.0.0.1")
    assert client.reply.data == ["10.0.0.1"]
