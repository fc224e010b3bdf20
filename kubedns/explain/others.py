"""Why there is, or is not, something at names that are not below `svc`. Pure."""

from __future__ import annotations

from collections.abc import Sequence

from dnscore.wire import names
from dnscore.wire.const import ANY, PTR
from dnscore.wire.types import type_text
from kubedns.changes import key_name
from kubedns.content import Content
from kubedns.endpoint_names import address_text
from kubedns.explain.explanation import Finding, ObjectRef, listed
from kubedns.explain.typed import shown_addresses, typed
from kubedns.pod_names import DISABLED, VERIFIED, pod_address, pod_key
from kubedns.services import SERVICE_BRANCH, ServiceNode
from kubedns.treecache import TreeCache
from kubedns.wildcard_names import WILDCARD


def of_zone(
    tree: TreeCache, name: bytes, labels: Sequence[bytes], content: Content, qtype: int
) -> Finding:
    """The finding for a name of the zone that is neither a Service's nor a pod's."""
    if not labels:
        if content.is_apex and type_text(qtype) in ("SOA", "NS", "ANY"):
            return Finding("apex", "The zone's own records: they follow from the options.")
        found = Finding("apex", "This is the zone itself.")
        return typed(found, content, qtype, has="SOA and NS records")
    if content.record is not None:
        found = Finding("schema-version", "The version of the DNS schema, for clients to see.")
        if qtype in (content.record.rtype, ANY):
            return found
        return typed(found, content, qtype, has="a TXT record")
    if labels[-1] == b"dns" and content.exists:
        return _name_server(tree, name, content, qtype)
    return _unknown_branch(tree, labels)


def _name_server(tree: TreeCache, name: bytes, content: Content, qtype: int) -> Finding:
    namespace, service = tree.zone.options.dns_service
    who = ObjectRef("Service", namespace, service)
    if not content.depends:
        found = Finding("only-names-below", "The zone's name server is below this name.")
    elif content.addresses:
        shown = ", ".join(shown_addresses(content.addresses))
        sentence = f"The zone's name server has the addresses of {who}: {shown}."
        found = Finding("name-server", sentence, who, owner=name)
    else:
        sentence = f"The zone's name server has the addresses of {who}, which has none."
        return Finding("name-server-without-address", sentence, who, owner=name)
    return typed(found, content, qtype)


def _unknown_branch(tree: TreeCache, labels: Sequence[bytes]) -> Finding:
    last = labels[-1].decode("latin-1")
    domain = names.to_text(tree.zone.domain)
    sentence = f"Below {domain} there are svc, pod, dns and dns-version, and no {last}."
    if len(labels) >= 2 and tree.service(labels[-1], labels[-2]) is not None:
        front = names.from_labels(list(labels))[:-1]
        meant = names.to_text(front + b"\x03svc" + tree.zone.domain)
        return Finding("svc-missing", f"{sentence} Was {meant} meant?")
    return Finding("unknown-branch", sentence)


def of_pods(
    tree: TreeCache, name: bytes, labels: Sequence[bytes], content: Content, qtype: int
) -> Finding:
    """The finding for a name whose last label below the zone is `pod`."""
    kind = tree.zone.options.pods
    if kind == DISABLED:
        return Finding("pods-disabled", "Names of pods are turned off: --pods=disabled.")
    if len(labels) == 1:
        found = Finding("only-names-below", "The names of pods are below this one.")
        return typed(found, content, qtype)
    namespace = labels[-2].decode("latin-1")
    if len(labels) == 2:
        if not content.exists:
            sentence = f"There is no Namespace {namespace} (--pods=verified)."
            return Finding("no-such-namespace", sentence, owner=name)
        found = Finding("only-names-below", f"The pods of {namespace} are below this name.")
        return typed(found, content, qtype)
    address = pod_address(labels)
    if len(labels) > 3:
        return Finding("pod-too-deep", "A pod has no names below its own.")
    if address is None:
        label = labels[0].decode("latin-1")
        sentence = f"A pod goes by its address with dashes, as in 10-244-1-9; {label} is none."
        return Finding("pod-not-an-address", sentence)
    found = _pod(tree, namespace, address, verified=kind == VERIFIED)
    return typed(found, content, qtype) if content.exists else found


def _pod(tree: TreeCache, namespace: str, address: bytes, *, verified: bool) -> Finding:
    text = address_text(address)
    if not verified:
        sentence = f"The name spells {text}; nobody looked for such a pod (--pods=insecure)."
        return Finding("pod-insecure", sentence)
    owner = key_name(pod_key(namespace.encode("latin-1")), tree.zone)
    pods = tree.pods.named(namespace.encode("latin-1"), address)
    if not pods:
        sentence = f"No running pod in Namespace {namespace} has {text} (--pods=verified)."
        return Finding("no-such-pod", sentence, owner=owner)
    who = ObjectRef("Pod", namespace, pods[0])
    details = {"pods": listed(list(pods))}
    return Finding("pod", f"{who} has {text}.", who, details, owner)


def of_wildcard(tree: TreeCache, labels: Sequence[bytes], content: Content, qtype: int) -> Finding:
    """The finding for a name with a `*` in it, as kube-dns has them."""
    if content.exists:
        found = Finding("wildcard", "A * stands for every Service or namespace in its place.")
        return typed(found, content, qtype)
    if labels[-1] not in (SERVICE_BRANCH, WILDCARD) or len(labels) < 3:
        return Finding("wildcard-not-here", "A * stands for nothing in this place.")
    return Finding("wildcard-nothing", "No Service with an address fits this *.")


def of_federation(
    tree: TreeCache, labels: Sequence[bytes], content: Content, target: str
) -> Finding:
    """The finding for `<service>.<namespace>.<federation>.svc`."""
    service, namespace, federation = (label.decode("latin-1") for label in labels[:3])
    who = ObjectRef("Service", namespace, service)
    if not content.exists:
        sentence = f"{service} or {namespace} is no name of a Service or a Namespace."
        return Finding("federation-bad-name", sentence)
    if content.alias is None:
        sentence = f"Federation {federation}: zone and region of this cluster's nodes are unknown."
        return Finding("federation-no-place", sentence)
    if not content.volatile:
        sentence = f"Federation {federation}: {who} has endpoints here, so it is this one."
        return Finding("federation-here", sentence, who)
    sentence = f"Federation {federation}: {who} has nothing here, so it is looked for at {target}"
    return Finding("federation-elsewhere", sentence)


def of_address(
    tree: TreeCache, owners: tuple[ServiceNode, ...], address: bytes, qtype: int
) -> Finding:
    """The finding for a reverse name that is ours."""
    text = address_text(address)
    refs = [
        ObjectRef("Service", node.row.namespace, node.row.name)
        for node in sorted(owners, key=lambda node: node.key)
        if node.row is not None
    ]
    shown = listed([str(ref) for ref in refs])
    sentence = f"{text} is an address of {', '.join(shown)}."
    owner = key_name(owners[0].key, tree.zone)
    if qtype not in (PTR, ANY):
        sentence += f" The name has PTR records, and no {type_text(qtype)} record."
        return Finding("wrong-type", sentence, refs[0] if refs else None, owner=owner)
    return Finding("pointer", sentence, refs[0] if refs else None, {"owners": shown}, owner)


def of_elsewhere(
    tree: TreeCache, name: bytes, address: bytes | None, servers: tuple[str, ...]
) -> Finding:
    """The finding for a name that is not ours; `servers` are asked for it."""
    domain = names.to_text(tree.zone.domain)
    labels = names.labels(name)
    if address is not None:
        cause, sentence = "no-pointer", f"No Service publishes {address_text(address)}."
    elif SERVICE_BRANCH in labels[1:]:
        cause = "other-zone"
        sentence = f"The name is not below {domain}, the zone of this cluster."
    else:
        cause, sentence = "outside-zone", f"The name is outside of {domain}"
        sentence = sentence.removesuffix(".") + "."
    if not servers:
        return Finding("no-upstream", f"{sentence} There are no other servers to ask.")
    sentence += f" Asked for it: {', '.join(servers)}."
    return Finding(cause, sentence, details={"servers": servers})
