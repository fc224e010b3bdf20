"""What another process tells of itself: kept as it came last, and nothing unforeseen in it."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sidecar.peer_documents import (
    DocumentError,
    FrontDocument,
    KubednsDocument,
    read_document,
)
from tests.sidecar.status_world import FRONT, KUBEDNS, StatusWorld


def test_the_last_document_stays_when_none_comes() -> None:
    world = StatusWorld()
    peer = world.sources.kubedns
    assert peer is not None
    before = peer.read()
    assert (before.document, before.age_s, before.error) == (None, None, "")
    peer.ask()
    world.kubedns.said = None
    world.now += 30
    peer.ask()
    after = peer.read()
    assert after.document is not None
    assert after.document.version == "1.2.3"
    assert after.age_s == 30
    assert after.error == "http://127.0.0.1:8081/status.json: Connection refused"


@pytest.mark.parametrize(
    "said",
    ["", "null", "[]", "{}", '{"program":5}', '{"program":"x","watches":7}', "<html>", "[" * 9999],
)
def test_what_is_no_document_changes_nothing(said: str) -> None:
    world = StatusWorld()
    world.ask_peers()
    world.kubedns.said = said
    world.ask_peers()
    peer = world.sources.kubedns
    assert peer is not None
    assert peer.read().document is not None
    assert peer.read().error.startswith("not a status document: ")
    assert len(peer.read().error) < 150


@given(st.text(max_size=60))
def test_any_text_is_a_document_or_an_error(text: str) -> None:
    for kind in (KubednsDocument, FrontDocument):
        with pytest.raises(DocumentError):
            read_document(text, kind)


def test_fields_of_a_later_version_are_ignored() -> None:
    world = StatusWorld()
    world.front.said = {**FRONT, "something": {"new": 1}}
    world.kubedns.said = {"program": "kubedns"}
    world.ask_peers()
    document = world.document()
    assert document["front"]["document"]["cache"]["hits"] == 900
    assert document["kubedns"]["document"]["watches"] == []
    assert KUBEDNS["watches"]
