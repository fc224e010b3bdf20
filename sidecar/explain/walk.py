"""The whole walk along the search list, as one value that text and page are made of."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from sidecar.explain.asked import ANSWER, NO_ANSWER, NODATA, Pages, Sources, ask_front
from sidecar.explain.attribution import is_for_kubedns, reasons, who_answered
from sidecar.explain.search_list import NDOTS, search_list, tried_names

Json = dict[str, Any]

ZONE = "cluster.local."
_BESIDE_THE_POINT = frozenset(
    ("no-such-namespace", "no-such-service", "unknown-branch", "too-deep", "service-missing")
)
"""Causes that names further on in a search list have because they were meant otherwise."""
_NEGATIVE = (NODATA, "NXDOMAIN")
_ASSUMED = (
    "dnsPolicy ClusterFirst without a dnsConfig: a pod's own is not read",
    "a resolver such as glibc's: musl's stops at the first NODATA or failure",
)


@dataclass(frozen=True, slots=True)
class Walker:
    """Explains names from the place of a pod."""

    sources: Sources
    zone: str = ""
    """The cluster's; empty: kubedns is asked."""
    search: tuple[str, ...] = ()
    """The node's search domains, which pods have behind the cluster's."""
    ndots: int = NDOTS
    ask: Callable[[Sources, str, str], Json] = ask_front
    make_pages: Callable[[Sources], Pages] = Pages

    def view(self, name: str, rdtype: str, pod: str = "") -> Json:
        """What happens when a pod (`namespace/name`, `default/` by default) asks for a name.

        Asks until a name has an answer, as the resolver does, or the front has none to give.
        """
        namespace = pod.partition("/")[0] or "default"
        pages = self.make_pages(self.sources)
        zone = self.zone or _zone_of(pages)
        search = search_list(namespace, zone, self.search)
        tries: list[Json] = []
        names = tried_names(name, search, ndots=self.ndots)
        for one in names:
            tries.append(self._try(pages, one, rdtype, zone))
            if tries[-1]["outcome"] in (ANSWER, NO_ANSWER):
                break
        return {
            "question": {"name": name, "type": rdtype, "pod": pod, "namespace": namespace},
            "search": list(search),
            "ndots": self.ndots,
            "zone": zone,
            "assumed": [*_ASSUMED, *_of_workers(tries)],
            "tries": tries,
            "verdict": _verdict(name, rdtype, tries, len(names)),
            "found": bool(tries) and tries[-1]["outcome"] == ANSWER,
            "problems": pages.problems,
        }

    def _try(self, pages: Pages, name: str, rdtype: str, zone: str) -> Json:
        # Before the question: with its answer the cache would know the name in any case.
        before = pages.front(name, rdtype)
        kubedns = pages.kubedns(name, rdtype) if is_for_kubedns(before, name, zone) else None
        answer = self.ask(self.sources, name, rdtype)
        after = pages.front(name, rdtype) if before is not None else None
        who, servers = who_answered(answer, before, after)
        cause, said = reasons(before, kubedns, answer)
        return {
            "name": name,
            "type": rdtype,
            **answer,
            "who": who,
            "servers": servers,
            "cause": cause,
            "reasons": said,
            "object": kubedns and kubedns.get("object"),
            "changed": kubedns and kubedns.get("changed"),
            "not_ready": (kubedns or {}).get("not_ready", []),
            "front": before,
            "kubedns": kubedns,
        }


def _of_workers(tries: list[Json]) -> list[str]:
    workers = max([(one["front"] or {}).get("workers", 1) for one in tries], default=1)
    if workers == 1:
        return []
    return [f"the first of the front's {workers} workers answers: each has a cache of its own"]


def _zone_of(pages: Pages) -> str:
    said = pages.kubedns("dns-version", "TXT")
    return str(said["zone"]) if said and "zone" in said else ZONE


def _verdict(name: str, rdtype: str, tries: list[Json], names: int) -> str:
    if not tries:
        return f"{name} is too long to be asked for."
    last = tries[-1]
    if last["outcome"] == ANSWER:
        place = f"name {len(tries)} of the {names} to try" if names > 1 else "the one name to try"
        return f"{name} {rdtype} is answered as {last['name']}, {place}."
    best = _most_telling(name, tries)
    agrees = best["kubedns"] and best["kubedns"]["outcome"] == best["outcome"]
    reason = best["kubedns"]["sentence"] if agrees else " ".join(best["reasons"])
    failed = best["outcome"] not in _NEGATIVE
    said = f"{name} {rdtype} fails." if failed else f"There is no {rdtype} record."
    said = f"{said} {best['name']} {best['outcome']}: {reason}".rstrip(": ")
    if best is not last and not last["kubedns"]:
        said += f" Other servers say {last['outcome']} to {last['name']}"
    return said


def _most_telling(name: str, tries: list[Json]) -> Json:
    """The try whose failure the person has to know of."""
    for one in tries:
        if one["outcome"] not in _NEGATIVE:
            return one  # The resolver, too, then speaks of a failure.
    inside = [one for one in tries if one["kubedns"]]
    telling = [one for one in inside if one["cause"] not in _BESIDE_THE_POINT]
    if telling:
        return telling[0]
    # `web` is meant in the pod's namespace, `web.shop` below svc, `web.shop.svc` below the zone.
    dots = name.count(".")
    if len(inside) > dots and (dots < 2 or name.split(".")[2] == "svc"):
        return inside[dots]
    return tries[-1]
