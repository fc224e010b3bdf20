"""When a daemon that was told to end does so."""

from __future__ import annotations

from dnscore.drain import Drain


def test_ends_after_a_second_without_queries() -> None:
    drain = Drain(now=100.0, received=7, lameduck_s=5.0)
    assert not drain.over(100.9, received=7, pending=0)
    assert drain.over(101.0, received=7, pending=0)


def test_queries_keep_it_up() -> None:
    drain = Drain(now=100.0, received=7, lameduck_s=5.0)
    assert not drain.over(100.9, received=8, pending=0)
    assert not drain.over(101.8, received=8, pending=0)
    assert drain.over(101.9, received=8, pending=0)


def test_answers_still_to_come_keep_it_up() -> None:
    drain = Drain(now=100.0, received=7, lameduck_s=5.0)
    assert not drain.over(101.5, received=7, pending=1)
    assert not drain.over(102.4, received=7, pending=0)
    assert drain.over(102.5, received=7, pending=0)


def test_never_longer_than_lameduck() -> None:
    drain = Drain(now=100.0, received=0, lameduck_s=5.0)
    for tenths in range(1, 50):
        assert not drain.over(100.0 + tenths / 10, received=tenths, pending=1)
    assert drain.over(105.0, received=50, pending=1)


def test_without_lameduck_it_ends_at_once() -> None:
    assert Drain(now=100.0, received=0, lameduck_s=0.0).over(100.0, received=0, pending=9)
