"""A walk along the search list: who answered, why not, and what it says in the end."""

from __future__ import annotations

import json
from typing import Any

import pytest

from sidecar.address import ServerAddress
from sidecar.explain.asked import Pages, Sources
from sidecar.explain.render import text_of
from sidecar.explain.walk import Walker
from sidecar.page_fetch import FetchError
from sidecar.page_url import PageUrl, parse_url

Json = dict[str, Any]

FRONT_PAGE = parse_url("http://127.0.0.1:1/explain")
KUBEDNS_PAGE = parse_url("http://127.0.0.1:2/explain")
SOURCES = Sources(ServerAddress("127.0.0.1", 53), FRONT_PAGE, KUBEDNS_PAGE)


def front(cause: str, *, cluster: bool = True, sent: int = 1) -> Json:
    address = "127.0.0.1:10053" if cluster else "192.0.2.53:53"
    servers = [{"address": address, "health": "fine", "sent": sent, "failed": 0}]
    cache = {"left_s": 12.0} if cause.startswith("cached") else None
    route = {"is_cluster": cluster, "servers": servers}
    return {"cause": cause, "sentence": f"front: {cause}.", "cache": cache, "route": route}


def kubedns(outcome: str, cause: str, **fields: Any) -> Json:
    return {"outcome": outcome, "cause": cause, "sentence": f"kubedns: {cause}.", **fields}


def answer(outcome: str, **fields: Any) -> Json:
    return {"outcome": outcome, "answers": [], "ttl_s": None, **fields}


class Script:
    """What DNS and both pages say, by name."""

    def __init__(self) -> None:
        self.answers: dict[str, Json] = {}
        self.pages: dict[tuple[int, str], list[Json]] = {}

    def says(self, name: str, answered: Json, before: Json, kube: Json | None = None) -> None:
        later = json.loads(json.dumps(before))
        for server in later["route"]["servers"]:
            server["sent"] += 1
        self.answers[name] = answered
        self.pages[1, name] = [before, later]
        if kube is not None:
            self.pages[2, name] = [kube]

    def read(self, url: PageUrl) -> str:
        name = url.path.partition("name=")[2].partition("&")[0]
        said = self.pages.get((url.server.port, name))
        if not said:
            raise FetchError(f"{url}: status 404")
        return json.dumps(said.pop(0) if len(said) > 1 else said[0])

    def walker(self, **fields: Any) -> Walker:
        return Walker(
            SOURCES,
            zone="cluster.local",
            ask=lambda sources, name, rdtype: self.answers[name],
            make_pages=lambda sources: Pages(sources, read=self.read),
            **fields,
        )


def test_a_walk_ends_with_the_first_answer() -> None:
    script = Script()
    script.says(
        "web.shop.prod.svc.cluster.local.",
        answer("NXDOMAIN"),
        front("cluster"),
        kubedns("NXDOMAIN", "no-such-service"),
    )
    script.says(
        "web.shop.svc.cluster.local.",
        answer("ANSWER", answers=["web.shop.svc.cluster.local. A 10.96.0.20"], ttl_s=12),
        front("cached"),
        kubedns("ANSWER", "cluster-ip"),
    )
    view = script.walker().view("web.shop", "A", "prod/x")
    assert [(one["name"], one["who"], one["cause"]) for one in view["tries"]] == [
        ("web.shop.prod.svc.cluster.local.", "kubedns", "no-such-service"),
        ("web.shop.svc.cluster.local.", "front cache", "cluster-ip"),
    ]
    assert view["tries"][0]["servers"] == ["127.0.0.1:10053"]
    assert view["found"]
    assert "name 2 of the 4" in view["verdict"]
    assert view["problems"] == []
    assert "10.96.0.20" in text_of(view)


@pytest.mark.parametrize(
    ("name", "blamed"),
    [
        ("web", "web.default.svc.cluster.local."),
        ("web.shop", "web.shop.svc.cluster.local."),
        ("web.shop.svc", "web.shop.svc.cluster.local."),
        ("www.example.com", "www.example.com."),
    ],
)
def test_a_walk_in_vain_blames_the_name_that_was_meant(name: str, blamed: str) -> None:
    script = Script()
    for domain in ("default.svc.", "svc.", ""):
        script.says(
            f"{name}.{domain}cluster.local.",
            answer("NXDOMAIN"),
            front("cluster"),
            kubedns("NXDOMAIN", "no-such-service"),
        )
    script.says(f"{name}.", answer("NXDOMAIN"), front("default", cluster=False))
    view = script.walker().view(name, "A")
    assert not view["found"]
    assert view["verdict"].startswith(f"There is no A record. {blamed} NXDOMAIN: ")
    assert view["tries"][-1]["who"] == "upstream"
    assert view["tries"][-1]["kubedns"] is None


def test_a_cache_that_differs_from_kubedns_is_told() -> None:
    script = Script()
    script.says(
        "new.shop.svc.cluster.local.",
        answer("NXDOMAIN"),
        front("cached-negative"),
        kubedns("ANSWER", "cluster-ip"),
    )
    view = script.walker().view("new.shop.svc.cluster.local.", "A")
    (only,) = view["tries"]
    assert only["cause"] == "cache-differs"
    assert only["reasons"][-1] == "kubedns itself would say ANSWER now."


def test_what_decided_and_what_is_not_ready_is_shown() -> None:
    script = Script()
    script.says(
        "queue.prod.svc.cluster.local.",
        answer("NXDOMAIN"),
        front("cluster"),
        kubedns(
            "NXDOMAIN",
            "no-ready-endpoints",
            object={
                "kind": "Service",
                "namespace": "prod",
                "name": "queue",
                "resource_version": "812",
            },
            changed={"seconds_ago": 12.4, "exact": False},
            not_ready=["10.244.1.8 (Pod queue-0): not ready"],
        ),
    )
    text = text_of(script.walker().view("queue.prod.svc.cluster.local.", "A"))
    decided = "decided by Service prod/queue, resourceVersion 812"
    assert f"{decided}, answers last changed at least 12 s ago" in text
    assert "not in DNS: 10.244.1.8 (Pod queue-0): not ready" in text


def test_when_something_went_away_is_shown() -> None:
    script = Script()
    script.says(
        "web.prod.svc.cluster.local.",
        answer("NXDOMAIN"),
        front("cluster"),
        kubedns("NXDOMAIN", "no-such-service", changed={"seconds_ago": 3.2, "exact": True}),
    )
    text = text_of(script.walker().view("web.prod.svc.cluster.local.", "A"))
    assert "answers here last changed 3 s ago" in text


def test_without_any_page_the_answers_are_shown_all_the_same() -> None:
    script = Script()
    script.answers["web."] = answer("ANSWER", answers=["web. A 192.0.2.1"])
    view = script.walker().view("web.", "A")
    assert view["found"]
    assert view["problems"] == [
        "front does not explain itself: http://127.0.0.1:1/explain: status 404"
    ]
    (only,) = view["tries"]
    assert (only["who"], only["cause"]) == ("front", "unknown")


def test_what_makes_an_answer_doubtful_is_shown() -> None:
    script = Script()
    failing = front("cluster")
    failing["route"]["servers"][0].update(health="missing", sent=7, failed=3)
    script.says(
        "web.prod.svc.cluster.local.",
        answer("SERVFAIL"),
        failing,
        kubedns(
            "NXDOMAIN",
            "no-ready-endpoints",
            api_server_away=True,
            not_ready_error="connection refused",
        ),
    )
    text = text_of(script.walker().view("web.prod.svc.cluster.local.", "A"))
    assert "kubedns cannot reach the API server: this is what it last knew" in text
    assert "which endpoints are not ready cannot be told: connection refused" in text
    assert "server 127.0.0.1:10053: missing, 3 of 7 questions without an answer" in text
    assert "kubedns itself would say NXDOMAIN now." in text
    assert "; answers-differ" in text


def test_a_name_that_the_front_answers_itself() -> None:
    script = Script()
    script.says("printer.", answer("ANSWER"), front("local-record", cluster=False))
    (only,) = script.walker().view("printer.", "A")["tries"]
    assert (only["who"], only["servers"]) == ("front", [])


def test_a_name_too_long_for_any_question() -> None:
    name = ".".join(["a" * 63] * 4)
    view = Script().walker().view(name, "A")
    assert (view["found"], view["tries"]) == (False, [])
    assert view["verdict"].endswith("is too long to be asked for.")


def test_of_several_workers_one_is_looked_at() -> None:
    script = Script()
    script.says("web.", answer("ANSWER"), {**front("cached", cluster=False), "workers": 3})
    view = script.walker().view("web.", "A")
    assert "the front's 3 workers" in view["assumed"][-1]
    assert "the front's 3 workers" in text_of(view)


def test_a_failure_on_the_way_is_what_is_told() -> None:
    script = Script()
    script.says(
        "web.default.svc.cluster.local.",
        answer("SERVFAIL", errors=["23 NETWORK_ERROR"]),
        front("cluster"),
    )
    for domain in ("svc.", ""):
        script.says(f"web.{domain}cluster.local.", answer("NXDOMAIN"), front("cluster"))
    script.says("web.", answer("NXDOMAIN"), front("default", cluster=False))
    view = script.walker().view("web", "A")
    assert view["verdict"].startswith("web A fails. web.default.svc.cluster.local. SERVFAIL: ")
    assert [one["who"] for one in view["tries"]] == ["front", "kubedns", "kubedns", "upstream"]


def test_a_stale_answer_is_the_front_s() -> None:
    script = Script()
    script.says("web.", answer("ANSWER", stale=True), front("cached-untrusted"))
    (only,) = script.walker().view("web.", "A")["tries"]
    assert (only["who"], only["servers"]) == ("front cache", [])


def test_a_front_that_does_not_answer() -> None:
    script = Script()
    failed = answer("NO ANSWER", error="cannot ask 127.0.0.1:53: Connection refused")
    script.says("web.", failed, front("default", cluster=False))
    script.answers["web.default.svc.cluster.local."] = failed
    view = script.walker().view("web", "A")
    (only,) = view["tries"]
    assert only["who"] == "nobody"
    assert view["verdict"].startswith("web A fails. web.default.svc.cluster.local. NO ANSWER: ")
    assert "Connection refused" in view["verdict"]
    assert "Connection refused" in text_of(view)
