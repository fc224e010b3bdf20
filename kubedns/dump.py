"""The record tree as kube-dns's /cache shows it: nodes by label, from the root down.

Every node is `{"ChildNodes": {label: node}, "Entries": {key: record}}`; tabs, sorted keys, zero and
empty fields of a record left out. Written piece by piece: with 150,000 endpoints the whole is
more than 100 MB, which must be neither in memory at once nor made in one go.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from dnscore.wire import names
from kubedns.changes import key_name
from kubedns.endpoint_names import address_text, hash_label, shown_label
from kubedns.records import SRV_PRIORITY
from kubedns.rows import PortRow
from kubedns.services import SEPARATOR, SERVICE_BRANCH, Endpoint, ServiceNode

if TYPE_CHECKING:
    from kubedns.treecache import TreeCache

_WEIGHT = 10
"""kube-dns's stored weight; what SRV records show is worked out from it per answer."""

Json = dict[str, Any]


def cache_text(tree: TreeCache) -> Iterator[str]:
    """The page, one Service a piece. The tree may change between pieces.

    A Service that comes or goes meanwhile is in the page or not; all others are.
    """
    path = [label.decode() for label in names.labels(tree.zone.domain)[::-1]]
    path.append(SERVICE_BRANCH.decode())
    indents = ["\t" * (2 * depth) for depth in range(len(path) + 2)]
    for depth, label in enumerate(path):
        yield f'{{\n{indents[depth]}\t"ChildNodes": {{\n{indents[depth + 1]}"{label}": '
    yield from _namespaces(tree, indents[len(path)])
    for depth in reversed(range(len(path))):
        yield f'\n{indents[depth]}\t}},\n{indents[depth]}\t"Entries": {{}}\n{indents[depth]}}}'


def _namespaces(tree: TreeCache, indent: str) -> Iterator[str]:
    """The `svc` node: a node for each namespace, in that a node for each Service."""
    key, namespace, count = SERVICE_BRANCH, b"", 0
    aliases: Json = {}
    yield f'{{\n{indent}\t"ChildNodes": {{'
    separator = ""
    while (node := next(tree.after(key), None)) is not None:
        key = node.key
        _, now, name = key.split(SEPARATOR)
        if now != namespace:
            if namespace:
                yield _end_of_namespace(aliases, indent, filled=count > 0)
            namespace, count, aliases = now, 0, {}
            yield f'{separator}\n{indent}\t\t"{now.decode()}": {{\n{indent}\t\t\t"ChildNodes": {{'
            separator = ","
        if node.row is not None and node.row.external_name:
            aliases[name.decode()] = _record(node.row.external_name, 0, tree)
        else:
            text = _indented(_service_node(tree, node), indent + "\t\t\t\t")
            yield f'{"," if count else ""}\n{indent}\t\t\t\t"{name.decode()}": {text}'
            count += 1
    if namespace:
        yield _end_of_namespace(aliases, indent, filled=count > 0) + f"\n{indent}\t"
    yield f'}},\n{indent}\t"Entries": {{}}\n{indent}}}'


def _end_of_namespace(aliases: Json, indent: str, *, filled: bool) -> str:
    """What follows the Services of a namespace: kube-dns has ExternalName services as entries."""
    closing = f"\n{indent}\t\t\t}}" if filled else "}"
    entries = _indented(aliases, indent + "\t\t\t")
    return f'{closing},\n{indent}\t\t\t"Entries": {entries}\n{indent}\t\t}}'


def _indented(value: Json, indent: str) -> str:
    return json.dumps(value, indent="\t").replace("\n", "\n" + indent)


def _service_node(tree: TreeCache, node: ServiceNode) -> Json:
    """Addresses as entries, named ports as nodes below the protocol."""
    endpoints = node.endpoints()
    style = tree.zone.options.endpoint_names
    labels = {
        e: shown_label(e.address, hostname=e.hostname, pod=e.pod, style=style).decode()
        for e in endpoints
    }
    entries: Json = {}
    for endpoint in endpoints:
        key = _entry_key(endpoint, labels, entries)
        entries[key] = _record(address_text(endpoint.address), 0, tree)
    own_name = names.to_text(key_name(node.key, tree.zone))
    children: Json = {}
    for protocol, port_name in sorted({(p.protocol, p.name) for p in _ports(node) if p.name}):
        records: Json = {}
        for endpoint, port in node.named_ports(port_name, protocol):
            key = _entry_key(endpoint, labels, records)
            target = f"{labels[endpoint]}.{own_name}" if node.is_headless else own_name
            records[key] = _record(target, port, tree)
        if records:
            branch = children.setdefault("_" + protocol, {"ChildNodes": {}, "Entries": {}})
            branch["ChildNodes"]["_" + port_name] = _tree_node({}, records)
    return _tree_node(children, entries)


def _tree_node(children: Json, entries: Json) -> Json:
    return {"ChildNodes": children, "Entries": dict(sorted(entries.items()))}


def _ports(node: ServiceNode) -> tuple[PortRow, ...]:
    if node.row is not None and not node.row.headless:
        return node.row.ports
    return tuple(port for part in node.slices for port in part.ports)


def _entry_key(endpoint: Endpoint, labels: dict[Endpoint, str], taken: Json) -> str:
    """The endpoint's label. The second address of one label goes by its hash."""
    label = labels[endpoint]
    return label if label not in taken else hash_label(endpoint.address).decode()


def _record(host: str, port: int, tree: TreeCache) -> Json:
    numbers = {"priority": SRV_PRIORITY, "weight": _WEIGHT, "ttl": tree.zone.options.ttl_s}
    return {"host": host, **({"port": port} if port else {}), **numbers}
