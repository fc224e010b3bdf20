"""Asking many questions: windows, losses, truncation, and what counts as a wrong answer."""

from __future__ import annotations

import socket

import pytest

from bench.scale import ask
from bench.scale.ask import Answer, Asker, Found, question, wrong
from tests.fakes.dns_server import DnsServer, Rcode, Silence, Truncated

A1, A2 = socket.inet_aton("10.0.0.1"), socket.inet_aton("10.0.0.2")
ZONE = "\n".join(
    [
        *(f"host{n}.test. 5 IN A 10.0.1.{n}" for n in range(100)),
        "two.test. 5 IN A 10.0.0.1",
        "two.test. 5 IN A 10.0.0.2",
    ]
)


def test_every_question_of_many_windows_is_answered() -> None:
    questions = [question(f"host{n}.test") for n in range(100)]
    with DnsServer(ZONE) as server, Asker(server.port, host=server.host) as asker:
        found = asker.ask_all(questions)
    assert found.lost == 0
    assert [found.answers[asked].data for asked in questions] == [
        (bytes((10, 0, 1, n)),) for n in range(100)
    ]


def test_what_is_lost_is_counted_and_asked_again(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ask, "TIMEOUT_S", 0.2)
    with DnsServer(ZONE) as server, Asker(server.port, host=server.host) as asker:
        server.on("host1.test.", Silence(), times=1)
        found = asker.ask_all([question("host1.test"), question("host2.test")])
    assert (found.lost, len(found.answers)) == (1, 2)


def test_what_never_comes_is_missing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ask, "TIMEOUT_S", 0.05)
    with DnsServer(ZONE) as server, Asker(server.port, host=server.host) as asker:
        server.on("host1.test.", Silence())
        found = asker.ask_all([question("host1.test")])
        assert asker.ask(question("host1.test"), timeout_s=0.05) is None
    assert (found.lost, found.answers) == (ask.TRIES, {})


def test_a_truncated_answer_is_fetched_over_tcp() -> None:
    with DnsServer(ZONE) as server, Asker(server.port, host=server.host) as asker:
        server.on("two.test.", Truncated())
        found = asker.ask_all([question("two.test"), question("host7.test")])
    answer = found.answers[question("two.test")]
    assert (answer.truncated, sorted(answer.data)) == (False, [A1, A2])


def test_rcodes_are_told() -> None:
    with DnsServer(ZONE) as server, Asker(server.port, host=server.host) as asker:
        server.on("host1.test.", Rcode(2))
        answer = asker.ask(question("host1.test"))
    assert answer is not None
    assert answer.rcode == 2


@pytest.mark.parametrize(
    "answer",
    [
        None,
        Answer(0, truncated=False, data=()),
        Answer(0, truncated=False, data=(A1,)),
        Answer(0, truncated=False, data=(A1, A2, b"\x0a\0\0\x03")),
        Answer(0, truncated=True, data=(A1, A2)),
        Answer(3, truncated=False, data=(A1, A2)),
    ],
)
def test_other_addresses_or_none_are_wrong(answer: Answer | None) -> None:
    asked = question("two.test")
    found = Found({asked: answer} if answer else {})
    assert wrong(found, {asked: frozenset((A1, A2))}) == [asked]


def test_the_order_of_addresses_does_not_count() -> None:
    asked = question("two.test")
    found = Found({asked: Answer(0, truncated=False, data=(A2, A1))})
    assert wrong(found, {asked: frozenset((A1, A2))}) == []
