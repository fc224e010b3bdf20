"""Pages of one list show one moment, whatever is written meanwhile."""

from __future__ import annotations

from urllib.parse import quote

import pytest

from devcluster.cluster import DevCluster, Settings
from tests.devcluster.support import SERVICES, Answer, call, namespace, service


def page(cluster: DevCluster, token: str = "", *, path: str = SERVICES, limit: int = 2) -> Answer:
    return call(cluster, "GET", f"{path}?limit={limit}&continue={quote(token)}")


def names(answer: Answer) -> list[str]:
    return [item["metadata"]["name"] for item in answer.json["items"]]


@pytest.fixture
def five(cluster: DevCluster) -> DevCluster:
    for name in "abcde":
        cluster.create(service(name))
    return cluster


def test_pages_follow_one_another_in_order(five: DevCluster) -> None:
    first = page(five)
    second = page(five, first.json["metadata"]["continue"])
    third = page(five, second.json["metadata"]["continue"])
    assert [names(first), names(second), names(third)] == [
        ["a", "b"],
        ["c", "d"],
        ["e", "kubernetes"],
    ]
    assert [a.json["metadata"].get("remainingItemCount") for a in (first, second, third)] == [
        4,
        2,
        None,
    ]
    assert "continue" not in third.json["metadata"]


def test_later_pages_do_not_see_later_writes(five: DevCluster) -> None:
    first = page(five)
    five.delete("services", "c", "default")
    five.create(service("d2"))
    five.patch("services", "e", {"metadata": {"labels": {"x": "y"}}}, "default")
    rest = page(five, first.json["metadata"]["continue"], limit=10)
    assert names(rest) == ["c", "d", "e", "kubernetes"]
    assert all("labels" not in item["metadata"] for item in rest.json["items"][:-1])
    assert rest.json["metadata"]["resourceVersion"] == first.json["metadata"]["resourceVersion"]


def test_expired_continue_is_410_with_a_token_that_goes_on(five: DevCluster) -> None:
    first = page(five)
    five.create(service("d2"))
    five.compact()
    gone = page(five, first.json["metadata"]["continue"])
    assert (gone.code, gone.json["reason"]) == (410, "Expired")
    rest = page(five, gone.json["metadata"]["continue"], limit=10)
    assert names(rest) == ["c", "d", "d2", "e", "kubernetes"]


def test_pages_within_a_namespace(five: DevCluster) -> None:
    five.create(namespace("other"))
    five.create(service("a", "other"))
    path = "/api/v1/namespaces/default/services"
    first = page(five, path=path, limit=5)
    rest = page(five, first.json["metadata"]["continue"], path=path, limit=5)
    assert names(first) + names(rest) == ["a", "b", "c", "d", "e", "kubernetes"]


def test_limit_is_ignored_at_version_zero(five: DevCluster) -> None:
    answer = call(five, "GET", f"{SERVICES}?resourceVersion=0&limit=2")
    assert len(answer.json["items"]) == 6
    assert "continue" not in answer.json["metadata"]


def test_remaining_count_is_unknown_with_a_selector(five: DevCluster) -> None:
    answer = call(five, "GET", f"{SERVICES}?limit=1&labelSelector=!component")
    assert "continue" in answer.json["metadata"]
    assert "remainingItemCount" not in answer.json["metadata"]


def test_exact_version_is_served_until_it_is_forgotten() -> None:
    with DevCluster(Settings(start_version=1000, history_size=3)) as cluster:
        then = cluster.resource_version
        cluster.create(service("a"))
        exact = f"{SERVICES}?resourceVersion={then}&resourceVersionMatch=Exact"
        assert names(call(cluster, "GET", exact)) == ["kubernetes"]
        for name in "bcde":
            cluster.create(service(name))
        assert call(cluster, "GET", exact).code == 410


def test_not_older_than_gives_the_present(five: DevCluster) -> None:
    query = "resourceVersion=1001&resourceVersionMatch=NotOlderThan"
    answer = call(five, "GET", f"{SERVICES}?{query}")
    assert len(answer.json["items"]) == 6
    assert answer.json["metadata"]["resourceVersion"] == str(five.resource_version)


@pytest.mark.parametrize(
    "query",
    [
        "continue=x",
        "continue=eyJ2IjoibWV0YS5rOHMuaW8vdjEiLCJydiI6IjEifQ",
        "limit=-1",
        "limit=many",
        "resourceVersion=abc",
        "resourceVersion=1&continue=eyJ2IjoibWV0YS5rOHMuaW8vdjEiLCJydiI6MTAwMSwic3RhcnQiOiIvYSJ9",
        "resourceVersionMatch=Sometimes",
        "resourceVersionMatch=Exact",
        "watch=perhaps",
        "dryRun=1&timeoutSeconds=x",
    ],
)
def test_parameters_that_make_no_sense_are_400(cluster: DevCluster, query: str) -> None:
    answer = call(cluster, "GET", f"{SERVICES}?{query}")
    assert (answer.code, answer.json["reason"]) == (400, "BadRequest")
