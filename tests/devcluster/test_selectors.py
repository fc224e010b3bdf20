"""Label and field selectors."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from devcluster.cluster import DevCluster
from devcluster.resources import PODS
from devcluster.selectors import parse_fields, parse_labels
from devcluster.status import ApiError
from tests.devcluster.support import SERVICES, call

LABELS = {"app": "web", "tier": "front", "empty": ""}


@pytest.mark.parametrize(
    "selector, selected",
    [
        ("", True),
        ("app=web", True),
        ("app==web", True),
        ("app = web , tier = front", True),
        ("app=db", False),
        ("app!=db", True),
        ("app!=web", False),
        ("none!=x", True),
        ("app", True),
        ("none", False),
        ("!none", True),
        ("!app", False),
        ("app in (web, db)", True),
        ("app in (db)", False),
        ("app notin (db)", True),
        ("none notin (db)", True),
        ("app in (web),tier notin (back),!none", True),
        ("empty=", True),
        ("kubernetes.io/name=x", False),
    ],
)
def test_label_selectors(selector: str, selected: bool) -> None:
    assert parse_labels(selector)(LABELS) is selected


@pytest.mark.parametrize("selector", ["=x", "a in", "a in (b", "a b", "a=b c", "(a)", "!", "a,,b"])
def test_label_selectors_that_are_refused(selector: str) -> None:
    with pytest.raises(ApiError) as caught:
        parse_labels(selector)
    assert caught.value.code == 400


POD = {
    "metadata": {"name": "p", "namespace": "n"},
    "spec": {"nodeName": "node-a"},
    "status": {"phase": "Running"},
}


@pytest.mark.parametrize(
    "selector, selected",
    [
        ("metadata.name=p", True),
        ("metadata.name==p,metadata.namespace=n", True),
        ("metadata.name!=p", False),
        ("spec.nodeName=node-a,status.phase!=Failed", True),
        ("status.podIP=", True),
    ],
)
def test_field_selectors(selector: str, selected: bool) -> None:
    assert parse_fields(PODS, selector)(POD) is selected


@pytest.mark.parametrize("selector", ["spec.color=red", "metadata.name", "=x"])
def test_field_selectors_that_are_refused(cluster: DevCluster, selector: str) -> None:
    answer = call(cluster, "GET", f"{SERVICES}?fieldSelector={selector}")
    assert answer.code == 400


@given(st.text(alphabet="ab=!,() inot", max_size=20))
def test_any_text_is_a_selector_or_refused(text: str) -> None:
    try:
        assert parse_labels(text)(LABELS) in (True, False)
    except ApiError as error:
        assert error.code == 400
