"""No bytes from the server raise anything but our own errors, and none end the watching."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from typing import Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kubedns.k8s import model
from kubedns.k8s.endpoints import endpoints
from kubedns.k8s.errors import ApiError, BadObject
from kubedns.k8s.kind import Kind
from kubedns.k8s.pods import pods
from kubedns.k8s.project import endpoint_slices, services
from tests.kubedns_k8s.support import Driven, list_body, recorded

LISTS = {
    "services-rv0-limit3": services,
    "endpointslices": endpoint_slices,
    "endpoints-prod": endpoints,
    "pods-prod": pods,
}
WATCHES = {
    "services-watch": services,
    "endpointslices-watch": endpoint_slices,
    "services-watch-too-old": services,
}
SNIPPETS = [b"null", b"[]", b"{}", b'"x"', b"-1", b"1e400", b"\xff", b'"\\ud800"', b"", b"[" * 5000]


@st.composite
def mutated(draw: st.DrawFn, body: bytes) -> bytes:
    for _ in range(draw(st.integers(1, 4))):
        at = draw(st.integers(0, len(body)))
        end = min(len(body), at + draw(st.integers(0, 40)))
        body = body[:at] + draw(st.sampled_from(SNIPPETS) | st.binary(max_size=4)) + body[end:]
    return body


@pytest.mark.parametrize("name", LISTS)
@settings(max_examples=150, deadline=None)
@given(data=st.data())
def test_lists(name: str, data: st.DataObject) -> None:
    driven = Driven(LISTS[name]())
    driven.asks_list()
    driven.reflector.page(data.draw(mutated(recorded(name).body)), driven.now)
    driven.take()
    driven.reflector.next_action(driven.now)


@pytest.mark.parametrize("name", WATCHES)
@settings(max_examples=150, deadline=None)
@given(data=st.data())
def test_watches(name: str, data: st.DataObject) -> None:
    driven = Driven(WATCHES[name]())
    driven.reflector.page(list_body(rv=1), driven.now)
    driven.take()
    driven.opened()
    driven.sent(*data.draw(mutated(recorded(name).body)).split(b"\n"))
    driven.reflector.next_action(driven.now)


@settings(max_examples=150, deadline=None)
@given(data=st.data())
def test_initial_events(data: st.DataObject) -> None:
    driven = Driven(services(), watch_lists=True)
    driven.opened()
    driven.sent(*data.draw(mutated(recorded("services-watchlist").body)).split(b"\n"))
    driven.reflector.next_action(driven.now)


@pytest.mark.parametrize(("kind", "name"), [(LISTS[name](), name) for name in LISTS])
@settings(max_examples=300, deadline=None)
@given(data=st.data())
def test_objects(kind: Kind[Any], name: str, data: st.DataObject) -> None:
    items = msgspec.json.decode(recorded(name).body)["items"]
    raw = data.draw(mutated(msgspec.json.encode(data.draw(st.sampled_from(items)))))
    with suppress(BadObject):
        decoded = kind.decode(msgspec.Raw(raw))
        kind.project(kind.key_of(decoded.metadata), decoded)


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(
                ["metadata", "spec", "items", "type", "object", "name", "code", "ports"]
            ),
            inner,
            max_size=4,
        )
    ),
    max_leaves=12,
)


@pytest.mark.parametrize(
    "decode",
    [
        model.decode_list,
        model.decode_event,
        model.decode_meta,
        model.decode_status,
        model.decode_service,
        model.decode_slice,
        model.decode_endpoints,
        model.decode_namespace,
        model.decode_pod,
        model.decode_config_map,
        model.decode_node,
        model.decode_bookmark,
    ],
)
@given(value=json_values | st.binary(max_size=20))
def test_decoders(decode: Callable[[bytes], object], value: Any) -> None:
    data = value if isinstance(value, bytes) else msgspec.json.encode(value)
    with suppress(ApiError, BadObject):
        decode(data)
