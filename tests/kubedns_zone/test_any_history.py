"""The served zone follows from the objects alone, whatever order they came in."""

from __future__ import annotations

from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from kubedns.rows import ENDPOINT_SLICES, PODS, SERVICES, Batch, Key, NamespaceRow, Row
from kubedns.rows import NAMESPACES as NAMESPACE_OBJECTS
from tests.kubedns_zone.served import ServedZone, pod_row, service_row, slice_row

NAMES = ("a", "b", "c")
NAMESPACES = ("n", "m")
ADDRESSES = [f"10.0.0.{n}" for n in range(1, 5)]
PORTS = ("", "http/tcp:80", "http/tcp:81 dns/udp:53")

services = st.fixed_dictionaries(
    {"ports": st.sampled_from(PORTS)},
    optional={
        "kind": st.sampled_from(
            [
                {"headless": True},
                {"headless": True, "ports": ""},
                {"ips": "10.0.0.1"},
                {"ips": "10.0.0.9 fd00::9"},
                {"external": "a.n.svc.cluster.local"},
                {"external": "h.b.m.svc.cluster.local"},
                {"external": "m.svc.cluster.local"},
                {"external": "10-0-0-2.m.pod.cluster.local"},
                {"external": "b.m.east.svc.cluster.local"},
                {"external": "ns.dns.cluster.local"},
                {"external": "example.com"},
            ]
        )
    },
)
endpoints = st.lists(
    st.tuples(st.sampled_from(["", "h@", "i@"]), st.sampled_from(ADDRESSES)), max_size=4
).map(lambda pairs: " ".join(host + ip for host, ip in pairs))
keys = st.tuples(st.sampled_from(NAMESPACES), st.sampled_from(NAMES))


@st.composite
def changes(draw: st.DrawFn) -> tuple[str, Key, Row | None]:
    ns, name = draw(keys)
    gone = draw(st.integers(0, 3)) == 0
    kind = draw(st.sampled_from([SERVICES, SERVICES, ENDPOINT_SLICES, NAMESPACE_OBJECTS, PODS]))
    if kind == NAMESPACE_OBJECTS:
        return NAMESPACE_OBJECTS, ("", ns), None if gone else NamespaceRow(ns)
    if kind == PODS:
        ips = draw(st.lists(st.sampled_from([*ADDRESSES, "fd00::1"]), max_size=2, unique=True))
        return PODS, (ns, name), None if gone else pod_row(name, " ".join(ips), ns=ns)
    if kind == SERVICES:
        fields: dict[str, Any] = draw(services)
        options = {"ports": fields["ports"], **fields.get("kind", {})}
        return SERVICES, (ns, name), None if gone else service_row(name, ns=ns, **options)
    owner, text, ports = draw(st.sampled_from(NAMES)), draw(endpoints), draw(st.sampled_from(PORTS))
    pods = " ".join(f"p{at}" for at in range(len(text.split())))
    row = slice_row("s-" + name, owner, text, ns=ns, ports=ports, pods=pods)
    return ENDPOINT_SLICES, (ns, "s-" + name), None if gone else row


FRONTS = (
    "",
    "h.",
    "i.",
    "10-0-0-1.",
    "3234633364383235.",
    "_tcp.",
    "_http._tcp.",
    "h._http._tcp.",
)
QUESTIONS = [
    *(
        f"{front}{name}.{ns}.svc.cluster.local."
        for front in FRONTS
        for name in NAMES
        for ns in NAMESPACES
    ),
    *(f"{ns}.{branch}.cluster.local." for ns in NAMESPACES for branch in ("svc", "pod", "*")),
    *(f"{label}.m.pod.cluster.local." for label in ("10-0-0-1", "10-0-0-2", "fd00--1")),
    *(f"{name}.m.{fed}.svc.cluster.local." for name in NAMES for fed in ("east", "n")),
    "p0.b.m.svc.cluster.local.",
    "ns.dns.cluster.local.",
    *(
        f"{wild}.cluster.local."
        for wild in (
            "a.*.svc",
            "a.n.*",
            "b.*.*",
            "*.b.m.svc",
            "*.n.svc",
            "*.*.svc",
            "_http._tcp.*.m.svc",
            "_http._tcp.*.*.svc",
            "h.*.n.svc",
            "h.*.*.*",
            "_tcp.*.m.svc",
            "*._http._tcp.a.*.svc",
        )
    ),
    *(f"{n}.0.0.10.in-addr.arpa." for n in (1, 2, 3, 4, 9)),
]


def served(zone: ServedZone) -> dict[str, Any]:
    """Everything that can be asked."""
    zone.upstream.forwarded.clear()
    found = {}
    for name in QUESTIONS:
        for rdtype in ("PTR",) if name.endswith("arpa.") else ("A", "SRV"):
            reply = zone.ask(f"{name} {rdtype}", edns=1232)
            found[f"{name} {rdtype}"] = (
                reply.rcode, reply.answers, reply.authority, reply.additional
            )  # fmt: skip
    return found | {"forwarded": zone.upstream.forwarded.copy()}


def new_zone(*, synced: bool = True) -> ServedZone:
    """Everything that may be had."""
    zone = ServedZone(synced=synced, pods="verified", endpoint_names="pod")
    zone.federations(east="east.example.com", n="n.example.com")
    return zone


@settings(max_examples=30, deadline=None)
@given(st.lists(changes(), max_size=25), st.randoms(use_true_random=False), st.booleans())
def test_a_history_ends_where_its_last_objects_say(
    history: list[tuple[str, Key, Row | None]],
    random: Any,
    late: bool,
) -> None:
    zone = new_zone(synced=not late)
    final: dict[tuple[str, Key], Row] = {}
    for number, (resource, key, row) in enumerate(history):
        zone.apply(resource, [(key, row)])
        if number % 10 == 0:
            served(zone)  # Fills the prebuilt answers, which must not outlive their truth.
        if row is None:
            final.pop((resource, key), None)
        else:
            final[resource, key] = row
    zone.sync()

    at_once = new_zone(synced=False)
    shuffled = list(final.items())
    random.shuffle(shuffled)
    for resource in random.sample([SERVICES, ENDPOINT_SLICES, NAMESPACE_OBJECTS, PODS], 4):
        rows = [(key, row) for (kind, key), row in shuffled if kind == resource]
        at_once.apply(resource, rows, synced=True)

    assert served(zone) == served(at_once)
    assert zone.tree.dump() == at_once.tree.dump()
    assert zone.tree.addresses == at_once.tree.addresses
    assert zone.failures == at_once.failures == []


@settings(max_examples=40, deadline=None)
@given(st.lists(changes(), max_size=12), changes())
def test_every_answer_that_differs_has_its_name_among_the_changed(
    history: list[tuple[str, Key, Row | None]], last: tuple[str, Key, Row | None]
) -> None:
    # Whoever caches, the front above all, drops what is at and below these names.
    zone = new_zone()
    for resource, key, row in history:
        zone.apply(resource, [(key, row)])
    before = served(zone)
    changed = zone.apply(last[0], [(last[1], last[2])])
    after = served(zone)
    for question in before.keys() - {"forwarded"}:
        if before[question] != after[question]:
            name = question.split()[0]
            assert any(name == c or name.endswith("." + c) for c in changed), (name, changed)


@settings(max_examples=20, deadline=None)
@given(st.lists(changes(), max_size=25))
def test_deleting_everything_leaves_nothing(history: list[tuple[str, Key, Row | None]]) -> None:
    zone = new_zone()
    for resource, key, row in history:
        zone.apply(resource, [(key, row)])
    for resource, key, _ in history:
        zone.apply(resource, [(key, None)])
    tree = zone.tree
    assert (len(tree), tree.slices, tree.addresses, tree._waiting) == (0, 0, 0, {})
    assert tree._aliases._by_target == {}
    assert (len(tree.pods), tree.pods._namespaces, tree._namespaces) == (0, {}, set())
    assert served(zone)["a.n.svc.cluster.local. A"][0] == "NXDOMAIN"


def test_an_unknown_resource_changes_nothing() -> None:
    zone = ServedZone()
    assert zone.tree.apply(Batch("nodes", ((("n", "p"), None),), True)) == frozenset()
