"""Who gave an answer, and the one reason for it. Pure: facts of both pages in, words out."""

from __future__ import annotations

from typing import Any

Json = dict[str, Any]

FRONT_CACHE, FRONT, KUBEDNS, UPSTREAM = "front cache", "front", "kubedns", "upstream"
UNKNOWN = "front"
NOBODY = "nobody"

_ASKED = frozenset(("cluster", "domain", "default", "servers-missing"))
"""Causes of the front by which another server is asked."""
_UNREACHED = ("22 ", "23 ")
"""RFC 8914: No Reachable Authority, Network Error."""


def is_for_kubedns(front: Json | None, name: str, zone: str) -> bool:
    """Whether the cluster's own server decides about a name, so that its reason is the reason."""
    route = front and front.get("route")
    if route:
        return bool(route["is_cluster"])
    below = f".{zone.removesuffix('.')}."
    return f".{name}".endswith(below) or name.endswith((".in-addr.arpa.", ".ip6.arpa."))


def who_answered(answer: Json, before: Json | None, after: Json | None) -> tuple[str, list[str]]:
    """Who gave the answer that came between two looks at the front, and by which servers.

    The servers are those that were asked a question meanwhile: under load, perhaps another one.
    """
    if "error" in answer:
        return NOBODY, []
    if answer.get("stale"):
        return FRONT_CACHE, []
    if any(error.startswith(_UNREACHED) for error in answer.get("errors", ())):
        return FRONT, []
    if before is None:
        return UNKNOWN, []
    if before["cause"].startswith("cached") and before["cause"] != "cached-untrusted":
        return FRONT_CACHE, []
    route = before.get("route")
    asked = before["cause"] in _ASKED or before["cause"] == "cached-untrusted"
    if not asked or not route:
        return FRONT, []
    who = KUBEDNS if route["is_cluster"] else UPSTREAM
    return who, _asked_meanwhile(route, (after or {}).get("route") or {})


def _asked_meanwhile(before: Json, after: Json) -> list[str]:
    sent = {server["address"]: server["sent"] for server in before["servers"]}
    grown = [
        server["address"]
        for server in after.get("servers", [])
        if server["sent"] > sent.get(server["address"], 0)
    ]
    return grown or list(sent)


def reasons(front: Json | None, kubedns: Json | None, answer: Json) -> tuple[str, list[str]]:
    """The cause of an answer, and sentences for it."""
    said: list[str] = []
    cause = ""
    if front is not None:
        cause = front["cause"]
        if kubedns is None or cause != "cluster":
            said.append(front["sentence"])
    if kubedns is not None:
        if not cause or cause in ("cluster", "cached", "cached-negative", "cached-untrusted"):
            cause = kubedns["cause"]
        said.append(kubedns["sentence"])
        if _differs(kubedns, answer):
            cause = "cache-differs" if front and front.get("cache") else "answers-differ"
            said.append(f"kubedns itself would say {kubedns['outcome']} now.")
    if answer.get("error"):
        said.append(answer["error"])
    if answer.get("stale"):
        said.append("The front says that this answer is stale.")
    if answer.get("errors") and not answer.get("stale"):
        said.append(f"The front says (RFC 8914): {', '.join(answer['errors'])}.")
    if answer.get("truncated"):
        said.append("The answer is longer than a datagram: clients ask again over TCP.")
    return cause or "unknown", said


def _differs(kubedns: Json, answer: Json) -> bool:
    if kubedns["outcome"] == "FORWARDED" or "error" in answer:
        return False
    return bool(kubedns["outcome"] != answer["outcome"])
