"""The HTTP pages of kubedns: probes for people and kubelets, the record tree, metrics.

Served by threads of `dnscore.httpd`; what only the DNS loop may touch is asked of it, so that
no page ever holds up a query.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

from dnscore.ask_loop import ask_loop
from dnscore.httpd import JSON, Reply, Route, text_reply
from dnscore.loop import Loop
from kubedns.dump import cache_text
from kubedns.status import Facts, Verdict, liveness, readiness, verbose_lines
from kubedns.treecache import TreeCache

PIECE_S = 0.002
"""For how long the DNS loop writes at a time on a page about its tree."""


def status_routes(facts: Callable[[], Facts]) -> dict[str, Route]:
    """/readiness as kube-dns has it, and the probes of newer components; `?verbose` explains.

    `facts` is called in the server's threads.
    """

    def ready(query: str) -> Reply:
        now = facts()
        return _verdict_reply(readiness(now), verbose_lines(now) if query == "verbose" else ())

    def live(_query: str) -> Reply:
        return _verdict_reply(liveness(facts()), ())

    return {"/readiness": ready, "/readyz": ready, "/livez": live, "/healthz": live}


def _verdict_reply(verdict: Verdict, lines: list[str] | tuple[str, ...]) -> Reply:
    status = 200 if verdict.good else 503
    text = "\n".join(lines) or ("ok" if verdict.good else verdict.reason)
    return text_reply(status, text + "\n")


def cache_route(loop: Loop, tree: TreeCache) -> Route:
    """/cache: the record tree in kube-dns's JSON, sent as the loop finds time for it."""

    def cache(_query: str) -> Reply:
        pieces = _encoded(loop, cache_text(tree))
        # The first piece is made before the status is sent, so a failure is still a 500.
        first = next(pieces)
        return Reply(200, JSON, _behind(first, pieces))

    return cache


def _behind(first: bytes, rest: Iterator[bytes]) -> Iterator[bytes]:
    yield first
    yield from rest


def _encoded(loop: Loop, text: Iterator[str]) -> Iterator[bytes]:
    """What the iterator gives, which only the loop may ask, in pieces of PIECE_S of its time."""

    def take() -> bytes:
        until = loop.now() + PIECE_S
        taken = []
        for part in text:
            taken.append(part)
            if loop.now() >= until:
                break
        return "".join(taken).encode()

    while piece := ask_loop(loop, take):
        yield piece
