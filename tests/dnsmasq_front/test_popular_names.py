"""Which names and namespaces are asked for most, from what lies in a listener's memory."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from dnscore.wire import names
from dnsmasq_front.popular import FADE_S, SAMPLE_MAX, Popular, asked_name, namespace_of
from dnsmasq_front.routes import Routes, parse_server
from tests.dnsmasq_front.messages import query_wire, response_wire

ROUTES = Routes.of(
    [parse_server("/cluster.local/127.0.0.1#10053"), parse_server("/far.test/192.0.2.1")], ()
)


@dataclass
class Batches:
    """A listener of which the test says what it has read."""

    received: int = 0
    batch: list[bytes] = field(default_factory=list)

    def read(self, *questions: str) -> None:
        self.batch = [query_wire(question) for question in questions]
        self.received += len(self.batch)

    def last_batch(self, most: int) -> Sequence[bytes]:
        return self.batch[:most]


def _counts(popular: Popular) -> dict[str, float]:
    return {names.to_text(one.item): one.count for one in popular.names(100)}


def test_each_batch_is_looked_at_once() -> None:
    listener, popular = Batches(), Popular(now=0.0)
    listener.read("Web.Shop.svc.cluster.local. A", "web.shop.svc.cluster.local. AAAA")
    for tick in range(3):
        popular.sample([listener], ROUTES, now=tick * 0.1)
    assert _counts(popular) == {"web.shop.svc.cluster.local.": 2.0}
    assert [(one.item, one.count) for one in popular.namespaces(5)] == [(b"shop", 2.0)]
    assert (popular.sampled, popular.sampled_in_namespaces) == (2, 2)


def test_no_more_of_a_batch_than_its_share() -> None:
    listener, popular = Batches(), Popular(now=0.0)
    listener.read(*[f"n{number}.test. A" for number in range(64)])
    popular.sample([listener], ROUTES, now=0.1)
    assert popular.sampled == SAMPLE_MAX


def test_every_listener_is_looked_at() -> None:
    four, six, popular = Batches(), Batches(), Popular(now=0.0)
    four.read("a.test. A")
    six.read("b.test. A")
    popular.sample([four, six], ROUTES, now=0.1)
    six.read("b.test. A")
    popular.sample([four, six], ROUTES, now=0.2)
    assert _counts(popular) == {"a.test.": 1.0, "b.test.": 2.0}


def test_what_was_asked_long_ago_weighs_less() -> None:
    listener, popular = Batches(), Popular(now=0.0)
    listener.read("old.test. A")
    popular.sample([listener], ROUTES, now=0.1)
    listener.read("new.test. A")
    popular.sample([listener], ROUTES, now=FADE_S)
    assert _counts(popular) == {"new.test.": 1.0, "old.test.": 0.5}


@pytest.mark.parametrize(
    ("name", "namespace"),
    [
        ("web.shop.svc.cluster.local.", b"shop"),
        ("_http._tcp.web.shop.svc.cluster.local.", b"shop"),
        ("shop.svc.cluster.local.", b"shop"),
        ("10-0-0-1.shop.pod.cluster.local.", b"shop"),
        ("svc.cluster.local.", None),
        ("cluster.local.", None),
        ("web.shop.other.cluster.local.", None),
        ("web.shop.svc.far.test.", None),
        ("www.example.com.", None),
        (".", None),
    ],
)
def test_the_namespace_in_a_name(name: str, namespace: bytes | None) -> None:
    assert namespace_of(names.from_text(name), ROUTES) == namespace


def test_an_answer_is_as_good_as_its_question() -> None:
    query = query_wire("Web.test. A")
    response = response_wire(query, "web.test. 5 IN A 192.0.2.1")
    assert asked_name(query) == asked_name(response) == names.from_text("web.test.")


def test_what_is_no_question_of_class_in_is_left_out() -> None:
    assert asked_name(query_wire("version.bind. TXT CH")) is None
    notify = bytearray(query_wire("cluster.local. SOA"))
    notify[2] |= 4 << 3
    assert asked_name(bytes(notify)) is None


@given(st.binary(max_size=80))
def test_any_octets_are_a_name_or_nothing(octets: bytes) -> None:
    name = asked_name(octets)
    if name is not None:
        assert names.skip(name, 0) == len(name)
        namespace_of(name, ROUTES)
        names.to_text(name)


@example(b"\xc0\x00\x00\x01\x00\x01")  # A pointer whose end looks like the root's.
@given(st.binary(max_size=60))
def test_any_octets_behind_a_good_head(tail: bytes) -> None:
    name = asked_name(b"\x00\x01\x01\x00\x00\x01\x00\x00\x00\x00\x00\x00" + tail)
    if name is not None:
        assert names.skip(name, 0) == len(name)
        namespace_of(name, ROUTES)
        names.to_text(name)
