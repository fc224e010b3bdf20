"""The four patch formats, as rules and over HTTP."""

from __future__ import annotations

import contextlib
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from devcluster.cluster import DevCluster
from devcluster.patch import PatchError, json_patch, merge, strategic
from tests.devcluster.support import Json, call, config_map, service

PATH = "/api/v1/namespaces/default/services/a"
MERGE = "application/merge-patch+json"
STRATEGIC = "application/strategic-merge-patch+json"
JSON_PATCH = "application/json-patch+json"
APPLY = "application/apply-patch+yaml"

RFC_7386_EXAMPLES = [
    # Appendix A: (original, patch, result)
    ({"a": "b"}, {"a": "c"}, {"a": "c"}),
    ({"a": "b"}, {"b": "c"}, {"a": "b", "b": "c"}),
    ({"a": "b"}, {"a": None}, {}),
    ({"a": "b", "b": "c"}, {"a": None}, {"b": "c"}),
    ({"a": ["b"]}, {"a": "c"}, {"a": "c"}),
    ({"a": "c"}, {"a": ["b"]}, {"a": ["b"]}),
    ({"a": {"b": "c"}}, {"a": {"b": "d", "c": None}}, {"a": {"b": "d"}}),
    ({"a": [{"b": "c"}]}, {"a": [1]}, {"a": [1]}),
    (["a", "b"], ["c", "d"], ["c", "d"]),
    ({"a": "b"}, ["c"], ["c"]),
    ({"a": "foo"}, None, None),
    ({"a": "foo"}, "bar", "bar"),
    ({"e": None}, {"a": 1}, {"e": None, "a": 1}),
    ([1, 2], {"a": "b", "c": None}, {"a": "b"}),
    ({}, {"a": {"bb": {"ccc": None}}}, {"a": {"bb": {}}}),
]


@pytest.mark.parametrize("original, patch, result", RFC_7386_EXAMPLES)
def test_merge_patch_examples_of_rfc_7386(original: Any, patch: Any, result: Any) -> None:
    assert merge(original, patch) == result


RFC_6902_EXAMPLES = [
    # Appendix A: (document, operations, result); None: refused
    ({"foo": "bar"}, [{"op": "add", "path": "/baz", "value": "qux"}], {"baz": "qux", "foo": "bar"}),
    ({"a": [1, 3]}, [{"op": "add", "path": "/a/1", "value": 2}], {"a": [1, 2, 3]}),
    ({"a": [1]}, [{"op": "add", "path": "/a/-", "value": 2}], {"a": [1, 2]}),
    ({"a": 1, "b": 2}, [{"op": "remove", "path": "/a"}], {"b": 2}),
    ({"a": [1, 2, 3]}, [{"op": "remove", "path": "/a/1"}], {"a": [1, 3]}),
    ({"a": 1}, [{"op": "replace", "path": "/a", "value": 2}], {"a": 2}),
    (
        {"a": {"x": 1}, "b": {}},
        [{"op": "move", "from": "/a/x", "path": "/b/y"}],
        {"a": {}, "b": {"y": 1}},
    ),
    ({"a": [1, 2, 3]}, [{"op": "move", "from": "/a/0", "path": "/a/2"}], {"a": [2, 3, 1]}),
    ({"a": [1]}, [{"op": "copy", "from": "/a", "path": "/b"}], {"a": [1], "b": [1]}),
    ({"a": 1}, [{"op": "test", "path": "/a", "value": 1}], {"a": 1}),
    ({"a": 1}, [{"op": "test", "path": "/a", "value": 2}], None),
    ({"a~/b": 1}, [{"op": "replace", "path": "/a~0~1b", "value": 2}], {"a~/b": 2}),
    ({"a": 1}, [{"op": "add", "path": "/b/c", "value": 2}], None),
    ({"a": 1}, [{"op": "remove", "path": "/b"}], None),
    ({"a": 1}, [{"op": "remove", "path": ""}], None),
    ({"a": 1}, [{"op": "replace", "path": "", "value": 3}], None),
    ({"a": [1]}, [{"op": "add", "path": "/a/2", "value": 2}], None),
    ({"a": [1]}, [{"op": "replace", "path": "/a/-", "value": 2}], None),
    ({"a": 1}, [{"op": "add", "path": "/b"}], None),
    ({"a": 1}, [{"op": "spin", "path": "/a"}], None),
    ({"a": 1}, [{"op": "remove", "path": "a"}], None),
    ({"a": 1}, ["x"], None),
    ({"a": 1}, {"op": "remove", "path": "/a"}, None),
]


@pytest.mark.parametrize("document, operations, result", RFC_6902_EXAMPLES)
def test_json_patch_examples_of_rfc_6902(
    document: Json, operations: Any, result: Json | None
) -> None:
    before = repr(document)
    if result is None:
        with pytest.raises(PatchError):
            json_patch(document, operations)
    else:
        assert json_patch(document, operations) == result
    assert repr(document) == before


PORTS = [{"name": "http", "port": 80, "targetPort": 8080}, {"name": "dns", "port": 53}]
STRATEGIC_CASES: list[tuple[Json, Json, Json]] = [
    # A Service's ports merge by port.
    (
        {"ports": PORTS},
        {"ports": [{"port": 80, "name": "web"}]},
        {"ports": [{"name": "web", "port": 80, "targetPort": 8080}, {"name": "dns", "port": 53}]},
    ),
    ({"ports": PORTS}, {"ports": [{"port": 81}]}, {"ports": [*PORTS, {"port": 81}]}),
    ({"ports": PORTS}, {"ports": [{"port": 80, "$patch": "delete"}]}, {"ports": PORTS[1:]}),
    ({"ports": PORTS}, {"ports": [{"port": 81}, {"$patch": "replace"}]}, {"ports": [{"port": 81}]}),
    ({"ports": PORTS}, {"$setElementOrder/ports": [{"port": 80}]}, {"ports": PORTS}),
    ({"a": {"x": 1, "y": 2}}, {"a": {"$patch": "replace", "z": 3}}, {"a": {"z": 3}}),
    ({"a": {"x": 1}}, {"a": {"$patch": "delete"}}, {}),
    ({"a": {"x": 1, "y": 2}}, {"a": {"$retainKeys": ["y"], "y": 3}}, {"a": {"y": 3}}),
    ({"finalizers": ["a"]}, {"finalizers": ["b"]}, {"finalizers": ["a", "b"]}),
    (
        {"finalizers": ["a", "b"]},
        {"$deleteFromPrimitiveList/finalizers": ["a"]},
        {"finalizers": ["b"]},
    ),
    ({"clusterIPs": ["1"]}, {"clusterIPs": ["2"]}, {"clusterIPs": ["2"]}),
    ({"a": 1, "b": 2}, {"a": None}, {"b": 2}),
]


@pytest.mark.parametrize("target, patch, result", STRATEGIC_CASES)
def test_strategic_merge(target: Json, patch: Json, result: Json) -> None:
    before = repr(target)
    assert strategic(target, patch, kind="Service") == result
    assert repr(target) == before


@pytest.mark.parametrize("kind", ["EndpointSlice", "Endpoints"])
def test_lists_of_endpoints_are_replaced(kind: str) -> None:
    target: Json = {"ports": [{"name": "a", "port": 1}], "endpoints": [{"addresses": ["x"]}]}
    patch: Json = {"ports": [{"name": "b", "port": 1}], "endpoints": []}
    assert strategic(target, patch, kind=kind) == patch


values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=3),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(["a", "ports", "port", "name", "$patch", "$retainKeys", "finalizers"])
            | st.text(max_size=2),
            inner,
            max_size=3,
        )
    ),
    max_leaves=12,
)
objects = st.dictionaries(st.sampled_from(["a", "ports", "finalizers", "$patch"]), values)
pointers = st.text(alphabet="/~01a-", max_size=6)
json_operations = st.lists(
    st.fixed_dictionaries(
        {"op": st.sampled_from(["add", "remove", "replace", "move", "copy", "test"])},
        optional={"path": pointers, "from": pointers, "value": values},
    )
    | values,
    max_size=4,
)


@given(objects, values)
def test_merging_a_patch_twice_is_merging_it_once(target: Json, patch: Any) -> None:
    once = merge(target, patch)
    assert merge(once, patch) == once


@given(objects, objects)
def test_strategic_merge_of_anything_gives_an_object_or_a_patch_error(
    target: Json, patch: Json
) -> None:
    with contextlib.suppress(PatchError):
        assert isinstance(strategic(target, patch, kind="Service"), dict)


@given(objects, json_operations)
def test_json_patch_of_anything_gives_an_object_or_a_patch_error(
    target: Json, operations: Any
) -> None:
    with contextlib.suppress(PatchError):
        assert isinstance(json_patch(target, operations), dict)


@pytest.mark.parametrize(
    "content_type, body",
    [
        (MERGE, {"metadata": {"labels": {"x": "y"}}}),
        (STRATEGIC, {"metadata": {"labels": {"x": "y"}}}),
        (JSON_PATCH, [{"op": "add", "path": "/metadata/labels", "value": {"x": "y"}}]),
        (APPLY, {"metadata": {"name": "a", "labels": {"x": "y"}}}),
        (APPLY, b"metadata:\n  labels: {x: y}\n"),
    ],
)
def test_each_format_over_http(cluster: DevCluster, content_type: str, body: Any) -> None:
    before = cluster.create(service("a"))
    answer = call(cluster, "PATCH", PATH, body, content_type=content_type)
    assert answer.code == 200
    assert answer.json["metadata"]["labels"] == {"x": "y"}
    assert answer.json["spec"] == before["spec"]


def test_apply_creates_what_is_missing(cluster: DevCluster) -> None:
    body = service("a")
    answer = call(cluster, "PATCH", PATH, body, content_type=APPLY)
    assert answer.code == 201
    assert cluster.get("services", "a", "default") == answer.json


def test_other_patches_of_a_missing_object_are_404(cluster: DevCluster) -> None:
    assert call(cluster, "PATCH", PATH, {}, content_type=MERGE).code == 404


def test_patch_with_an_outdated_version_is_409(cluster: DevCluster) -> None:
    cluster.create(service("a"))
    body = {"metadata": {"resourceVersion": "1", "labels": {"x": "y"}}}
    assert call(cluster, "PATCH", PATH, body, content_type=MERGE).code == 409


@pytest.mark.parametrize(
    "content_type, body, code",
    [
        ("application/json", {}, 415),
        ("application/vnd.kubernetes.protobuf", b"k8s", 415),
        (MERGE, b"[]", 400),
        (MERGE, b"{", 400),
        (APPLY, b"a: [", 400),
        (APPLY, b"- a", 400),
        (JSON_PATCH, [{"op": "remove", "path": "/nothing"}], 422),
        (JSON_PATCH, {}, 422),
        (STRATEGIC, {"$patch": "delete"}, 422),
        (MERGE, {"spec": {"ports": "x"}}, 400),
        (MERGE, {"spec": None}, 422),
        (MERGE, {"metadata": {"name": "b"}}, 400),
        (JSON_PATCH, [{"op": "replace", "path": "/metadata", "value": 1}], 400),
    ],
)
def test_patches_that_are_refused(
    cluster: DevCluster, content_type: str, body: Any, code: int
) -> None:
    before = cluster.create(service("a"))
    answer = call(cluster, "PATCH", PATH, body, content_type=content_type)
    assert (answer.code, answer.json["kind"]) == (code, "Status")
    assert cluster.get("services", "a", "default") == before


def test_removing_a_key_of_a_config_map(cluster: DevCluster) -> None:
    cluster.create(config_map("a", x="1", y="2"))
    after = cluster.patch("configmaps", "a", {"data": {"x": None}}, "default")
    assert after["data"] == {"y": "2"}
