"""`--address` and `--local`: names that are answered here and never asked for."""

from __future__ import annotations

import dns.flags
import pytest

from tests.dnsmasq_front.pure import PureFront


def test_ipv4_literal_answers_a_below_and_at_the_domain() -> None:
    front = PureFront("--address=/d.test/10.0.0.1", "--server=8.8.8.8")
    for name in ("d.test.", "x.d.test."):
        reply = front.ask(f"{name} A").reply
        assert reply.answers == [f"{name} 0 IN A 10.0.0.1"]
        assert "AA" in reply.flags
    assert not front.sent


def test_other_types_of_a_literal_name_are_nodata() -> None:
    front = PureFront("--address=/d.test/10.0.0.1", "--server=8.8.8.8")
    for rdtype in ("AAAA", "TXT", "MX"):
        reply = front.ask(f"d.test. {rdtype}").reply
        assert (reply.rcode, reply.answers) == ("NOERROR", [])


def test_several_literals_of_one_domain_are_all_returned() -> None:
    front = PureFront("--address=/d.test/10.0.0.1", "-A", "/d.test/10.0.0.2", "-A=/d.test/fd00::1")
    assert sorted(front.ask("d.test. A").reply.data) == ["10.0.0.1", "10.0.0.2"]
    assert front.ask("d.test. AAAA").reply.data == ["fd00::1"]


def test_hash_is_the_null_address_of_both_families() -> None:
    front = PureFront("--address=/ads.test/#")
    assert front.ask("x.ads.test. A").reply.data == ["0.0.0.0"]
    assert front.ask("x.ads.test. AAAA").reply.data == ["::"]


@pytest.mark.parametrize("flag", ["--address=/d.test/", "--local=/d.test/", "--server=/d.test/"])
def test_domain_without_an_address_does_not_exist(flag: str) -> None:
    front = PureFront(flag, "--server=8.8.8.8")
    for rdtype in ("A", "AAAA", "TXT"):
        reply = front.ask(f"x.d.test. {rdtype}").reply
        assert reply.rcode == "NXDOMAIN"
        assert "AA" not in reply.flags
        assert not reply.message.authority
    assert not front.sent


def test_literal_beside_a_server_of_the_same_domain_is_answered_and_the_rest_asked() -> None:
    front = PureFront("--address=/d.test/10.0.0.1", "--server=/d.test/10.0.0.53")
    assert front.ask("d.test. A").reply.data == ["10.0.0.1"]
    assert not front.ask("d.test. AAAA").answered
    assert [str(sent.server) for sent in front.sent] == ["10.0.0.53:53"]


def test_literal_for_everything_else() -> None:
    front = PureFront("--address=/#/10.0.0.1", "--server=/corp.test/10.0.0.53")
    assert front.ask("any.name.test. A").reply.data == ["10.0.0.1"]
    assert not front.ask("x.corp.test. A").answered


def test_literal_for_plain_names() -> None:
    front = PureFront("--address=//10.0.0.1", "--server=8.8.8.8")
    assert front.ask("host. A").reply.data == ["10.0.0.1"]
    assert not front.ask("host.test. A").answered


def test_literal_beats_a_wider_server_and_loses_to_a_longer_domain() -> None:
    front = PureFront(
        "--server=/test/10.0.0.53", "--address=/d.test/10.0.0.1", "--server=/s.d.test/10.0.0.54"
    )
    assert front.ask("d.test. A").reply.data == ["10.0.0.1"]
    assert not front.ask("x.s.d.test. A").answered


def test_local_answer_keeps_spelling_and_opt() -> None:
    front = PureFront("--address=/d.test/10.0.0.1")
    reply = front.ask("X.d.TEST. A", edns=1232).reply
    assert reply.answers == ["X.d.TEST. 0 IN A 10.0.0.1"]
    assert reply.message.edns == 0
    assert {"QR", "AA", "RD", "RA"} == reply.flags


def test_local_answer_whatever_rd_is() -> None:
    front = PureFront("--address=/d.test/10.0.0.1")
    reply = front.ask("d.test. A", flags=0).reply
    assert reply.data == ["10.0.0.1"]
    assert not reply.message.flags & dns.flags.RD


def test_without_any_server_a_name_is_refused_with_the_reason() -> None:
    front = PureFront()
    reply = front.ask("x.test. A", edns=1232).reply
    assert (reply.rcode, reply.errors) == ("REFUSED", [14])
