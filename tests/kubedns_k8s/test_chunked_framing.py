"""RFC 9112 7.1: chunks become the body they were cut from, wherever the bytes are cut."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kubedns.k8s.chunked import LINE_MAX, Dechunker
from kubedns.k8s.errors import Unreachable
from tests.fakes.apiserver import ScriptedServer, stream
from tests.kubedns_k8s.rim import api_server

SIZES = ("%x", "%X", "000%x", "%x;name=value", '%x ; name="a;b"', "%x ")


def framed(chunks: list[bytes], sizes: list[str], trailer: bytes) -> bytes:
    lines = [
        (form % len(chunk)).encode() + b"\r\n" + chunk + b"\r\n"
        for chunk, form in zip(chunks, sizes, strict=True)
    ]
    return b"".join(lines) + b"0\r\n" + trailer + b"\r\n"


@given(
    st.lists(st.tuples(st.binary(min_size=1, max_size=40), st.sampled_from(SIZES)), max_size=8),
    st.sampled_from((b"", b"X-Trailer: 1\r\n", b"A: 1\r\nB: 2\r\n")),
    st.sampled_from((b"", b"HTTP/1.1 200 OK\r\n")),
    st.data(),
)
def test_any_cuts_give_the_same_body(
    parts: list[tuple[bytes, str]], trailer: bytes, behind: bytes, data: st.DataObject
) -> None:
    chunks = [chunk for chunk, _ in parts]
    wire = framed(chunks, [form for _, form in parts], trailer) + behind
    dechunker, body, at = Dechunker(), b"", 0
    while at < len(wire) and not dechunker.ended:
        size = data.draw(st.integers(1, len(wire) - at))
        body += dechunker.feed(wire[at : at + size])
        at += size
    assert body == b"".join(chunks)
    assert dechunker.ended
    assert dechunker.has_rest == (at > len(wire) - len(behind))


@pytest.mark.parametrize(
    "wire",
    [
        b"\r\n",
        b"x\r\n",
        b"-1\r\n",
        b"1_0\r\n",
        b"0x10\r\n",
        b";name\r\n",
        b"2\r\nabc\r\n",
        b"1" * (LINE_MAX + 1),
    ],
)
def test_what_is_no_framing_is_refused(wire: bytes) -> None:
    with pytest.raises(Unreachable):
        Dechunker().feed(wire)


@pytest.mark.parametrize("wire", [b"", b"2\r\n", b"2\r\na", b"1\r\na\r\n", b"1\r\na\r\n0\r\n"])
def test_a_body_that_is_cut_has_not_ended(wire: bytes) -> None:
    dechunker = Dechunker()
    dechunker.feed(wire)
    assert not dechunker.ended


def test_the_connection_of_a_chunked_body_is_used_again() -> None:
    with ScriptedServer() as server:
        for _ in range(5):
            server.on_watch("services", stream(b"one\n", b"two\n"))
        client = api_server(server.url)
        for _ in range(5):
            with client.watch("services", resource_version="1", timeout_s=5) as response:
                assert response.read_all() == b"one\ntwo\n"
        [pool] = client._session.rest_client.pool_manager.pools._container.values()
        assert pool.num_connections == 1
