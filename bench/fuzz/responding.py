"""Fuzzed API responses through reflectors into a tree, the way a watch thread takes them.

After every episode the server is well again and says what there is: then the tree must be what a
fresh start would make of the same objects.
"""

from __future__ import annotations

from copy import deepcopy
from random import Random
from typing import Any

from bench.fuzz.answering import Found
from bench.fuzz.served import Served, kinds
from bench.fuzz.zone import Json, event_line, initial_events, list_body, objects
from kubedns.k8s.actions import List, Sleep
from kubedns.k8s.errors import ApiError, Unreachable, error_of_status
from kubedns.k8s.ndjson import LineSplitter
from kubedns.k8s.reflector import Reflector
from kubedns.pod_names import VERIFIED

_EPISODE = 40
"""Responses between two looks at the tree."""
_VALUES: tuple[Any, ...] = (
    None, True, -1, 0, 1, 65536, 2**63, 2**70, 1e308, "", "x", "10.0.0.1", "::", "a" * 300,
    "\ud800", "\x00", "None", [], {}, [None], {"": None}, [[]], {"items": [{}]}, "UDP", "IPv6",
)  # fmt: skip
_SNIPPETS = (
    b"null", b"[]", b"{}", b'"x"', b"-1", b"1e400", b"\xff", b'"\\ud800"', b"", b"[" * 3000, b"\n",
    b"\r\n", b"\0", b'{"type":', b"NaN", b"}}}}", b'"', b"\xef\xbb\xbf",
)  # fmt: skip
_CODES = (400, 401, 403, 404, 410, 422, 429, 500, 502, 503, 504, 299, 999)


class Responding:
    """A bad API server, and a daemon's watch side that must outlive it."""

    def __init__(self, seed: int) -> None:
        self._random = Random(seed)
        self.found = Found()
        self.served = Served(self._random, pod_names=VERIFIED)
        self.served.fill()
        self._reflectors = {
            resource: Reflector(kind, rng=Random(seed), watch_lists=seed % 2 == number % 2)
            for number, (resource, kind) in enumerate(kinds().items())
        }
        self._good = self.served.tree.dump()
        self._now = 0.0
        self._version = 100

    def run(self, count: int) -> None:
        """Give so many responses."""
        resources = tuple(self._reflectors)
        for number in range(1, count + 1):
            resource = self._random.choice(resources)
            try:
                self._respond(resource, self._reflectors[resource])
            except Exception as error:
                self.found.bad(f"{error!r} escaped (response {number} for {resource})")
            if number % _EPISODE == 0 or number == count:
                self._recover()

    def _respond(self, resource: str, reflector: Reflector) -> None:
        """One response to what the reflector asks for."""
        random, found = self._random, self.found.answered
        while isinstance(action := reflector.next_action(self._now), Sleep):
            if not 0 < action.seconds < 1000:
                self.found.bad(f"a wait of {action.seconds} s")
                return
            self._now += action.seconds
        self._now += random.choice((0.0, 0.001, 2.0, 100.0))
        if random.random() < 0.15:
            found["error"] += 1
            reflector.failed(self._error(), self._now)
        elif isinstance(action, List):
            found["list"] += 1
            reflector.page(self._list(resource), self._now)
        else:
            found["watch"] += 1
            reflector.watch_opened(self._now)
            self._stream(resource, reflector, initial=action.initial_events)
        self.served.take(reflector)

    def _stream(self, resource: str, reflector: Reflector, *, initial: bool) -> None:
        """Lines of a watch, cut anywhere, then its end."""
        random, splitter = self._random, LineSplitter(max_line=1 << 16)
        lines = [self._line(resource) for _ in range(random.randint(0, 6))]
        if initial and random.random() < 0.8:
            items = [self._item(resource) for _ in range(random.randint(0, 4))]
            lines = initial_events(items, version=self._version) + lines
        data = self._damaged(b"".join(lines))
        while data and reflector.watching:
            size = random.choice((1, 7, 100, 4096))
            try:
                whole = splitter.feed(data[:size])
            except ApiError as error:  # The driver of a reflector hands it on.
                reflector.failed(error, self._now)
                return
            data = data[size:]
            reflector.lines(whole, self._now)
            self.served.take(reflector)
        if reflector.watching:
            if random.random() < 0.5:
                reflector.watch_ended(self._now)
            else:
                reflector.failed(Unreachable("cut"), self._now)

    def _list(self, resource: str) -> bytes:
        random = self._random
        items = [self._item(resource) for _ in range(random.randint(0, 4))]
        continue_ = "more" if random.random() < 0.3 else ""
        self._version += 1
        return self._damaged(list_body(items, version=self._version, continue_=continue_))

    def _line(self, resource: str) -> bytes:
        random = self._random
        event = random.choice(("ADDED", "MODIFIED", "DELETED", "BOOKMARK", "ERROR", "ODD"))
        if event == "ERROR":
            code = random.choice(_CODES)
            return event_line(event, {"kind": "Status", "code": code, "message": "no"})
        return event_line(event, self._item(resource))

    def _item(self, resource: str) -> Json:
        """A good object, or one with a value replaced."""
        item: Json = self._random.choice(objects()[resource])
        self._version += 1
        item["metadata"]["resourceVersion"] = str(self._version)
        for _ in range(self._random.choice((0, 0, 1, 3))):
            self._replace(item)
        return item

    def _replace(self, value: Any) -> None:
        """Put an odd value somewhere into an object or a list."""
        random = self._random
        while True:
            keys = list(value) if isinstance(value, dict) else list(range(len(value)))
            if not keys:
                return
            key = random.choice(keys)
            inner = value[key]
            if not isinstance(inner, dict | list) or not inner or random.random() < 0.15:
                value[key] = deepcopy(random.choice(_VALUES))
                return
            value = inner

    def _damaged(self, data: bytes) -> bytes:
        """Bytes that are no longer what was meant, in half of the cases."""
        random = self._random
        for _ in range(random.choice((0, 0, 0, 1, 1, 3))):
            at = random.randint(0, len(data))
            to = min(len(data), at + random.choice((0, 1, 10, 200)))
            data = data[:at] + random.choice(_SNIPPETS) + data[to:]
        return data[: random.randint(0, len(data))] if random.random() < 0.1 else data

    def _error(self) -> ApiError:
        random = self._random
        if random.random() < 0.4:
            return Unreachable("no route")
        after = random.choice((None, 0.0, 1.0, -5.0, 1e9, float("nan"), float("inf")))
        return error_of_status(random.choice(_CODES), "said no", retry_after_s=after)

    def _recover(self) -> None:
        """A well server: list everything, and compare."""
        for resource, reflector in self._reflectors.items():
            try:
                self._list_well(resource, reflector)
            except Exception as error:
                self.found.bad(f"{error!r} escaped in a good list of {resource}")
        if self.served.tree.dump() != self._good:
            self.found.bad(f"the tree is not that of the good lists (version {self._version})")
        if self.served.failures:
            self.found.bad(f"{self.served.failures.pop()!r} inside")

    def _list_well(self, resource: str, reflector: Reflector) -> None:
        items = objects()[resource]
        for item in items:
            self._version += 1
            item["metadata"]["resourceVersion"] = str(self._version)
        reflector.restart(Unreachable("a new start"), self._now)
        for _ in range(4):
            action = reflector.next_action(self._now)
            if isinstance(action, Sleep):
                self._now += action.seconds
            elif isinstance(action, List):
                reflector.page(list_body(items, version=self._version), self._now)
                self.served.take(reflector)
                return
            elif action.initial_events:
                reflector.watch_opened(self._now)
                reflector.lines(initial_events(items, version=self._version), self._now)
                self.served.take(reflector)
                return
        self.found.bad(f"{resource}: no list is asked for")
