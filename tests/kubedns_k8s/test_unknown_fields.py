"""Fields that a newer server adds, anywhere and of any kind, change nothing."""

from __future__ import annotations

import json
from typing import Any

import pytest

from kubedns.k8s.endpoints import endpoints
from kubedns.k8s.kind import Kind
from kubedns.k8s.pods import pods
from kubedns.k8s.project import endpoint_slices, services
from tests.kubedns_k8s.support import Driven, recorded

NEWS: list[Any] = [None, 1.5, "x", [{"a": [None]}], {"name": 7, "ports": "none"}]


def with_news(value: Any, news: Any) -> Any:
    """Every object within, with one more field."""
    if isinstance(value, dict):
        return {name: with_news(inner, news) for name, inner in value.items()} | {"newField": news}
    if isinstance(value, list):
        return [with_news(inner, news) for inner in value]
    return value


@pytest.mark.parametrize("news", NEWS, ids=repr)
@pytest.mark.parametrize(
    ("kind", "name"),
    [
        (services(), "services-rv0-limit3"),
        (endpoint_slices(), "endpointslices"),
        (endpoints(), "endpoints-prod"),
        (pods(), "pods-prod"),
    ],
    ids=lambda value: value.resource if isinstance(value, Kind) else value,
)
def test_a_list(kind: Kind[Any], name: str, news: Any) -> None:
    plain, odd = Driven(kind), Driven(kind)
    body = json.loads(recorded(name).body)
    for driven, value in ((plain, body), (odd, with_news(body, news))):
        driven.asks_list()
        driven.reflector.page(json.dumps(value).encode(), driven.now)
        driven.take()
    assert plain.rows
    assert odd.rows == plain.rows
    assert odd.bad == []


@pytest.mark.parametrize("news", NEWS, ids=repr)
def test_a_watch(news: Any) -> None:
    plain, odd = Driven(), Driven()
    lines = recorded("services-watch").body.splitlines()
    for driven in (plain, odd):
        driven.listed(rv=1)
        driven.opened()
    plain.sent(*lines)
    odd.sent(*(json.dumps(with_news(json.loads(line), news)).encode() for line in lines))
    assert plain.rows
    assert odd.rows == plain.rows
    assert odd.bad == []
    assert odd.reflector.resource_version == plain.reflector.resource_version
