"""A name of the cluster whose own server is silent is answered until its TTL is over."""

from __future__ import annotations

import pytest

from dnsmasq_front.cache import FALLBACK_S
from dnsmasq_front.servers import TRY_S
from tests.dnsmasq_front.messages import soa
from tests.dnsmasq_front.pure import PureFront

SERVER = "--server=/cluster.local/127.0.0.1#10053"
NAME = "a.cluster.local."


def front_after(seconds: float, *flags: str) -> PureFront:
    """A front that learned of the name so long ago that its server is to be asked again."""
    front = PureFront(SERVER, *flags)
    front.resolve(f"{NAME} A", f"{NAME} 30 IN A 10.0.0.1")
    front.new_epoch()
    front.advance(seconds)
    return front


def test_closed_port_costs_nobody_an_answer() -> None:
    front = front_after(10)
    client = front.ask(f"{NAME} A", edns=1232)
    assert not client.answered
    front.unreachable()
    assert client.reply.answers == [f"{NAME} 20 IN A 10.0.0.1"]
    assert client.reply.errors == [3]


def test_silent_server_costs_one_try() -> None:
    front = front_after(10)
    client = front.ask(f"{NAME} A")
    front.advance(TRY_S + 0.3)
    assert client.reply.data == ["10.0.0.1"]


@pytest.mark.parametrize("rcode", [2, 5], ids=["servfail", "refused"])
def test_server_that_cannot_tell_is_no_answer(rcode: int) -> None:
    front = front_after(10)
    client = front.ask(f"{NAME} A")
    front.answer(rcode=rcode)
    assert client.reply.data == ["10.0.0.1"]


def test_next_clients_do_not_wait_for_the_failure_anew() -> None:
    front = front_after(10)
    front.ask(f"{NAME} A")
    front.unreachable()
    front.new_epoch()
    assert front.ask(f"{NAME} A", edns=1232).reply.errors == [3]
    front.now += FALLBACK_S
    front.new_epoch()
    assert not front.ask(f"{NAME} A").answered, "the server is tried again"


def test_server_that_is_back_is_believed_at_once() -> None:
    front = front_after(10)
    front.ask(f"{NAME} A")
    front.unreachable()
    front.now += FALLBACK_S
    front.new_epoch()
    client = front.ask(f"{NAME} A", edns=1232)
    front.answer(f"{NAME} 30 IN A 10.0.0.2")
    assert (client.reply.data, client.reply.errors) == (["10.0.0.2"], [])
    front.new_epoch()
    assert front.ask(f"{NAME} A", edns=1232).reply.errors == []


def test_name_that_is_gone_is_gone() -> None:
    front = front_after(10)
    client = front.ask(f"{NAME} A")
    front.answer(authority=soa("cluster.local.", ttl=30, minimum=30), rcode=3)
    assert client.reply.rcode == "NXDOMAIN"


def test_after_its_ttl_the_failure_is_told() -> None:
    front = front_after(30)
    client = front.ask(f"{NAME} A")
    front.unreachable()
    assert client.reply.rcode == "SERVFAIL"


def test_full_group_is_no_failure_for_what_is_known() -> None:
    front = front_after(10, "--dns-forward-max=1")
    front.ask("other.cluster.local. A")
    assert front.ask(f"{NAME} A").reply.data == ["10.0.0.1"]
    assert front.ask("unknown.cluster.local. A").reply.rcode == "SERVFAIL"


def test_flush_leaves_nothing_to_fall_back_on() -> None:
    front = front_after(10)
    front.cache.flush()
    client = front.ask(f"{NAME} A")
    front.unreachable()
    assert client.reply.rcode == "SERVFAIL"
