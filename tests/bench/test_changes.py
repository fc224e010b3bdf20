"""The changes that are made while kubedns is loaded."""

from __future__ import annotations

from typing import Any

import pytest

from bench.changes import Pacer, change
from bench.cluster import CHURN, objects
from bench.dnsperf import LoadError
from tests.waiting import eventually


def test_each_change_is_one_of_an_object_that_is_there() -> None:
    there = {(o["kind"], o["metadata"]["name"]) for o in objects()}
    made = [change(number) for number in range(4 * CHURN)]
    assert {(o["kind"], o["metadata"]["name"]) for o in made} <= there
    assert {o["kind"] for o in made} == {"Service", "EndpointSlice"}


def test_a_change_changes_something() -> None:
    now: dict[tuple[str, str], dict[str, Any]] = {}
    for number in range(2000):
        made = change(number)
        key = made["kind"], made["metadata"]["name"]
        assert now.get(key) != made, number
        now[key] = made


def test_changes_are_counted_and_paced() -> None:
    made: list[dict[str, Any]] = []
    pacer = Pacer(made.append, rate=200.0)
    eventually(lambda: pacer.count >= 20)
    count = pacer.end()
    assert made == [change(number) for number in range(count)]


def test_a_change_that_fails_is_said() -> None:
    def refuse(_: object) -> None:
        raise OSError("the API is gone")

    pacer = Pacer(refuse, rate=1000.0)
    eventually(lambda: pacer.error is not None)
    with pytest.raises(LoadError, match="the API is gone"):
        pacer.end()


def test_changes_that_do_not_keep_up_are_no_measurement() -> None:
    made: list[object] = []
    pacer = Pacer(made.append, rate=1e9)
    eventually(lambda: pacer.count > 3)
    with pytest.raises(LoadError, match="changes were made instead of"):
        pacer.end()
