"""`--dns-loop-detect`: a server that sends our questions back to us is dropped, and only it."""

from __future__ import annotations

import dns.message
import pytest

from dnscore.net.address import Address
from dnsmasq_front.probes import LoopDetector
from dnsmasq_front.routes import Routes, parse_server
from tests.dnsmasq_front.process import FrontProcess
from tests.dnsmasq_front.pure import PureFront, Sent
from tests.dnsmasq_front.test_process_serving import server_flag
from tests.fakes.dns_server import DnsServer
from tests.ports import HOST, free_port
from tests.waiting import eventually

A, B = (Address(f"10.0.0.{i}", 53) for i in (1, 2))


class Looping:
    """A front that detects loops; `found` are the servers that it dropped."""

    def __init__(self, *servers: Address, domain: str = "") -> None:
        self.found: list[Address] = []
        self.front = PureFront(loops=LoopDetector(b"secret", found=self.found.append))
        self.use(*servers, domain=domain)

    def use(self, *servers: Address, domain: str = "") -> None:
        rules = [parse_server(f"/{domain}/10.0.0.9")] if domain else []
        self.front.forwarder.use_routes(Routes.of(rules, servers), now=self.front.now)

    def send_back(self, probe: Sent) -> bool:
        """A probe comes to us as a client's question; whether it was answered."""
        return self.front.ask_wire(b"\0\0" + probe.query).answered

    def asked(self, question: str) -> Address:
        self.front.ask(question)
        return self.front.sent[-1].server


def name_of(probe: Sent) -> str:
    (question,) = dns.message.from_wire(b"\0\0" + probe.query).question
    return f"{question.name} {question.rdtype.name}"


def test_each_server_for_everything_gets_a_name_of_its_own_once() -> None:
    play = Looping(A, B, domain="stub.test")
    assert [probe.server for probe in play.front.probes] == [A, B]
    names = [name_of(probe) for probe in play.front.probes]
    assert len(set(names)) == 2
    for name in names:
        hexadecimal, rest = name.split(".", 1)
        assert len(hexadecimal) == 8
        int(hexadecimal, 16)
        assert rest == "test. TXT"
    play.front.advance(60.0)
    assert len(play.front.probes) == 2


def test_server_that_sends_it_back_is_dropped_and_the_others_are_asked() -> None:
    play = Looping(A, B)
    assert not play.send_back(play.front.probes[0])
    assert play.found == [A]
    assert {play.asked(f"q{i}.test. A") for i in range(4)} == {B}
    assert play.front.forwarder.outstanding == 4  # Our own question is not among them.


def test_question_that_comes_back_in_another_case_is_known() -> None:
    play = Looping(A, B)
    probe = play.front.probes[1]
    probe.query = probe.query[:10] + probe.query[10:].upper()
    assert not play.send_back(probe)
    assert play.found == [B]


def test_coming_back_again_and_again_is_told_once() -> None:
    play = Looping(A, B)
    for _ in range(5):
        play.send_back(play.front.probes[0])
    assert play.found == [A]


def test_other_names_below_test_are_asked_as_ever() -> None:
    play = Looping(A)
    assert play.asked("deadbeef.test. TXT") == A
    assert play.found == []


def test_nobody_left_is_refused() -> None:
    play = Looping(A)
    play.send_back(play.front.probes[0])
    reply = play.front.ask("a.test. A", edns=1232).reply
    assert (reply.rcode, reply.errors) == ("REFUSED", [14])


def test_new_list_of_servers_is_probed_anew() -> None:
    play = Looping(A)
    play.send_back(play.front.probes[0])
    play.use(A, B)
    assert [probe.server for probe in play.front.probes[1:]] == [A, B]
    assert play.asked("a.test. A") == A


def test_change_of_another_domain_leaves_the_server_dropped() -> None:
    play = Looping(A, B)
    play.send_back(play.front.probes[0])
    play.use(A, B, domain="stub.test")
    assert len(play.front.probes) == 2
    assert play.asked("a.test. A") == B


def test_answers_to_the_probes_change_nothing() -> None:
    play = Looping(A, B)
    for probe in play.front.probes:
        play.front.deliver(probe, probe.reply())
        play.front.forwarder.unreachable(probe.attempt, now=play.front.now)
    assert not any(s.doubt for g in play.front.forwarder.groups.values() for s in g.servers)


def test_probes_are_given_up_in_time() -> None:
    play = Looping(A, B)
    play.front.advance(4.0)
    assert all(probe.cancelled for probe in play.front.probes)


def test_all_who_have_the_secret_know_each_others_names() -> None:
    first, second = (LoopDetector(b"secret", found=lambda server: None) for _ in range(2))
    stranger = LoopDetector(b"other", found=lambda server: None)
    assert first.name_for(A) == second.name_for(A) != first.name_for(B)
    assert stranger.name_for(A) != first.name_for(A)


@pytest.mark.parametrize("workers", [1, 2])
def test_front_that_is_its_own_upstream_by_a_detour(workers: int) -> None:
    """Two fronts that ask each other, and a good server beside them."""
    ports = [free_port(), free_port()]
    with DnsServer("a.test. 60 IN A 10.0.0.1") as good:
        flags = ["--no-resolv", "--dns-loop-detect", server_flag(good)]
        with (
            FrontProcess("--no-resolv", f"--server={HOST}#{ports[0]}", port=ports[1]),
            FrontProcess(
                *flags, f"--server={HOST}#{ports[1]}", f"--workers={workers}", port=ports[0]
            ) as front,
        ):
            eventually(
                lambda: front.logged(
                    f"NOT using nameserver {HOST}#{ports[1]} - query loop detected"
                )
            )
            assert front.addresses("a.test.") == ["10.0.0.1"]
            assert not front.logged(f"NOT using nameserver {HOST}#{good.port}")
