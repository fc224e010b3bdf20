"""Whatever happens on the way, the rows delivered add up to the objects that exist."""

from __future__ import annotations

from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from kubedns.k8s.errors import Gone, ServerBusy, TooManyRequests, Unreachable
from kubedns.k8s.ndjson import LineSplitter
from kubedns.k8s.reflector import List, Sleep
from tests.kubedns_k8s.support import Driven, bookmark, error_event, event, list_body, row, service

NAMES = ["a", "b", "c", "d"]

edits = st.lists(
    st.tuples(st.sampled_from(NAMES), st.one_of(st.none(), st.integers(1, 5))), max_size=6
)
failures = st.sampled_from(
    [Unreachable("reset"), ServerBusy("503"), TooManyRequests("429", retry_after_s=2), Gone("410")]
)


class Cluster:
    """Objects with versions, and the history of events since the last compaction."""

    def __init__(self) -> None:
        self.version = 10
        self.objects: dict[str, dict[str, Any]] = {}
        self.history: list[tuple[int, bytes]] = []
        self.compacted = 0
        self.snapshots: dict[int, list[dict[str, Any]]] = {}
        """What a paged list goes on with, by the version of its first page."""

    def edit(self, name: str, last_octet: int | None) -> None:
        if last_octet is None and name not in self.objects:
            return
        self.version += 1
        new = service(name, self.version, ip=f"10.0.0.{last_octet or 9}")
        kind = "DELETED"
        if last_octet is None:
            del self.objects[name]
        else:
            kind = "MODIFIED" if name in self.objects else "ADDED"
            self.objects[name] = new
        self.history.append((self.version, event(kind, new)))

    def compact(self) -> None:
        self.compacted = self.version

    def lines_after(self, version: int) -> list[bytes]:
        if version < self.compacted:
            return [error_event(410, "Expired")]
        return [line for at, line in self.history if at > version]


def perform(driven: Driven, cluster: Cluster, data: st.DataObject) -> None:
    """One action of the reflector, answered well or badly."""
    action = driven.reflector.next_action(driven.now)
    if isinstance(action, Sleep):
        driven.now += action.seconds
    elif data.draw(st.integers(0, 4)) == 0:
        driven.failed(data.draw(failures))
    elif isinstance(action, List):
        list_page(driven, cluster, action, data)
    else:
        watch(driven, cluster, int(action.resource_version), data)


def list_page(driven: Driven, cluster: Cluster, action: List, data: st.DataObject) -> None:
    """A paged list is a snapshot: the objects and the version at the time of the first page."""
    if action.continue_:
        version, _, start = action.continue_.partition("/")
        items = cluster.snapshots[int(version)]
        first = int(start)
        if int(version) < cluster.compacted:
            driven.failed(Gone("410: continue expired"))
            return
    else:
        version, first = str(cluster.version), 0
        cluster.snapshots[cluster.version] = items = list(cluster.objects.values())
    size = data.draw(st.integers(1, 3))
    more = f"{version}/{first + size}" if first + size < len(items) else ""
    body = list_body(*items[first : first + size], rv=version, continue_=more)
    driven.reflector.page(body, driven.now)
    driven.take()


def watch(driven: Driven, cluster: Cluster, version: int, data: st.DataObject) -> None:
    driven.reflector.watch_opened(driven.now)
    lines = cluster.lines_after(version)
    repeat: bool = data.draw(st.booleans())
    if lines and repeat:
        again: int = data.draw(st.integers(1, len(lines)))
        lines[again:] = lines  # sent again from the start
    if data.draw(st.booleans()) and version >= cluster.compacted:
        lines.append(bookmark(cluster.version))
    body = b"".join(line + b"\n" for line in lines)
    cut = data.draw(st.integers(0, len(body)))
    splitter = LineSplitter()
    driven.sent(*splitter.feed(body[:cut]))
    if cut < len(body) and data.draw(st.booleans()):
        driven.failed(Unreachable("cut"), after_s=data.draw(st.sampled_from([0.1, 5.0, 100.0])))
        return
    driven.sent(*splitter.feed(body[cut:]))
    driven.ended(after_s=data.draw(st.sampled_from([0.1, 5.0, 300.0])))


def settle(driven: Driven, cluster: Cluster) -> None:
    """From now on everything works."""
    for _ in range(20):
        action = driven.reflector.next_action(driven.now)
        if isinstance(action, Sleep):
            driven.now += action.seconds
        elif isinstance(action, List):
            if action.continue_:
                driven.failed(Gone("410"))
            else:
                driven.listed(*cluster.objects.values(), rv=cluster.version)
        else:
            driven.reflector.watch_opened(driven.now)
            driven.sent(*cluster.lines_after(int(action.resource_version)))
            if driven.reflector.watching:
                driven.ended(after_s=300)
                return
    raise AssertionError("the reflector never got to a watch")


@settings(max_examples=300, deadline=None)
@given(st.integers(0, 1000), st.data())
def test_rows_equal_the_final_objects(seed: int, data: st.DataObject) -> None:
    driven, cluster = Driven(seed=seed), Cluster()
    for _ in range(data.draw(st.integers(1, 12))):
        for name, octet in data.draw(edits):
            cluster.edit(name, octet)
        if data.draw(st.integers(0, 3)) == 0:
            cluster.compact()
        perform(driven, cluster, data)
    settle(driven, cluster)
    assert driven.rows == {
        ("ns", name): row(name, ip=item["spec"]["clusterIP"])
        for name, item in cluster.objects.items()
    }
    assert driven.bad == []
    assert driven.reflector.objects == len(driven.rows)
