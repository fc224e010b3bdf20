"""Lines out of chunks: bounded, linear, blank lines left out."""

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kubedns.k8s.errors import Malformed
from kubedns.k8s.ndjson import LineSplitter


@given(st.lists(st.binary(max_size=30), max_size=20), st.data())
def test_any_cuts_give_the_same_lines(lines: list[bytes], data: st.DataObject) -> None:
    body = b"\n".join(lines)
    splitter = LineSplitter()
    got: list[bytes] = []
    at = 0
    while at < len(body):
        size = data.draw(st.integers(1, len(body) - at))
        got += splitter.feed(body[at : at + size])
        at += size
    got += splitter.feed(b"\n")
    assert got == [line for line in body.split(b"\n") if line.strip()]


def test_what_has_no_line_end_yet_is_kept_back() -> None:
    splitter = LineSplitter()
    assert splitter.feed(b"a\nb") == [b"a"]
    assert splitter.feed(b"") == []
    assert splitter.feed(b"c\r\n\n \nd") == [b"bc\r"]


@pytest.mark.parametrize("chunk", [b"x" * 101, b"x" * 101 + b"\n", b"y\n" + b"x" * 101 + b"\nz\n"])
def test_a_line_beyond_the_bound_is_refused(chunk: bytes) -> None:
    with pytest.raises(Malformed):
        LineSplitter(max_line=100).feed(chunk)


def test_a_line_that_grows_beyond_the_bound_is_refused() -> None:
    splitter = LineSplitter(max_line=100)
    with pytest.raises(Malformed):
        for _ in range(101):
            splitter.feed(b"x")


def test_ten_times_the_chunks_take_about_ten_times_as_long() -> None:
    def seconds(chunks: int) -> float:
        splitter = LineSplitter()
        start = time.process_time()
        for _ in range(chunks):
            splitter.feed(b"x" * 16)
        assert len(splitter.feed(b"\n")[0]) == chunks * 16
        return time.process_time() - start

    small = min(seconds(10_000) for _ in range(3))
    assert seconds(100_000) < 40 * small  # a quadratic splitter would take 100 times
