"""The record tree in the shape and spelling of kube-dns's /cache."""

from __future__ import annotations

import json

from kubedns.dump import cache_text
from tests.kubedns_zone.served import ServedZone


def node(children: object = None, entries: object = None) -> dict[str, object]:
    return {"ChildNodes": children or {}, "Entries": entries or {}}


def record(host: str, port: int = 0) -> dict[str, object]:
    rest = {"priority": 10, "weight": 10, "ttl": 30}
    return {"host": host, **({"port": port} if port else {}), **rest}


def test_an_empty_tree_is_spelled_as_kube_dns_does(zone: ServedZone) -> None:
    lines = "".join(cache_text(zone.tree)).splitlines()
    assert lines[:4] == ["{", '\t"ChildNodes": {', '\t\t"local": {', '\t\t\t"ChildNodes": {']
    assert lines[-2:] == ['\t"Entries": {}', "}"]
    assert zone.tree.dump() == node({"local": node({"cluster": node({"svc": node()})})})


def test_the_tree_of_a_small_cluster(zone: ServedZone) -> None:
    zone.service("web", ips="10.0.0.1", ports="http/tcp:80 /tcp:9")
    zone.service("db", ns="other", headless=True)
    zone.slice("a", "db", "twin@10.0.0.1 twin@10.0.0.2", ns="other", ports="pg/tcp:5432")
    zone.service("out", external="example.com")
    zone.service("only", ns="aliases", external="example.org")
    first, second = "3234633364383235", "6661613463623165"
    namespaces = {
        "aliases": node(entries={"only": record("example.org")}),
        "default": node(
            {
                "web": node(
                    {"_tcp": node({"_http": node(entries={
                        first: record("web.default.svc.cluster.local.", 80)})})},
                    {first: record("10.0.0.1")},
                )
            },
            {"out": record("example.com")},
        ),
        "other": node(
            {
                "db": node(
                    {"_tcp": node({"_pg": node(entries={
                        second: record("twin.db.other.svc.cluster.local.", 5432),
                        "twin": record("twin.db.other.svc.cluster.local.", 5432)})})},
                    {second: record("10.0.0.2"), "twin": record("10.0.0.1")},
                )
            }
        ),
    }  # fmt: skip
    expected = node({"local": node({"cluster": node({"svc": node(namespaces)})})})
    assert zone.tree.dump() == expected
    text = "".join(cache_text(zone.tree))
    assert text == json.dumps(expected, indent="\t")


def test_the_tree_may_change_while_it_is_written(zone: ServedZone) -> None:
    for ns in ("a", "b", "c"):
        for n in range(3):
            zone.service(f"s{n}", ns=ns, ips="10.0.0.1")
    pieces = []
    for number, piece in enumerate(cache_text(zone.tree)):
        pieces.append(piece)
        match number:
            case 8:
                zone.no_service("s1", ns="a")
                zone.no_service("s2", ns="a")
            case 10:
                zone.service("s0", ns="z", ips="10.0.0.2")
            case 11:
                for n in range(3):
                    zone.no_service(f"s{n}", ns="c")
    text = "".join(pieces)
    assert text == json.dumps(json.loads(text), indent="\t")
    assert '"z"' in text
