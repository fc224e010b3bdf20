"""Who runs on which processor."""

from __future__ import annotations

from bench.processors import Processors, assign


def test_server_and_load_are_apart() -> None:
    assert assign({0, 1}) == Processors("0", "1", "0,1", ("1", "1"), 2)


def test_with_four_each_load_generator_has_its_own_and_the_workers_the_rest() -> None:
    assert assign({2, 3, 8, 9}) == Processors("2", "3", "2,3", ("8", "9"), 4)


def test_one_processor_is_shared() -> None:
    assert assign({5}) == Processors("5", "5", "5", ("5", "5"), 1)
