"""Any question of the zone has an explanation, and its outcome is the answer's."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from dnscore.wire import names
from dnscore.wire.types import type_number
from kubedns.explain.zone import explain
from tests.explain.world import ZONES, servers_for

LABELS = [
    *("web", "db", "queue", "alone", "out", "round", "lost", "bad", "shop", "prod", "empty"),
    *("gone", "svc", "pod", "dns", "ns", "dns-version", "fed", "*", "_tcp", "_udp", "_http"),
    *("_pg", "http", "tcp", "db-0", "10-244-1-7", "10-244-1-5", "kube-dns", "kube-system"),
]
TYPES = ["A", "AAAA", "SRV", "ANY", "CNAME", "TXT", "SOA", "PTR", "TYPE65280"]
NEGATIVE = {"NXDOMAIN", "NODATA"}


@given(
    st.sampled_from(sorted(ZONES)),
    st.lists(st.sampled_from(LABELS), max_size=6),
    st.sampled_from(TYPES),
)
def test_any_name_made_of_known_labels(heading: str, labels: list[str], rdtype: str) -> None:
    zone = ZONES[heading]()
    name = ".".join([*labels, "cluster.local"])
    said = explain(zone.tree, names.from_text(name), type_number(rdtype), servers_for=servers_for)
    assert said.finding.sentence.endswith((".", "?", said.aliases[-1] if said.aliases else "."))
    assert said.finding.cause
    reply = zone.ask(f"{name} {rdtype}")
    if said.outcome == "FORWARDED":
        assert zone.upstream.resolved
    elif said.outcome in NEGATIVE:
        assert reply.authority
        assert (reply.rcode == "NXDOMAIN") == (said.outcome == "NXDOMAIN")
    elif said.outcome == "ANSWER":
        assert reply.answers
    else:
        assert reply.rcode == said.outcome
