"""Why there is, or is not, something at `<...>.svc`. Pure.

The order of the reasons is that of `kubedns.content`: the first thing that is wrong is named, and
what there is instead.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import islice

from dnscore.wire import names
from kubedns.changes import key_name
from kubedns.content import Content
from kubedns.endpoint_names import address_text, dashed_address
from kubedns.explain.explanation import LISTED_MAX, Detail, Finding, ObjectRef, listed
from kubedns.explain.typed import shown_addresses, typed
from kubedns.rows import PortRow, ServiceRow
from kubedns.services import ServiceNode, slice_endpoints, slice_has
from kubedns.treecache import TreeCache

NAMESPACES_SEARCHED = 128
"""Namespaces that are searched for a Service of the same name: the DNS loop waits meanwhile."""


def of_services(
    tree: TreeCache, name: bytes, labels: Sequence[bytes], content: Content, qtype: int
) -> Finding:
    """The finding for a name whose last label below the zone is `svc`; aliases are not for us."""
    if len(labels) == 1:
        found = Finding("only-names-below", "The names of Services are below this one.")
        return typed(found, content, qtype)
    if len(labels) == 2:
        found = _namespace(tree, name, _text(labels[0]))
        return typed(found, content, qtype) if content.exists else found
    node = tree.service(labels[-2], labels[-3])
    if not content.exists:
        return _absent(tree, node, labels)
    assert node is not None and node.row is not None  # or there would be no content
    found = _present(tree, node, node.row, labels[:-3], content)
    return found if found.cause == "external-name-bad" else typed(found, content, qtype)


def _namespace(tree: TreeCache, name: bytes, namespace: str) -> Finding:
    if not tree.has_namespace(namespace.encode("latin-1")):
        return _no_namespace(tree, namespace, name)
    return Finding(
        "only-names-below",
        f"Namespace {namespace} is there; the names of its Services are below this one.",
        ObjectRef("Namespace", "", namespace),
        owner=name,
    )


def _no_namespace(tree: TreeCache, namespace: str, owner: bytes, service: str = "") -> Finding:
    sentence = f"There is no Namespace {namespace}."
    swapped = service and tree.service(service.encode("latin-1"), namespace.encode("latin-1"))
    if swapped:
        sentence += f" Service {service}/{namespace} is there: are the two labels swapped?"
    return Finding("no-such-namespace", sentence, owner=owner)


def _absent(tree: TreeCache, node: ServiceNode | None, labels: Sequence[bytes]) -> Finding:
    """Why there is nothing at a name."""
    namespace, service = _text(labels[-2]), _text(labels[-3])
    front = [_text(label) for label in labels[:-3]]
    owner = names.from_labels(list(labels[-3:]))[:-1] + tree.zone.domain
    if not tree.has_namespace(labels[-2]):
        return _no_namespace(tree, namespace, owner, service)
    if node is None or node.row is None:
        return _no_service(tree, namespace, service, owner)
    who = ObjectRef("Service", node.row.namespace, node.row.name)
    if node.row.external_name:
        sentence = f"{who} is an ExternalName: it has no names below its own."
        return Finding("below-external-name", sentence, who, owner=owner)
    if not node.has_addresses():
        return _no_endpoints(node, who, owner)
    if front[-1].startswith("_"):
        return _no_port(node, who, front, owner)
    if len(front) > 1:
        return _too_deep(node, who, front, owner)
    return _no_endpoint(node, who, front[0], owner)


def _no_service(tree: TreeCache, namespace: str, service: str, owner: bytes) -> Finding:
    if service.startswith("_"):
        sentence = f"The name of a Service is missing between {service} and {namespace}."
        return Finding("service-missing", sentence, owner=owner)
    here = [
        _text(node.key.rpartition(b"\x00")[2])
        for node in islice(tree.services_in(namespace.encode("latin-1")), LISTED_MAX)
    ]
    there = [
        _text(space)
        for space in islice(tree.namespaces_with_services(), NAMESPACES_SEARCHED)
        if tree.service(space, service.encode("latin-1")) is not None
    ]
    sentence = f"Namespace {namespace} has no Service {service}."
    if there:
        sentence += f" There is one of that name in {', '.join(listed(there))}."
    details = {"services_in_namespace": tuple(here), "same_name_in": listed(there)}
    return Finding("no-such-service", sentence, details=details, owner=owner)


def _no_endpoints(node: ServiceNode, who: ObjectRef, owner: bytes) -> Finding:
    if not node.is_headless:
        return Finding("no-cluster-address", f"{who} has no cluster address.", who, owner=owner)
    if not node.slices:
        sentence = (
            f"Headless {who} has no EndpointSlice: no pod fits its selector, or it has no "
            "selector and nobody keeps a slice for it."
        )
        return Finding("no-endpoint-slices", sentence, who, owner=owner)
    sentence = f"Headless {who} is there, and none of its endpoints is ready."
    details = {"slices": listed([part.name for part in node.slices])}
    return Finding("no-ready-endpoints", sentence, who, details, owner)


def _no_port(node: ServiceNode, who: ObjectRef, front: list[str], owner: bytes) -> Finding:
    """Why there is nothing at `_<port>._<protocol>` in front of a Service's name."""
    ports, protocol = _ports(node), front[-1][1:]
    shown = listed(sorted({_port_text(port) for port in ports}))
    details = {"ports": shown}
    having = f"it has {', '.join(shown)}" if shown else "it has no port"
    named = [port for port in ports if port.name]
    if len(front) > 3 or (len(front) > 1 and not front[-2].startswith("_")):
        sentence = "In front of a Service's name a port is written _<port>._<protocol>."
        return Finding("port-malformed", sentence, who, details, owner)
    if not named:
        sentence = f"No port of {who} has a name, so none has an SRV record of its own."
        return Finding("unnamed-ports", sentence, who, details, owner)
    if len(front) == 1:
        sentence = f"{who} has no named port of protocol {protocol}; {having}."
        return Finding("wrong-protocol", sentence, who, details, owner)
    port = front[-2][1:]
    others = sorted({one.protocol for one in named if one.name == port})
    if not others:
        sentence = f"{who} has no port named {port}; {having}."
        return Finding("no-such-port", sentence, who, details, owner)
    if protocol not in others:
        sentence = f"Port {port} of {who} is {' and '.join(others)}, not {protocol}."
        return Finding("wrong-protocol", sentence, who, details, owner)
    sentence = f"No endpoint of {who} on port {port}/{protocol} goes by {front[0]}."
    return Finding("no-such-endpoint", sentence, who, details, owner)


def _too_deep(node: ServiceNode, who: ObjectRef, front: list[str], owner: bytes) -> Finding:
    port, protocol = front[-2:]
    if any((one.name, one.protocol) == (port, protocol) for one in _ports(node)):
        sentence = f"A port's labels begin with underscores: _{port}._{protocol}."
        return Finding("port-without-underscores", sentence, who, owner=owner)
    sentence = f"{who} has no names so far below its own."
    return Finding("too-deep", sentence, who, owner=owner)


def _no_endpoint(node: ServiceNode, who: ObjectRef, label: str, owner: bytes) -> Finding:
    if not node.is_headless:
        sentence = f"{who} has a cluster address: its endpoints have no names."
        return Finding("endpoint-of-cluster-ip", sentence, who, owner=owner)
    hostnames = sorted({host for part in node.slices for host in part.hostnames if host})
    details = {"hostnames": listed(hostnames)}
    address = dashed_address(label.encode("latin-1"))
    if address is not None:
        sentence = f"{address_text(address)} is no ready endpoint of {who}."
        return Finding("address-not-ready", sentence, who, details, owner)
    named = f"some are named {', '.join(listed(hostnames))}" if hostnames else "none has one"
    sentence = f"No ready endpoint of {who} has the hostname {label}; {named}."
    return Finding("no-such-endpoint", sentence, who, details, owner)


def _present(
    tree: TreeCache,
    node: ServiceNode,
    row: ServiceRow,
    front: Sequence[bytes],
    content: Content,
) -> Finding:
    """What it is that there is."""
    who = ObjectRef("Service", row.namespace, row.name)
    owner = key_name(node.key, tree.zone)
    if row.external_name and content.alias is None:
        sentence = f"The externalName of {who} is no name: {row.external_name!r}."
        return Finding("external-name-bad", sentence, who, owner=owner)
    shown = shown_addresses(content.addresses)
    details: dict[str, Detail]
    if not front:
        details = {"addresses": shown, "slices": listed([part.name for part in node.slices])}
        if row.headless:
            sentence = f"Headless {who} has ready endpoints: {', '.join(shown)}."
            return Finding("headless", sentence, who, details, owner)
        plural = "es" if len(shown) > 1 else ""
        sentence = f"{who} has the cluster address{plural} {', '.join(shown)}."
        return Finding("cluster-ip", sentence, who, details, owner)
    texts = [_text(label) for label in front]
    if not texts[-1].startswith("_"):
        return _endpoint(node, who, texts[0], content, owner)
    if len(texts) == 1:
        sentence = f"Named ports of {who} are below this name."
        return Finding("only-names-below", sentence, who, owner=owner)
    port = f"{texts[-2][1:]}/{texts[-1][1:]}"
    details = {"port": port}
    sentence = f"{who} has the port {port}."
    if len(texts) == 3:
        sentence = f"{texts[0]} is an endpoint of {who} on port {port}."
    return Finding("port", sentence, who, details, owner)


def _endpoint(
    node: ServiceNode, who: ObjectRef, label: str, content: Content, owner: bytes
) -> Finding:
    address = content.addresses[0]
    holder, by = who, "its address"
    for part in node.slices:
        if slice_has(part, address):
            name, slash, _ = part.name.partition("/")
            holder = ObjectRef("Endpoints" if slash else "EndpointSlice", part.namespace, name)
            for endpoint in slice_endpoints(part) if part.hostnames or part.pods else ():
                if label in (endpoint.hostname, endpoint.pod):
                    by = "its hostname" if label == endpoint.hostname else "its pod"
            break
    shown = shown_addresses(content.addresses)
    sentence = f"{', '.join(shown)} of {who} goes by {label}, {by}."
    return Finding("endpoint", sentence, holder, {"addresses": shown}, owner)


def _ports(node: ServiceNode) -> list[PortRow]:
    if node.row is not None and not node.row.headless:
        return list(node.row.ports)
    return [port for part in node.slices if part.addresses for port in part.ports]


def _port_text(port: PortRow) -> str:
    return f"{port.name or '(unnamed)'}/{port.protocol} {port.port}"


def _text(label: bytes) -> str:
    return label.decode("latin-1")
