"""A watch cut or divided anywhere loses nothing and invents nothing."""

from __future__ import annotations

from typing import Any

import pytest

from kubedns.k8s.errors import Unreachable
from kubedns.k8s.kind import Kind
from kubedns.k8s.ndjson import LineSplitter
from kubedns.k8s.project import endpoint_slices, services
from kubedns.rows import Key, Row
from tests.kubedns_k8s.support import Driven, recorded

STREAMS = {
    "services-watch": services,
    "services-watchlist": services,
    "endpointslices-watch": endpoint_slices,
}


def whole(kind: Kind[Any], body: bytes) -> dict[Key, Row]:
    driven = Driven(kind)
    driven.listed(rv=1)
    driven.opened()
    driven.sent(*LineSplitter().feed(body))
    assert driven.rows
    assert driven.bad == []
    return driven.rows


@pytest.mark.parametrize("name", STREAMS)
def test_cut_and_resumed_equals_uncut(name: str) -> None:
    body = recorded(name).body
    expected = whole(STREAMS[name](), body)
    lines = body.splitlines(keepends=True)
    starts = [sum(map(len, lines[:index])) for index in range(len(lines))]
    for cut in range(0, len(body), 37):
        driven = Driven(STREAMS[name]())
        driven.listed(rv=1)
        driven.opened()
        driven.sent(*LineSplitter().feed(body[:cut]))
        driven.failed(Unreachable("reset"), after_s=1)
        driven.asks_sleep()
        driven.opened()
        # The server sends again what comes after the last version that arrived whole.
        resumed = max((start for start in starts if start <= cut), default=0)
        driven.sent(*LineSplitter().feed(body[resumed:]))
        assert driven.rows == expected, cut
        assert driven.bad == []


@pytest.mark.parametrize("size", [1, 2, 3, 7, 64, 1000, 4096])
def test_any_chunk_size_gives_the_same_lines(size: int) -> None:
    body = recorded("endpointslices-watch").body
    splitter = LineSplitter()
    lines = [
        line for at in range(0, len(body), size) for line in splitter.feed(body[at : at + size])
    ]
    assert lines == [line for line in body.split(b"\n") if line]
