"""sendInitialEvents is refused where it makes no sense, and by a server told not to know it."""

from __future__ import annotations

import pytest

from devcluster.cluster import DevCluster, Settings
from tests.devcluster.support import SERVICES, call


@pytest.mark.parametrize(
    "query",
    [
        "watch=true&sendInitialEvents=true",
        "watch=true&sendInitialEvents=true&resourceVersionMatch=Exact",
        "sendInitialEvents=true&resourceVersionMatch=NotOlderThan",
        "watch=true&resourceVersionMatch=NotOlderThan",
    ],
)
def test_incomplete_request_is_422(cluster: DevCluster, query: str) -> None:
    assert call(cluster, "GET", f"{SERVICES}?{query}").code == 422


def test_server_without_it_answers_422() -> None:
    query = "watch=true&sendInitialEvents=true&resourceVersionMatch=NotOlderThan"
    with DevCluster(Settings(watch_list=False)) as cluster:
        answer = call(cluster, "GET", f"{SERVICES}?{query}")
        assert (answer.code, answer.json["reason"]) == (422, "Invalid")
