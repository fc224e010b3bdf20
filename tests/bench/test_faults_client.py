"""What bench.faults says of questions: how long each took, which failed, which were lost."""

from __future__ import annotations

import itertools
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from bench.faults import client as faults
from bench.faults.client import Answered, Client, quantile_ms

SERVFAIL = 2


@contextmanager
def server(rcodes: list[int | None]) -> Iterator[int]:
    """Answers one question after the other with these rcodes, None with silence; its port."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
        sock.bind((faults.HOST, 0))

        def serve() -> None:
            for rcode in rcodes:
                wire, peer = sock.recvfrom(512)
                if rcode is not None:
                    sock.sendto(wire[:2] + bytes((0x81, 0x80 | rcode)) + wire[4:], peer)

        thread = threading.Thread(target=serve)
        thread.start()
        yield sock.getsockname()[1]
        thread.join()


def asked(rcodes: list[int | None]) -> Answered:
    with server(rcodes) as port:
        client = Client(port)
        names = (f"n{number}.test" for number in itertools.count())
        client.run(names, rate=1000.0, seconds=len(rcodes) / 1000, each=lambda: None)
        return client.answered


def test_each_answer_counts_once() -> None:
    answered = asked([0, 0, 0])
    assert [name for _, _, name in answered.times] == ["n0.test", "n1.test", "n2.test"]
    assert answered.failed == 0
    assert all(took > 0 for _, took, _ in answered.times)


def test_a_failure_is_an_answer_that_failed() -> None:
    answered = asked([0, SERVFAIL])
    assert (len(answered.times), answered.failed) == (2, 1)


def test_what_is_never_answered_has_failed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(faults, "WAIT_S", 0.2)
    answered = asked([0, None])
    assert (len(answered.times), answered.failed) == (1, 1)


def test_waits_by_time() -> None:
    answered = Answered(
        [(1.0, 0.3, "a.cached.test"), (2.0, 0.1, "b.cached.test"), (2.5, 0.2, "a.new.test")]
    )
    assert answered.between(0.0, 9.0) == [0.1, 0.2, 0.3]
    assert answered.between(2.0, 2.5) == [0.1]


def test_quantiles_are_milliseconds() -> None:
    assert quantile_ms([0.001 * number for number in range(100)], 0.99) == pytest.approx(99.0)
    assert quantile_ms([0.5], 1.0) == 500.0
    assert quantile_ms([], 0.5) == 0.0
