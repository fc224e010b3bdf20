"""A slice of `python -m bench.fuzz_front`, and that it finds what it looks for."""

from __future__ import annotations

import pytest

from bench import fuzz_front
from bench.bounded import pour
from bench.fuzz_front import fuzz_answers, fuzz_queries
from dnsmasq_front import cache
from dnsmasq_front.server import FrontServer


def silent(line: str) -> None:
    """Nothing is said."""


@pytest.mark.parametrize("seed", [21, 22])
def test_mutated_queries_break_nothing(seed: int) -> None:
    found = fuzz_queries(5000, seed=seed, say=silent)
    assert found.failures == []
    assert min(found.answered, found.forwarded, found.kept) > 500


@pytest.mark.parametrize("seed", [21, 22])
def test_mutated_answers_leave_nothing_false_behind(seed: int) -> None:
    found = fuzz_answers(4000, seed=seed, say=silent)
    assert found.failures == []
    assert min(found.answers, found.kept) > 500


def test_false_record_in_the_cache_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cache, "belongs", lambda wire, scan: True)
    found = fuzz_answers(4000, seed=21, say=silent)
    assert any("false record" in line for line in found.failures)
    assert any("foreign zone" in line for line in found.failures)


def test_failure_inside_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*args: object) -> bytes:
        raise RuntimeError("broken")

    monkeypatch.setattr(FrontServer, "_answer_other", broken)
    found = fuzz_queries(500, seed=21, say=silent)
    assert any("inside: RuntimeError" in line for line in found.failures)


def test_command_line(capsys: pytest.CaptureFixture[str]) -> None:
    assert fuzz_front.run(["--queries=200", "--answers=100", "--seed=3"]) == 0
    assert "100 answers in" in capsys.readouterr().out


def test_many_names_through_a_small_cache_leave_memory_where_it_was() -> None:
    figures = pour(20_000, cache_size=500, say=silent)
    assert figures.records == 500
    assert figures.octets <= 500 * cache.BYTES_PER_RECORD
    assert figures.growth_mb < 4.0
