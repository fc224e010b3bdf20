"""The cause of an answer, found in the tree that gives it. Pure.

The outcome is what `lookup` says; only the reason is worked out here, along the same aliases.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

from dnscore.wire import names
from dnscore.wire.const import ANY, AXFR, CNAME, IXFR, NOERROR, SRV
from dnscore.wire.const import NXDOMAIN as NXDOMAIN_CODE
from kubedns.answer import Answer
from kubedns.content import Content, content_at
from kubedns.explain.explanation import (
    ANSWER,
    FORWARDED,
    NODATA,
    NXDOMAIN,
    REFUSED,
    SERVFAIL,
    Explanation,
    Finding,
    ObjectRef,
)
from kubedns.explain.others import (
    of_address,
    of_elsewhere,
    of_federation,
    of_pods,
    of_wildcard,
    of_zone,
)
from kubedns.explain.services import of_services
from kubedns.lookup import CHAIN_MAX, lookup
from kubedns.reverse import reverse_address
from kubedns.services import SERVICE_BRANCH
from kubedns.treecache import TreeCache
from kubedns.wildcard_names import WILDCARD
from kubedns.wildcards import wildcard_content

ServersFor = Callable[[bytes], Sequence[object]]
"""The servers that are asked for a folded name outside the zone."""


def explain(
    tree: TreeCache,
    name: bytes,
    qtype: int,
    *,
    servers_for: ServersFor,
    missing: Callable[[], Sequence[str]] = list,
) -> Explanation:
    """Why a folded name of class IN is answered as it is.

    `missing` tells the resources without a first list, for a tree that is not synced.
    """
    labels = tree.zone.relative(name)
    address = reverse_address(name) if labels is None else None
    if not tree.synced and (labels is not None or address is not None):
        return Explanation(SERVFAIL, _not_synced(tuple(missing())))
    answer = lookup(tree, name, qtype)
    if labels is not None:
        return _in_zone(tree, name, labels, qtype, answer, servers_for)
    if answer is None or address is None:
        servers = tuple(str(server) for server in servers_for(name))
        found = of_elsewhere(tree, name, address, servers)
        return Explanation(SERVFAIL if found.cause == "no-upstream" else FORWARDED, found)
    found = of_address(tree, tree.owners(address), address, qtype)
    return _said(answer, qtype, found)


def _not_synced(missing: tuple[str, ...]) -> Finding:
    waited = ", ".join(missing) or "the Kubernetes API"
    sentence = f"Still waiting for the first list of {waited}: what is there is not known yet."
    return Finding("not-synced", sentence, details={"missing": missing})


def _in_zone(
    tree: TreeCache,
    name: bytes,
    labels: list[bytes],
    qtype: int,
    answer: Answer | None,
    servers_for: ServersFor,
) -> Explanation:
    assert answer is not None  # Every name of the zone has one.
    if qtype in (AXFR, IXFR):
        found = Finding("no-transfers", "The zone is not transferred to anyone.")
        return _said(answer, qtype, found)
    aliases: list[str] = []
    said: list[str] = []
    seen = {name}
    while True:
        content = _content(tree, name, labels, first=not aliases)
        found = _finding(tree, name, labels, content, qtype)
        target = content.alias.lower() if content.alias is not None else None
        if target is None:
            break
        said.append(found.sentence)
        aliases.append(names.to_text(target))
        inside = tree.zone.relative(target)
        if qtype in (CNAME, ANY, SRV) or inside is None:
            if qtype not in (CNAME, ANY, SRV):
                found = _leaving(found, [str(server) for server in servers_for(target)])
            said.pop()
            break
        if target in seen or len(aliases) == CHAIN_MAX:
            sentence = "The aliases go round in a circle, or are too many."
            found = Finding("alias-loop", sentence, found.object, owner=found.owner)
            break
        seen.add(target)
        name, labels = target, inside
    if said:
        found = replace(found, sentence=" ".join((*said, found.sentence)))
    return _said(answer, qtype, found, tuple(aliases))


def _said(answer: Answer, qtype: int, found: Finding, aliases: tuple[str, ...] = ()) -> Explanation:
    outcome = _outcome(answer)
    if qtype == ANY and outcome == ANSWER and not aliases:
        sentence = f"{found.sentence} ANY is answered with one record that tells none of this."
        found = replace(found, cause="minimal-any", sentence=sentence)  # RFC 8482 4.2
    return Explanation(outcome, found, aliases)


def _leaving(found: Finding, servers: list[str]) -> Finding:
    """An alias that leads out of the zone."""
    asked = f"What that has is asked of {', '.join(servers)}."
    if not servers:
        asked = "There are no other servers to ask for that."
    return replace(found, sentence=f"{found.sentence} {asked}")


def _content(tree: TreeCache, name: bytes, labels: list[bytes], *, first: bool) -> Content:
    if first and WILDCARD in labels:
        return wildcard_content(tree, labels)
    return content_at(tree, name, labels)


def _finding(
    tree: TreeCache, name: bytes, labels: list[bytes], content: Content, qtype: int
) -> Finding:
    """The reason for what one name has."""
    target = names.to_text(content.alias) if content.alias is not None else ""
    if _is_federated(tree, labels, content):
        return of_federation(tree, labels, content, target)
    if WILDCARD in labels and content.alias is None:
        return of_wildcard(tree, labels, content, qtype)
    if target:
        who = None
        node = tree.service(labels[-2], labels[-3]) if len(labels) > 2 else None
        if node is not None and node.row is not None:
            who = ObjectRef("Service", node.row.namespace, node.row.name)
        sentence = f"{who or 'The first such Service'} is an alias (ExternalName) of {target}"
        return Finding("external-name", sentence, who, owner=name)
    if labels and labels[-1] == SERVICE_BRANCH:
        return of_services(tree, name, labels, content, qtype)
    if labels and labels[-1] == b"pod":
        return of_pods(tree, name, labels, content, qtype)
    return of_zone(tree, name, labels, content, qtype)


def _is_federated(tree: TreeCache, labels: list[bytes], content: Content) -> bool:
    """As `content` decides it: only where no Service of this cluster has the name."""
    if len(labels) != 4 or labels[3] != SERVICE_BRANCH or labels[2] not in tree.federations:
        return False
    return content.ttl_s is not None or not content.exists


def _outcome(answer: Answer) -> str:
    if answer.rcode == NXDOMAIN_CODE:
        return NXDOMAIN
    if answer.rcode != NOERROR:
        return REFUSED
    if answer.chase is not None:
        return FORWARDED
    return ANSWER if answer.answers and not answer.authorities else NODATA
