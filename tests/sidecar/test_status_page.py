"""The page at `/`: everything that is known, in one document that needs nothing else."""

from __future__ import annotations

import re
from html.parser import HTMLParser
from typing import Any

import pytest

from tests.sidecar.status_world import FRONT, KUBEDNS, StatusWorld

EVIL = """"><script>alert(1)</script><img src=x onerror='alert(2)'>{{ 7*7 }}&"""
URL_ATTRIBUTES = {"src", "href", "action", "srcset", "poster", "data", "formaction"}
VOID = {"meta", "link", "input", "br", "rect", "polygon", "polyline", "option"}


class _Page(HTMLParser):
    """What a browser sees: elements with attributes, the text, and whether they are closed."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.text = ""
        self._open: list[str] = []
        self.feed(html)
        self.close()
        assert self._open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))
        if tag not in VOID:
            self._open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        if tag not in VOID:
            assert self._open.pop() == tag

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        self.text += data

    def tags(self) -> set[str]:
        return {tag for tag, _ in self.elements}


def _world() -> StatusWorld:
    world = StatusWorld()
    world.ask_peers()
    world.pass_time(30, hits=30, misses=10)
    for label in ("kubedns", "dnsmasq"):
        world.probe(label)
    return world


def _page(world: StatusWorld) -> _Page:
    return _Page(world.client(explain_types=("A",)).get("/").text)


def _made_evil(value: Any) -> Any:
    """The same document with every text replaced by one that tries to leave its place."""
    if isinstance(value, dict):
        return {key: _made_evil(one) for key, one in value.items()}
    if isinstance(value, list):
        return [_made_evil(one) for one in value]
    return EVIL if isinstance(value, str) else value


@pytest.mark.parametrize(
    "part",
    [
        "kubedns",
        "dnsmasq_front",
        "sidecar",
        "answers in 2.0 ms",
        "4 /s",  # queries
        "75.0 %",  # hit ratio
        "endpointslices",
        "refused",  # the last error of a watch
        "192.0.2.53:53",
        "silent",
        "web.shop.svc.cluster.local.",
        "25.0 %",  # its share
        "shop",
        "40 of 1\u202f000 records",
        "no room",
        "watch lost",
        "dnsmasq_poll_interval_ms",
        "/healthcheck/kubedns",
        "/status.json",
    ],
)
def test_everything_that_is_known_is_on_it(part: str) -> None:
    assert part in _page(_world()).text


def test_no_text_of_others_becomes_markup() -> None:
    world = _world()
    plain = _page(world)
    world.kubedns.said, world.front.said = _made_evil(KUBEDNS), _made_evil(FRONT)
    world.probe("kubedns", EVIL)
    world.ask_peers()
    page = _page(world)
    assert page.tags() == plain.tags()
    assert [tag for tag, _ in page.elements].count("script") == 1
    assert not any(name.startswith("on") for _, attributes in page.elements for name in attributes)
    assert EVIL in page.text


def test_nothing_comes_from_elsewhere() -> None:
    response = _world().client(explain_types=("A",)).get("/")
    for tag, attributes in _Page(response.text).elements:
        for name, value in attributes.items():
            if name in URL_ATTRIBUTES:
                assert value == "data:," or re.fullmatch(r"/[^/].*|/", value or ""), (tag, value)
            assert name != "style"
    assert "url(" not in response.text
    assert "@import" not in response.text
    policy = response.headers["Content-Security-Policy"]
    assert policy.startswith("default-src 'none'; ")
    nonces = set(re.findall(r"nonce-([\w-]+)", policy))
    assert nonces == set(re.findall(r'nonce="([\w-]+)"', response.text))
    assert len(nonces) == 1


def test_each_page_has_a_nonce_of_its_own() -> None:
    client = _world().client()
    first, second = (client.get("/").headers["Content-Security-Policy"] for _ in range(2))
    assert first != second


def test_it_reads_without_scripts_and_on_a_phone() -> None:
    html = _world().client().get("/").text
    assert "<noscript>" in html
    assert 'content="width=device-width, initial-scale=1"' in html
    assert "prefers-color-scheme: dark" in html


def test_it_is_whole_while_nothing_is_known() -> None:
    page = _page(StatusWorld())
    assert "kubedns has told nothing so far." in page.text
    assert "The front has told nothing so far." in page.text
    assert "waiting for first probe" in page.text


def test_what_is_away_says_so_and_since_when() -> None:
    world = _world()
    assert _page(world).text.count("up 1 h 6 min") == 2
    world.front.said = None
    world.now += 25
    world.ask_peers()
    page = _page(world)
    assert "No fresh status: http://127.0.0.1:10056/status.json: Connection refused" in page.text
    assert "shown below as 5 min 25 s ago" in page.text
    assert page.text.count("up 1 h 6 min") == 1


def test_the_form_for_explanations_is_there_when_they_are() -> None:
    world = _world()
    assert "form" in _page(world).tags()
    assert "form" not in _Page(world.client().get("/").text).tags()


def test_the_same_as_json() -> None:
    world = _world()
    found = world.client().get("/status.json")
    assert found.content_type == "application/json"
    assert found.json == world.document()


def test_the_page_stays_small_with_all_that_there_may_be() -> None:
    world = _world()
    world.front.said = {
        **FRONT,
        "popular": {
            "sampled": 9,
            "names": [{"item": "n" * 253, "count": 1.0}] * 20,
            "namespaces": [{"item": "n" * 63, "count": 1.0}] * 20,
        },
    }
    world.ask_peers()
    for sample in range(400):  # An hour in which every sample differs from the one before it.
        world.probe("kubedns", "lost" if sample % 2 else None)
        world.pass_time(hits=sample % 7, misses=sample % 3)
    assert len(world.client().get("/").data) < 150_000
