"""A response is no larger than its asker takes; TC says that records are missing."""

from __future__ import annotations

import dns.message
import pytest

from tests.dnsmasq_front.messages import addresses
from tests.dnsmasq_front.pure import PureFront

CASES = [
    (None, 512, 28),
    (100, 512, 28),  # RFC 6891 6.2.3: less than 512 counts as 512
    (512, 512, 28),
    (800, 800, 45),
    (1232, 1232, 70),
    (4096, 1232, 70),
]


@pytest.mark.parametrize("cached", [False, True])
@pytest.mark.parametrize(("edns", "limit", "at_least"), CASES)
def test_hundred_addresses(edns: int | None, limit: int, at_least: int, cached: bool) -> None:
    front = PureFront("--server=8.8.8.8")
    clients = [front.ask("a.test. A", edns=edns)]
    front.answer(addresses("a.test.", 100))
    clients.append(front.ask("a.test. A", edns=edns))
    reply = clients[cached].reply
    assert "TC" in reply.flags
    assert len(reply.wire) <= limit
    assert at_least <= len(reply.data) < 100
    assert reply.message.edns == (-1 if edns is None else 0)


@pytest.mark.parametrize("edns", [None, 1232])
def test_tcp_has_them_all(edns: int | None) -> None:
    front = PureFront("--server=8.8.8.8")
    client = front.ask("a.test. A", edns=edns, stream=True)
    front.answer(addresses("a.test.", 2000))
    assert len(client.reply.data) == 2000
    assert "TC" not in client.reply.flags


@pytest.mark.parametrize("count", range(70, 77))
@pytest.mark.parametrize("edns", [None, 512, 1232])
def test_around_the_limit_every_response_can_be_read(count: int, edns: int | None) -> None:
    front = PureFront("--server=8.8.8.8")
    client = front.ask("a.test. A", edns=edns)
    front.answer(addresses("a.test.", count))
    whole = len(client.reply.data) == count
    assert whole != ("TC" in client.reply.flags)


def test_missing_additional_records_alone_do_not_set_tc() -> None:  # RFC 2181 9
    front = PureFront("--server=8.8.8.8")
    client = front.ask("a.test. SRV")
    front.answer("a.test. 30 IN SRV 0 0 80 b.test.", additional=addresses("b.test.", 60))
    assert "TC" not in client.reply.flags
    assert len(client.reply.answers) == 1
    assert len(client.reply.wire) <= 512


def test_txt_that_does_not_fit_leaves_an_empty_truncated_answer() -> None:
    front = PureFront("--server=8.8.8.8")
    client = front.ask("a.test. TXT")
    front.answer("a.test. 30 IN TXT " + " ".join(f'"{"x" * 250}"' for _ in range(4)))
    assert client.reply.answers == []
    assert "TC" in client.reply.flags


@pytest.mark.parametrize("edns", [None, 512, 1232])
def test_names_of_255_octets(edns: int | None) -> None:
    name = ".".join(["a" * 63, "b" * 63, "c" * 63, "d" * 61]) + "."
    front = PureFront("--server=8.8.8.8")
    client = front.ask(f"{name} CNAME", edns=edns)
    front.answer(f"{name} 30 IN CNAME {'e' + name[1:]}")
    assert len(client.reply.wire) <= (edns or 512)
    assert ("TC" in client.reply.flags) != bool(client.reply.answers)


@pytest.mark.parametrize("cached", [False, True])
@pytest.mark.parametrize(
    ("most", "edns", "limit"), [(4096, 4096, 4096), (4096, 1600, 1600), (600, 1232, 600)]
)
def test_edns_packet_max_bounds_both_sides(most: int, edns: int, limit: int, cached: bool) -> None:
    flags = [f"--edns-packet-max={most}", "--cache-size=1000"]
    front = PureFront("--server=8.8.8.8", *flags)
    clients = [front.ask("a.test. A", edns=edns)]
    assert dns.message.from_wire(b"\0\1" + front.sent[0].query).payload == most
    front.answer(addresses("a.test.", 300))
    clients.append(front.ask("a.test. A", edns=edns))
    reply = clients[cached].reply
    assert limit - 16 < len(reply.wire) <= limit
    assert (reply.message.edns, reply.message.payload) == (0, most)
