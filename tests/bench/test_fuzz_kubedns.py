"""A slice of `python -m bench.fuzz kubedns`, and that it finds what it looks for."""

from __future__ import annotations

import subprocess
import sys
from itertools import islice
from pathlib import Path

import pytest

from bench.fuzz.answering import Asking
from bench.fuzz.daemon import daemon
from bench.fuzz.memory import growth
from bench.fuzz.queries import queries
from bench.fuzz.responding import Responding
from dnscore.wire.errors import WireError
from dnscore.wire.query import parse_query
from kubedns.k8s.errors import Malformed
from kubedns.rows import SERVICES, Batch

ROOT = Path(__file__).resolve().parents[2]


@pytest.mark.parametrize("seed", [11, 12])
def test_mutated_queries_get_their_answers(seed: int) -> None:
    asking = Asking(seed)
    asking.run(6000)
    assert asking.found.findings == []
    for what in ("answered", "refused", "ignored", "prebuilt", "nxdomain"):
        assert asking.found.answered[what] > 50, what
    assert asking.served.others.answered > 50


def test_known_queries_leave_nothing_behind() -> None:
    asking = Asking(13)
    asking.run(1200)
    assert growth(lambda: asking.run(1200)) < 64 * 1024


@pytest.mark.parametrize("seed", [11, 12])
def test_mutated_api_responses_leave_the_tree_right(seed: int) -> None:
    responding = Responding(seed)
    responding.run(1500)
    assert responding.found.findings == []
    for what in ("list", "watch", "error"):
        assert responding.found.answered[what] > 100, what


def test_a_daemon_answers_over_its_sockets() -> None:
    with daemon() as running:
        running.run(1500, seed=11)
        assert running.found.findings == []
        assert running.process.poll() is None
        assert not running.log_lines("failed")


def test_the_same_seed_asks_the_same() -> None:
    first, again, other = (list(islice(queries(seed), 500)) for seed in (1, 1, 2))
    assert first == again != other
    good = 0
    for wire in first:
        try:
            parse_query(wire)
        except WireError:
            continue
        good += 1
    assert 150 < good < 400


def test_an_exception_and_a_wrong_answer_are_found() -> None:
    asking = Asking(1)
    handle = asking.served.handler.handle

    def broken(wire: bytes, *rest: object) -> bytes | None:
        if wire[-1:] == b"\x01" and len(wire) % 2:
            raise RuntimeError("a fault")
        response = handle(wire, *rest)  # type: ignore[arg-type]
        return response and response[:-1]

    asking.served.handler.handle = broken  # type: ignore[assignment,method-assign]
    asking.run(300)
    assert any("RuntimeError('a fault') escaped" in text for text in asking.found.findings)
    assert any("unreadable" in text for text in asking.found.findings)


def test_a_tree_that_is_not_put_right_is_found() -> None:
    responding = Responding(1)
    apply = responding.served.apply

    def forgetful(batch: Batch) -> None:
        gone = tuple((key, row) for key, row in batch.changes if key[1] != "web")
        apply(Batch(batch.resource, gone, batch.synced) if batch.resource == SERVICES else batch)

    responding.served.apply = forgetful  # type: ignore[method-assign]
    responding.served.apply(Batch(SERVICES, (), synced=True))
    apply(Batch(SERVICES, ((("shop", "web"), None),), synced=False))
    responding.run(40)
    assert any("the tree is not that of the good lists" in f for f in responding.found.findings)


def test_an_error_of_the_machine_is_found() -> None:
    responding = Responding(1)
    for reflector in responding._reflectors.values():

        def page(body: bytes, now: float) -> None:
            raise Malformed("escaped from its place")

        reflector.page = page  # type: ignore[method-assign]
    responding.run(30)
    assert any("escaped (response" in text for text in responding.found.findings)


def test_the_program_says_what_it_saw_and_refuses_what_it_does_not_know() -> None:
    command = [sys.executable, "-m", "bench.fuzz"]
    done = subprocess.run(
        [*command, "kubedns", "--queries=500", "--over-sockets=0", "--responses=100"],
        cwd=ROOT, capture_output=True, text=True, timeout=100, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr
    assert "handler: 500 queries" in done.stdout and "API: 100 responses" in done.stdout
    assert done.stdout.count("  0 findings; ") == 2
    refused = subprocess.run(
        command, cwd=ROOT, capture_output=True, text=True, timeout=30, check=False
    )
    assert (refused.returncode, refused.stdout) == (2, "")
