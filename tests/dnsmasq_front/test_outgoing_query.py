"""What goes out to another server: the question, and nothing else a client put in its query."""

from __future__ import annotations

import dns.edns
import dns.flags
import dns.message
import pytest

from tests.dnsmasq_front.pure import PureFront


def outgoing(front: PureFront) -> dns.message.Message:
    return dns.message.from_wire(b"\0\1" + front.sent[-1].query)


def test_question_goes_out_as_it_was_spelt_with_rd_set() -> None:
    front = PureFront("--server=8.8.8.8")
    front.ask("MiXed.test. TXT", flags=0)
    query = outgoing(front)
    assert str(query.question[0]) == "MiXed.test. IN TXT"
    assert query.flags == dns.flags.RD


@pytest.mark.parametrize("do", [False, True])
def test_opt_is_our_own_with_the_clients_do(do: bool) -> None:
    front = PureFront("--server=8.8.8.8")
    query = dns.message.make_query("a.test.", "A")
    cookie = dns.edns.GenericOption(dns.edns.OptionType.COOKIE, b"12345678")
    query.use_edns(0, dns.flags.DO if do else 0, 4096, options=[cookie])
    front.ask_wire(query.to_wire())
    sent = outgoing(front)
    assert (sent.edns, sent.payload, sent.options) == (0, 1232, ())
    assert bool(sent.ednsflags & dns.flags.DO) == do


def test_client_without_opt_asks_without_opt() -> None:
    front = PureFront("--server=8.8.8.8")
    front.ask("a.test. A")
    assert outgoing(front).edns == -1


def test_cd_goes_out_and_ad_does_not() -> None:
    front = PureFront("--server=8.8.8.8")
    front.ask("a.test. A", flags=dns.flags.RD | dns.flags.CD | dns.flags.AD)
    assert outgoing(front).flags == dns.flags.RD | dns.flags.CD
