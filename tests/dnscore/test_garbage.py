"""The collector may stay away: what comes and goes with queries is freed without it."""

from __future__ import annotations

import gc
from collections.abc import Iterator

import pytest

from dnscore.garbage import GARBAGE_MAX, collect_seldom
from dnscore.loop import Loop
from dnscore.net.handler import Peer, Via
from dnscore.net.tcp import Connection
from tests.collector import collector_away
from tests.dnscore.answering import Recorder, silent
from tests.dnscore.looping import run_until
from tests.dnscore.tcp_clients import Client, listen


@pytest.fixture
def usual_threshold() -> Iterator[None]:
    """What it was before is set again."""
    threshold = gc.get_threshold()
    gc.collect()
    yield
    gc.set_threshold(*threshold)


def connections() -> int:
    return sum(isinstance(thing, Connection) for thing in gc.get_objects())


@pytest.mark.usefixtures("usual_threshold")
def test_it_looks_only_when_much_may_be_garbage() -> None:
    looks: list[str] = []

    def note(phase: str, _: object) -> None:
        looks.append(phase)

    collect_seldom()
    gc.callbacks.append(note)
    try:
        kept: list[list[int]] = [[] for _ in range(GARBAGE_MAX // 2)]
        assert not looks
        kept += [[] for _ in range(GARBAGE_MAX)]
        assert looks
    finally:
        gc.callbacks.remove(note)


class Echo(Recorder):
    """Answers and keeps nothing."""

    def handle(self, wire: bytes, peer: Peer, via: Via) -> bytes:
        return wire


def test_connections_that_the_client_ended_are_freed_at_once(loop: Loop) -> None:
    with collector_away():
        before = connections()
        listener = listen(loop, Echo(silent))
        for _ in range(20):
            with Client(listener.address) as client:
                client.send(b"one", b"two")
                run_until(loop, lambda: len(client.messages()) == 2)
            run_until(loop, lambda: listener.open == 0)
        assert connections() == before
        listener.close()


def test_connections_that_were_idle_for_too_long_are_freed_at_once(loop: Loop) -> None:
    with collector_away():
        before = connections()
        listener = listen(loop, Echo(silent), idle_s=0.2)
        with Client(listener.address) as client:
            client.send(b"one", b"two")
            run_until(loop, client.is_closed)
        assert connections() == before
        listener.close()
