"""`/explain` and `/explain.json`: one name at a time, for people and for programs."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable
from typing import Any

import pytest
from flask.testing import FlaskClient

from sidecar.explain_page import BUSY, TYPES, add_explain_page, walker
from sidecar.options import Options
from sidecar.page_url import parse_url
from tests.sidecar.status_world import StatusWorld

VIEW: dict[str, Any] = {
    "question": {"name": "web", "type": "A", "pod": "shop/a", "namespace": "shop"},
    "search": ["shop.svc.cluster.local", "svc.cluster.local"],
    "ndots": 5,
    "zone": "cluster.local.",
    "assumed": ["a resolver such as glibc's"],
    "tries": [
        {
            "name": "web.shop.svc.cluster.local.",
            "type": "A",
            "outcome": "NODATA",
            "answers": [],
            "ttl_s": None,
            "who": "kubedns",
            "servers": ["127.0.0.1:10053"],
            "cause": "no-ready-endpoints",
            "reasons": ["Service shop/web has no ready endpoint."],
            "object": {
                "kind": "Service",
                "namespace": "shop",
                "name": "web",
                "resource_version": "4711",
            },
            "changed": {"seconds_ago": 61.0, "exact": True},
            "not_ready": ["10.0.0.9 (pod web-0)"],
            "front": {"route": {"servers": [{"address": "127.0.0.1:10053", "health": "fine"}]}},
            "kubedns": {"not_ready_error": "", "api_server_away": True},
        }
    ],
    "verdict": "There is no A record.",
    "found": False,
    "problems": ["front does not explain itself"],
}


class Script:
    """An explanation that a test can hold up."""

    def __init__(self, view: dict[str, Any] = VIEW) -> None:
        self.asked: list[tuple[str, str, str]] = []
        self.held = threading.Event()
        self.go_on = threading.Event()
        self.go_on.set()
        self._view = view

    def __call__(self, name: str, rdtype: str, pod: str) -> dict[str, Any]:
        self.asked.append((name, rdtype, pod))
        self.held.set()
        assert self.go_on.wait(10)
        return self._view


def _client(explain: Callable[[str, str, str], dict[str, Any]]) -> FlaskClient:
    client = StatusWorld().client(explain_types=TYPES)
    add_explain_page(client.application, explain)
    return client


def test_the_whole_explanation_is_on_the_page() -> None:
    text = _client(Script()).get("/explain?name=web&type=A&pod=shop/a").text
    for part in (
        "There is no A record.",
        "pod shop/a",
        "shop.svc.cluster.local svc.cluster.local",
        "1. web.shop.svc.cluster.local. A",
        "NODATA",
        "kubedns (127.0.0.1:10053)",
        "no-ready-endpoints",
        "Service shop/web has no ready endpoint.",
        "resourceVersion 4711",
        "1 min 1 s ago",
        "10.0.0.9 (pod web-0)",
        "this is what it last knew",
        "front does not explain itself",
        'value="web"',
        "/explain.json?name=web&amp;type=A&amp;pod=shop%2Fa",
    ):
        assert part in text


def test_the_same_as_json() -> None:
    script = Script()
    assert _client(script).get("/explain.json?name=Web&pod=shop").json == VIEW
    assert script.asked == [("web", "A", "shop")]


@pytest.mark.parametrize(
    ("query", "asked"),
    [
        ("name=10.0.0.1", ("10.0.0.1", "PTR", "")),
        ("name=web&type=srv", ("web", "SRV", "")),
        ("name=+web.+", ("web.", "A", "")),
    ],
)
def test_what_is_asked(query: str, asked: tuple[str, str, str]) -> None:
    script = Script()
    assert _client(script).get(f"/explain.json?{query}").status_code == 200
    assert script.asked == [asked]


@pytest.mark.parametrize(
    ("query", "reason"),
    [
        ("name=caf%C3%A9", "not an ASCII domain name"),
        ("name=a..b", "1 to 63 octets"),
        ("name=" + "a" * 5000, "1 to 63 octets"),
        ("name=a&type=NOPE", "not a record type"),
        ("name=a&type=AXFR", "not a type to ask for"),
        ("name=a&pod=No/Pod", "namespace/name"),
        ("name=a&pod=x/y/z", "namespace/name"),
    ],
)
def test_what_cannot_be_asked_is_refused_with_its_reason(query: str, reason: str) -> None:
    script = Script()
    client = _client(script)
    page, found = client.get(f"/explain?{query}"), client.get(f"/explain.json?{query}")
    assert (page.status_code, found.status_code) == (400, 400)
    assert reason in json.loads(found.text)["error"]
    assert 'role="alert"' in page.text
    assert script.asked == []


def test_without_a_name_the_page_is_a_form_and_json_an_error() -> None:
    client = _client(Script())
    assert client.get("/explain").status_code == 200
    assert client.get("/explain.json").status_code == 400


@pytest.mark.parametrize("query", ["name=<script>alert(1)</script>", 'name=a&type="><script>'])
def test_what_is_asked_stays_text(query: str) -> None:
    view = {**VIEW, "verdict": "<script>alert(1)</script>"}
    assert "<script" not in _client(Script(view)).get(f"/explain?{query}").text


def test_one_at_a_time() -> None:
    script = Script()
    script.go_on.clear()
    client = _client(script)
    first: list[int] = []
    thread = threading.Thread(
        target=lambda: first.append(client.get("/explain?name=web").status_code)
    )
    thread.start()
    try:
        assert script.held.wait(10)
        busy = client.application.test_client().get("/explain?name=web")
        assert (busy.status_code, BUSY in busy.text) == (503, True)
    finally:
        script.go_on.set()
        thread.join(10)
    assert first == [200]
    assert client.get("/explain?name=web").status_code == 200


def test_an_explanation_that_fails_leaves_room_for_the_next() -> None:
    def fails(*_: str) -> dict[str, Any]:
        raise RuntimeError("broken")

    client = _client(fails)
    assert [client.get("/explain?name=web").status_code for _ in range(2)] == [500, 500]


def test_whom_the_flags_name_is_asked() -> None:
    status = parse_url("http://127.0.0.1:9000/status.json")
    asked = walker(Options(kubedns_status=status, dnsmasq_status=None)).sources
    assert str(asked.front) == "127.0.0.1:53"
    assert str(asked.kubedns_page) == "http://127.0.0.1:9000/explain"
    assert asked.front_page is None
