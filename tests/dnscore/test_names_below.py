"""Whether a name lies in a zone: whole labels only."""

from __future__ import annotations

import dns.name
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dnscore.wire import names
from tests.dnscore.wire_strategies import any_name, cluster_name


@pytest.mark.parametrize(
    ("name", "zone", "below"),
    [
        ("cluster.local", "cluster.local", True),
        ("a.cluster.local", "cluster.local", True),
        ("xcluster.local", "cluster.local", False),
        ("local", "cluster.local", False),
        ("a.local", "cluster.local", False),
        ("a", "", True),
        ("", "", True),
        ("", "a", False),
    ],
)
def test_whole_labels(name: str, zone: str, below: bool) -> None:
    assert names.is_below(names.from_text(name), names.from_text(zone)) is below


def test_zone_that_stands_inside_a_label_is_no_zone() -> None:
    # One label that holds the octets `7cluster5local`, length octets and all.
    inside = names.from_labels([b"x\x07cluster\x05local"])
    assert inside.endswith(names.from_text("cluster.local"))
    assert not names.is_below(inside, names.from_text("cluster.local"))
    assert not names.is_below(b"\x02\x01a\x00", b"\x01a\x00")


@given(cluster_name | any_name, cluster_name | any_name, st.booleans())
def test_as_dnspython_sees_it(name: bytes, zone: bytes, joined: bool) -> None:
    name, zone = name.lower(), zone.lower()
    if joined and len(name) + len(zone) <= 256:
        name = name[:-1] + zone
    theirs = dns.name.from_wire(name, 0)[0].is_subdomain(dns.name.from_wire(zone, 0)[0])
    assert names.is_below(name, zone) is theirs
