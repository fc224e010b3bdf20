"""Questions that are over leave nothing behind."""

from __future__ import annotations

import gc
from collections.abc import Iterator

import pytest

from dnsmasq_front.pending import Pending, Try
from tests.collector import collector_away
from tests.dnsmasq_front.pure import PureFront


@pytest.fixture(autouse=True)
def _without_collector() -> Iterator[None]:
    """None of them may need it."""
    with collector_away():
        yield


def pendings() -> int:
    return sum(isinstance(thing, Pending | Try) for thing in gc.get_objects())


def test_answered_and_failed_questions_are_gone_at_once() -> None:
    front = PureFront("--server=10.0.0.1", "--cache-size=0", "--dns-forward-max=5000")
    before = pendings()
    for i in range(2000):
        front.ask(f"q{i}.test. A")
        if i % 2:
            front.answer(f"q{i}.test. 30 IN A 10.1.1.1")
        else:
            front.unreachable()
        front.transport.forget()
    assert front.forwarder.outstanding == 0
    assert pendings() == before


def test_questions_that_timed_out_are_gone() -> None:
    front = PureFront("--server=10.0.0.1", "--dns-forward-max=5000")
    before = pendings()
    clients = [front.ask(f"q{i}.test. A") for i in range(2000)]
    front.advance(6)
    front.transport.forget()
    assert all(client.answered for client in clients)
    assert pendings() == before


def test_every_question_that_is_given_up_is_cancelled_at_the_transport() -> None:
    front = PureFront("--server=10.0.0.1", "--server=10.0.0.2")
    front.ask("a.test. A")
    front.advance(6)
    assert front.sent
    assert all(sent.cancelled for sent in front.sent)
