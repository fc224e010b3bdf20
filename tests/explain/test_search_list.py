"""The names that a resolver tries, as resolv.conf(5) and Kubernetes have it."""

from __future__ import annotations

import pytest

from sidecar.explain.search_list import search_list, tried_names

SEARCH = search_list("shop", "cluster.local.", ["corp.test"])


@pytest.mark.parametrize(
    ("name", "tried"),
    [
        ("web", "web.shop.svc.cluster.local. web.svc.cluster.local. web.cluster.local. "
                "web.corp.test. web."),
        ("Web.Prod", "web.prod.shop.svc.cluster.local. web.prod.svc.cluster.local. "
                     "web.prod.cluster.local. web.prod.corp.test. web.prod."),
        ("web.prod.", "web.prod."),
        ("a.b.c.d.e.f", "a.b.c.d.e.f. a.b.c.d.e.f.shop.svc.cluster.local. "
                        "a.b.c.d.e.f.svc.cluster.local. a.b.c.d.e.f.cluster.local. "
                        "a.b.c.d.e.f.corp.test."),
        ("10.96.0.20", "20.0.96.10.in-addr.arpa."),
        ("::1", "1.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.ip6.arpa."),
    ],
)  # fmt: skip
def test_names_in_their_order(name: str, tried: str) -> None:
    assert tried_names(name, SEARCH) == tuple(tried.split())


def test_a_resolver_with_other_ndots() -> None:
    assert tried_names("web.prod", SEARCH, ndots=1)[0] == "web.prod."


def test_a_name_too_long_with_a_suffix_is_not_tried_with_it() -> None:
    name = ".".join(["a" * 60] * 4)
    assert tried_names(name, SEARCH) == (f"{name}.corp.test.", f"{name}.")
